//! The application's environment, switched to the target and back, on real files.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use outgrow::error::{ErrorKind, failpoint};
use outgrow::plan::{Policy, SwitchPolicy};
use outgrow::postgres::ConnectionSettings;
use outgrow::probe::Sides;
use outgrow::switch::{Applied, Change, Edits, How, Pointing, Reverted, apply, overrides, plan, revert};
use proptest::prelude::*;

use crate::fixture::{environment, in_own_runtime};

const ENV: &str = "\u{feff}# The application\r\nAPP_KEY=base64:abc # keep\r\n\r\nDB_CONNECTION=sqlite\r\nexport DB_DATABASE = '/srv/app.sqlite'\r\n\
    DB_FOREIGN_KEYS=true\r\nDB_PASSWORD=\"old one\"\r\nMAIL_FROM=\"a@b.example\nsecond line\"\r\nDB_CONNECTION=sqlite\r\nLAST=1";

const POLICY: &str = "[[switch]]\nfile = \".env\"\nset = { DB_CONNECTION = \"pgsql\" }\nremove = [\"DB_FOREIGN_KEYS\"]\n\
    secret = { APP_DB_TOKEN = \"TOKEN\" }\n\
    from-target = { DB_HOST = \"host\", DB_PORT = \"port\", DB_DATABASE = \"database\", DB_USERNAME = \"user\", DB_PASSWORD = \"password\", DATABASE_URL = \"url\" }\n";

fn target() -> ConnectionSettings {
    ConnectionSettings::resolve(Some("postgresql://app:p%20w%23%24@db.example:5433/shop"), &|_| None).unwrap()
}

fn variable(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "it's a $ecret".to_owned())
}

/// A directory with a policy's files, and where a switch is kept.
struct Place {
    directory: tempfile::TempDir,
    target: ConnectionSettings,
    switches: Vec<SwitchPolicy>,
}

impl Place {
    fn new(policy: &str, env: &str) -> Self {
        let place = Self { directory: tempfile::tempdir().unwrap(), target: target(), switches: Policy::parse(policy).unwrap().switches };
        place.write(".env", env);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// What lies in the directory.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn with<T: Send>(&self, act: impl AsyncFnOnce(&[SwitchPolicy], &Sides<'_>, &Path) -> T + Send) -> T {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let sides = Sides { target: Some(&self.target), directory: Some(self.directory.path()), ..Sides::new(&variable) };
        runtime.block_on(act(&self.switches, &sides, &self.path("keep")))
    }

    fn plan(&self) -> Vec<Change> {
        self.with(async |switches, sides, _| plan(switches, sides).await.unwrap())
    }

    fn try_apply(&self) -> outgrow::error::Result<Applied> {
        self.with(async |switches, sides, keep| apply(switches, sides, keep).await)
    }

    fn apply(&self) -> Applied {
        self.try_apply().unwrap()
    }

    fn revert(&self, edits: Edits) -> Reverted {
        self.with(async |_, _, keep| revert(keep, edits).await.unwrap())
    }
}

const SWITCHED: &str = "\u{feff}# The application\r\nAPP_KEY=base64:abc # keep\r\n\r\nDB_CONNECTION=pgsql\r\nexport DB_DATABASE = 'shop'\r\n\
    DB_PASSWORD='p w#$'\r\nMAIL_FROM=\"a@b.example\nsecond line\"\r\nDB_CONNECTION=pgsql\r\nLAST=1\r\n\
    # Set by outgrow at the move to PostgreSQL.\r\nDATABASE_URL=postgresql://app:p%20w%23%24@db.example:5433/shop\r\nDB_HOST=db.example\r\n\
    DB_PORT=5433\r\nDB_USERNAME=app\r\nAPP_DB_TOKEN=\"it's a \\$ecret\"";

#[test]
fn a_file_is_switched_and_comes_back_byte_for_byte() {
    let place = Place::new(POLICY, ENV);
    let real = place.path("shared.env");
    fs::rename(place.path(".env"), &real).unwrap();
    symlink("shared.env", place.path(".env")).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    if rustix::process::geteuid().is_root() {
        // Only root may give a file away; so it is another account's, as it is in production.
        std::os::unix::fs::chown(&real, Some(12_345), Some(12_346)).unwrap();
    }
    let before = fs::metadata(&real).unwrap();

    let planned = place.plan().remove(0);
    assert_eq!(place.read(".env"), ENV, "the plan changes nothing");
    let lines = [
        "-DB_CONNECTION=sqlite",
        "-DB_CONNECTION=sqlite",
        "+DB_CONNECTION=pgsql",
        "+DATABASE_URL=postgresql://app:…@db.example:5433/shop",
        "-DB_DATABASE=/srv/app.sqlite",
        "+DB_DATABASE=shop",
        "+DB_HOST=db.example",
        "-DB_PASSWORD=…",
        "+DB_PASSWORD=…",
        "+DB_PORT=5433",
        "+DB_USERNAME=app",
        "+APP_DB_TOKEN=…",
        "-DB_FOREIGN_KEYS=true",
    ];
    assert_eq!(planned.lines, lines);
    assert!(planned.notes.iter().any(|note| note.contains("DB_CONNECTION stands there 2 times")), "{planned:?}");

    let applied = place.apply();
    assert_eq!(applied.changes[0].lines, lines);
    assert_eq!(place.read(".env"), SWITCHED);
    assert!(fs::symlink_metadata(place.path(".env")).unwrap().is_symlink());
    let after = fs::metadata(&real).unwrap();
    assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
    for kept in fs::read_dir(place.path("keep")).unwrap() {
        assert_eq!(kept.unwrap().metadata().unwrap().mode() & 0o777, 0o600);
    }
    let shown = format!("{applied:?}{planned:?}{}", serde_json::to_string(&applied).unwrap());
    assert!(!shown.contains("p w#") && !shown.contains("ecret") && !shown.contains("old one") && !shown.contains("base64"), "{shown}");

    let again = place.apply();
    assert!(again.changes[0].is_done && again.changes[0].lines.is_empty(), "{again:?}");
    assert_eq!(place.read(".env"), SWITCHED);

    let reverted = place.revert(Edits::Keep);
    assert_eq!(reverted.restored.iter().map(|one| one.how).collect::<Vec<_>>(), [How::Exactly]);
    assert_eq!(place.read(".env"), ENV);
    assert_eq!(fs::metadata(&real).unwrap().mode(), before.mode());
    assert!(fs::symlink_metadata(place.path(".env")).unwrap().is_symlink());
    assert_eq!(place.revert(Edits::Keep), Reverted::default(), "nothing is left to take back");

    place.apply();
    assert_eq!(place.read(".env"), SWITCHED, "and there again");
    assert_eq!(place.revert(Edits::Keep).restored[0].how, How::Exactly);
    assert_eq!(place.read(".env"), ENV);
    assert_eq!(place.names(), [".env", "keep", "shared.env"], "nothing else lies there");
}

#[test]
fn an_edit_of_somebody_else_is_never_lost() {
    let edit = |place: &Place| {
        let edited = place.read(".env").replace("MAIL_FROM=", "MAIL_HOST=mx\r\nMAIL_FROM=").replace("DB_PORT=5433", "DB_PORT=6432");
        place.write(".env", &edited);
        edited
    };
    let with_edit = ENV.replace("MAIL_FROM=", "MAIL_HOST=mx\r\nMAIL_FROM=");
    let of = |reverted: Reverted, how| {
        assert_eq!(reverted.restored[0].how, how);
        fs::read_to_string(reverted.restored[0].edited.as_ref().unwrap()).unwrap()
    };

    let place = Place::new(POLICY, ENV);
    place.apply();
    let edited = edit(&place);
    assert_eq!(of(place.revert(Edits::Keep), How::KeysOnly), edited);
    // The last line has an end now: what somebody may have written behind it must not be glued to it.
    assert_eq!(place.read(".env").trim_end(), with_edit);

    let place = Place::new(POLICY, ENV);
    place.apply();
    let edited = edit(&place);
    assert_eq!(of(place.revert(Edits::SetAside), How::Exactly), edited);
    assert_eq!(place.read(".env"), ENV);

    // Switched once more over the edit: our keys are set, the edit stays, and is no content of ours on the way back.
    let place = Place::new(POLICY, ENV);
    place.apply();
    edit(&place);
    let again = place.apply();
    assert!(again.changes[0].notes.iter().any(|note| note.contains("somebody has edited the file")), "{again:?}");
    assert!(place.read(".env").contains("DB_PORT=5433") && place.read(".env").contains("MAIL_HOST=mx"));
    assert_eq!(place.revert(Edits::Keep).restored[0].how, How::KeysOnly);
    assert_eq!(place.read(".env").trim_end(), with_edit);

    // A file that somebody has taken away comes back.
    let place = Place::new(POLICY, ENV);
    place.apply();
    fs::remove_file(place.path(".env")).unwrap();
    assert_eq!(place.revert(Edits::Keep).restored[0].how, How::Exactly);
    assert_eq!(place.read(".env"), ENV);
}

#[test]
fn what_was_kept_is_checked_before_it_comes_back() {
    let place = Place::new(POLICY, ENV);
    place.apply();
    let mut kept = fs::read_dir(place.path("keep")).unwrap().map(|entry| entry.unwrap().path());
    fs::write(kept.find(|path| !path.ends_with("switch.json")).unwrap(), "something else").unwrap();
    let error = place.with(async |_, _, keep| revert(keep, Edits::Keep).await.unwrap_err());
    assert!(error.detail().contains("SHA-256"), "{error}");
    assert_eq!(place.read(".env"), SWITCHED);
}

#[test]
fn what_can_not_be_switched_is_said_and_left_alone() {
    let place = Place::new("[[switch]]\nfile = \"none.env\"\nset = { A = \"b\" }\n", ENV);
    assert!(place.try_apply().unwrap_err().to_string().contains("none.env"));
    let place = Place::new("[[switch]]\nfile = \".env\"\nsecret = { A = \"NO_SUCH\" }\n", ENV);
    let error = place.try_apply().unwrap_err();
    assert!(error.kind() == ErrorKind::Usage && error.detail().contains("NO_SUCH"), "{error}");
    assert_eq!(place.read(".env"), ENV);
}

#[test]
fn commands_switch_and_switch_back() {
    let policy = "[[switch]]\nshell = \"sh\"\nrun = 'echo \"on $PGDATABASE\" >> said'\nrevert = 'echo off >> said'\nshow = 'echo \"would be $PGDATABASE\"'\n";
    let place = Place::new(policy, ENV);
    let planned = place.plan().remove(0);
    assert_eq!(planned.shown.as_deref(), Some("would be shop\n"));
    assert!(!serde_json::to_string(&planned).unwrap().contains("would be"));
    place.apply();
    assert!(place.apply().changes[0].is_done);
    assert_eq!(place.read("said"), "on shop\n", "it is run once");
    assert_eq!(place.revert(Edits::Keep).restored[0].how, How::ByCommand);
    assert_eq!(place.revert(Edits::Keep), Reverted::default());
    assert_eq!(place.read("said"), "on shop\noff\n");

    // One that fails may have changed something: it is taken back, with what was switched before it.
    let broken = format!("{POLICY}[[switch]]\nshell = \"sh\"\nrun = 'echo on >> said; exit 3'\nrevert = 'echo off >> said'\n");
    let place = Place::new(&broken, ENV);
    let error = place.try_apply().unwrap_err();
    assert!(error.detail().contains("exit code 3"), "{error}");
    assert_eq!(place.revert(Edits::Keep).restored.iter().map(|one| one.how).collect::<Vec<_>>(), [How::ByCommand, How::Exactly]);
    assert_eq!((place.read(".env"), place.read("said")), (ENV.to_owned(), "on\noff\n".to_owned()));
}

/// Makes the switch in a process of its own, which dies at this failpoint.
fn die(place: &Place, failpoint: &str, what: &str) -> Option<i32> {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "switch::a_switch_in_a_process_of_its_own", "--nocapture"]);
    child.env("SWITCH_TEST_PLACE", place.directory.path()).env("SWITCH_TEST_POINT", failpoint).env("SWITCH_TEST_DOES", what);
    let output = child.output().unwrap();
    assert!(output.status.signal().is_some() || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.status.code()
}

#[test]
fn a_switch_in_a_process_of_its_own() {
    let Some(directory) = environment("SWITCH_TEST_PLACE").map(PathBuf::from) else {
        let place = Place::new(POLICY, ENV);
        assert_eq!(die(&place, "switch.none", "apply"), Some(0));
        assert_eq!(place.read(".env"), SWITCHED);
        return;
    };
    failpoint::arm(&environment("SWITCH_TEST_POINT").unwrap()).unwrap();
    let (target, switches, keep) = (target(), Policy::parse(POLICY).unwrap().switches, directory.join("keep"));
    let sides = Sides { target: Some(&target), directory: Some(&directory), ..Sides::new(&variable) };
    let reverts = environment("SWITCH_TEST_DOES").unwrap() == "revert";
    in_own_runtime(async {
        if reverts {
            revert(&keep, Edits::Keep).await.unwrap();
        } else {
            apply(&switches, &sides, &keep).await.unwrap();
        }
    });
}

#[test]
fn killed_at_any_point_it_is_finished_or_taken_back() {
    for point in ["switch.kept", "switch.drafted", "switch.written"] {
        let place = Place::new(POLICY, ENV);
        assert_eq!(die(&place, point, "apply"), None, "{point} was not reached");
        assert!([ENV, SWITCHED].contains(&place.read(".env").as_str()), "{point}");
        place.apply();
        assert_eq!(place.read(".env"), SWITCHED, "{point}");
        place.revert(Edits::Keep);
        assert_eq!(place.read(".env"), ENV, "{point}");

        let place = Place::new(POLICY, ENV);
        assert_eq!(die(&place, point, "apply"), None);
        place.revert(Edits::Keep);
        assert_eq!(place.read(".env"), ENV, "{point}, and taken back at once");
        assert_eq!(place.names(), [".env", "keep"], "{point}");
    }
    let place = Place::new(POLICY, ENV);
    place.apply();
    assert_eq!(die(&place, "switch.drafted", "revert"), None);
    assert_eq!((place.read(".env").as_str(), place.names().len()), (SWITCHED, 3));
    assert_eq!(place.revert(Edits::Keep).restored[0].how, How::Exactly);
    assert_eq!((place.read(".env").as_str(), place.names().len()), (ENV, 2));
    let place = Place::new(POLICY, ENV);
    place.apply();
    assert_eq!(die(&place, "switch.reverted", "revert"), None);
    assert_eq!(place.read(".env"), ENV);
    assert_eq!(place.revert(Edits::Keep).restored[0].how, How::Unchanged);
    place.apply();
    assert_eq!(place.read(".env"), SWITCHED);
    assert_eq!(die(&place, "switch.none", "revert"), Some(0));
    assert_eq!(place.read(".env"), ENV);
}

#[test]
fn what_still_leads_to_sqlite_is_found() {
    let policy = format!("{POLICY}also = [\"docker-compose.yml\", \"start.sh\"]\n");
    let place = Place::new(&policy, &format!("{ENV}\r\nQUEUE_DATABASE=/srv/queue.sqlite\r\n"));
    place.write(".env.local", "A=1\nDB_CONNECTION=sqlite\n");
    place.write(".env.example", "DB_CONNECTION=sqlite\n");
    place.write(".env.testing", "DB_CONNECTION=sqlite\n");
    place.write(
        "docker-compose.yml",
        "services:\n  app:\n    environment:\n      # DB_CONNECTION: sqlite\n      DB_CONNECTION: sqlite\n      DB_HOST: ${DB_HOST}\n",
    );
    place.write("start.sh", "#!/bin/sh\nexport ALLOW_SQLITE_FALLBACK=true\nDB_PORT=5432 ./serve\n");
    let found = place.with(async |switches, sides, _| overrides(switches, sides).unwrap());
    let found: Vec<_> = found.iter().map(|one| (one.file.to_str().unwrap(), one.line, one.key.as_str(), one.to)).collect();
    assert_eq!(
        found,
        [
            (".env", 12, "QUEUE_DATABASE", Pointing::Sqlite),
            (".env.local", 2, "DB_CONNECTION", Pointing::Sqlite),
            ("docker-compose.yml", 5, "DB_CONNECTION", Pointing::Sqlite),
            ("start.sh", 2, "ALLOW_SQLITE_FALLBACK", Pointing::Fallback),
            ("start.sh", 3, "DB_PORT", Pointing::Elsewhere),
        ]
    );
    place.write("start.sh", "exec ./serve\n");
    place.write("docker-compose.yml", "");
    fs::remove_file(place.path(".env.local")).unwrap();
    place.write(".env", ENV);
    assert_eq!(place.with(async |switches, sides, _| overrides(switches, sides).unwrap()), []);
}

/// What a shell makes of a file: each variable with its value.
fn sourced(file: &Path) -> Vec<(String, String)> {
    let names = ["A", "B", "K", "NEW", "GONE"];
    let script =
        format!(". \"$0\" >/dev/null 2>&1; for name in {}; do eval \"printf '%s\\0' \\\"\\${{$name-unset}}\\\"\"; done", names.join(" "));
    let output = Command::new("sh").arg("-c").arg(script).arg(file).env_clear().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    names.iter().map(|name| (*name).to_owned()).zip(text.split('\0').map(ToOwned::to_owned)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A shell is a loader that we did not write.
    #[test]
    fn a_shell_reads_what_was_set_and_the_rest_as_before(
        lines in proptest::collection::vec(("(export )?", "A|B|K|GONE", "[a-z0-9/]{0,5}|'[a-z $#\"]{0,6}'|\"[a-z #']{0,6}\"", "( # [a-z ']{0,5})?"), 0..6),
        open in any::<bool>(),
        value in "[ -~é]{0,10}",
        added in "[ -~]{0,8}",
    ) {
        let lines: Vec<String> =
            lines.iter().map(|(export, key, value, comment)| format!("{export}{key}={value}{comment}\n")).collect();
        let mut text = lines.concat();
        if open {
            text.pop();
        }
        let mut place = Place::new("", &text);
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let policy = format!("[[switch]]\nfile = \".env\"\nset = {{ K = {}, NEW = {} }}\nremove = [\"GONE\"]\n", quoted(&value), quoted(&added));
        place.switches = Policy::parse(&policy).unwrap().switches;
        let before = sourced(&place.path(".env"));
        place.apply();
        for ((key, now), (_, before)) in sourced(&place.path(".env")).iter().zip(&before) {
            let wanted = match key.as_str() {
                "K" => &value,
                "NEW" => &added,
                "GONE" => "unset",
                _ => before,
            };
            prop_assert_eq!(now, wanted, "{} in {:?}", key, place.read(".env"));
        }
        place.revert(Edits::Keep);
        prop_assert_eq!(place.read(".env"), text);
    }
}
