//! The second place, and what goes with age and number.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{SMALL, files, made, name, three};
use crate::program::{Ended, Program, ended, text};
use crate::schema::assert_valid;

#[test]
fn a_second_place_gets_a_copy_and_one_that_is_not_there_is_said() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    std::fs::create_dir(program.path("second")).unwrap();
    let document = made(&program, &[text(&source), "--second", "second"], 0);
    assert_eq!((&document["second"]["copied"], &document["second"]["other-disk"]), (&true.into(), &false.into()), "{document:#}");
    let remarks = document["remarks"].to_string();
    assert!(remarks.contains("on the same disk as the first") && remarks.contains("on the same disk as the database"), "{remarks}");
    let file = name(&document);
    assert_eq!(files(&program.path("second")), three(&file));
    let read = |place: &str| std::fs::read(program.path(place).join(&file)).unwrap();
    assert!(read("second") == read("backups"));
    // The copy knows that it was tested, and is a backup of its own.
    program.run(&["restore", "source", text(&program.path("second").join(&file)), "--to", "again.db", "--verify"]).expect(0);
    let listed = |code: i32| {
        let listed = program.run(&["backup", "list", "--check", "--json"]).expect(code).document();
        assert_valid("backup-list", &listed);
        listed["backups"][0]["second"]["file"].clone()
    };
    assert_eq!(listed(0), "intact");
    std::fs::write(program.path("second").join(&file), "something else").unwrap();
    assert_eq!(listed(4), "damaged");

    for missing in ["third", "backups"] {
        let document = made(&program, &[text(&source), "--second", missing], 5);
        assert_eq!(document["outcome"], "inconclusive");
        assert_eq!(document["second"]["copied"], false);
        assert_eq!(document["backup"]["test"]["verdict"], "match", "the first place has it all the same");
    }
    assert!(!program.path("third").exists(), "what may be a disk that is not mounted is not made");
    let page = program.run(&["backup", "source", text(&source), "--second", "third"]).expect(5);
    assert!(page.out.contains("there is no such directory") && page.out.contains("not copied to its second place"), "{}", page.out);
}

/// Runs a command where `backups` is a disk of so many bytes, and lists what is left on it; none where this account may mount
/// nothing.
fn run_on_small_disk(program: &Program, bytes: u64, arguments: &str) -> Option<Ended> {
    let own = program.command(&[]);
    let script = format!(
        "mount -t tmpfs -o size={bytes} none backups || exit 77; \"$0\" {arguments}; code=$?; ls -A backups | sed 's/^/left: /'; exit $code"
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c"]).arg(script).arg(own.get_program()).current_dir(program.path(""));
    let ended = command.output().ok().map(ended)?;
    let is_refused = ended.code == Some(77) || ended.err.contains("unshare");
    (!is_refused).then_some(ended)
}

#[test]
fn a_disk_without_room_is_left_alone_or_cleared() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    std::fs::create_dir(program.path("backups")).unwrap();
    let bytes = source.metadata().unwrap().len();
    let runs = [
        (bytes / 2, "", 8, "bytes are free there"),
        (bytes * 3 / 2, "", 8, "No space left on device"),
        (bytes * 3 / 2, "--compression none", 5, "there is no room to restore it to"),
        (bytes * 4, "", 0, "it is equal"),
    ];
    for (size, form, code, says) in runs {
        let Some(ended) = run_on_small_disk(&program, size, &format!("backup source app.db {form}")) else {
            eprintln!("skipped: this account may mount nothing");
            return;
        };
        assert_eq!(ended.code, Some(code), "{}{}", ended.out, ended.err);
        assert!(ended.out.contains(says) || ended.err.contains(says), "{says}: {}{}", ended.out, ended.err);
        let left = ended.out.matches("left: ").count();
        assert_eq!(left, if code == 8 { 1 } else { 4 }, "the lock, and a backup's three files where there is one: {}", ended.out);
    }
}

#[test]
fn another_disk_is_told_from_the_same() {
    let memory = Path::new("/dev/shm");
    let program = Program::new();
    let device = |path: &Path| std::os::unix::fs::MetadataExt::dev(&path.metadata().unwrap());
    if !memory.is_dir() || device(memory) == device(&program.path("")) {
        eprintln!("skipped: /dev/shm is not another file system here");
        return;
    }
    let second = tempfile::tempdir_in(memory).unwrap();
    let source = program.source("app.db", SMALL);
    let document = made(&program, &[text(&source), "--second", text(second.path())], 0);
    assert_eq!(document["second"]["other-disk"], true);
    assert!(!document["remarks"].to_string().contains("as the first"), "{document:#}");
    let document = made(&program, &[text(&source), "--dir", text(second.path())], 0);
    assert_eq!((&document["backup"]["other-disk"], &document["remarks"]), (&true.into(), &json!([])));
}

/// Makes so many backups under a policy; gives the names that are left, the newest first.
fn kept(program: &Program, source: &Path, times: usize) -> Vec<String> {
    for _ in 0..times {
        made(program, &[text(source)], 0);
    }
    let listed = program.run(&["backup", "list", "--json"]).document();
    listed["backups"].as_array().unwrap().iter().map(|line| line["backup"]["name"].as_str().unwrap().to_owned()).collect()
}

/// Changes the manifest of a backup.
fn edit(program: &Program, name: &str, change: &dyn Fn(&mut Value)) {
    let path = program.path("backups").join(format!("{name}.json"));
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    std::fs::write(path, manifest.to_string()).unwrap();
}

#[test]
fn what_nothing_keeps_goes_from_both_places_and_nothing_else() {
    let program = Program::new();
    let (source, other) = (program.source("app.db", SMALL), program.source("other.db", SMALL));
    std::fs::create_dir(program.path("second")).unwrap();
    std::fs::write(program.path("outgrow.toml"), "[backup]\nsecond = \"second\"\nkeep = 2\n").unwrap();
    let of_other = name(&made(&program, &[text(&other)], 0));
    let strangers = ["app-20200101T000000Z.sqlite.zst", "app-20200101T000000Z.sqlite.zst.sha256", "notes.txt", "x.partial"];
    for stranger in strangers {
        std::fs::write(program.path("backups").join(stranger), "mine").unwrap();
    }
    let left = kept(&program, &source, 4);
    assert_eq!(left.len(), 3, "two of the one, one of the other: {left:?}");
    assert_eq!(left[2], of_other);
    let mut expected: std::collections::BTreeSet<String> = left.iter().flat_map(|name| three(name)).collect();
    assert_eq!(files(&program.path("second")), expected);
    expected.extend(strangers.map(str::to_owned));
    assert_eq!(files(&program.path("backups")), expected);
    let document = made(&program, &[text(&source)], 0);
    let removed = document["removed"].as_array().unwrap();
    assert_eq!(removed.len(), 2, "{document:#}");
    assert!(removed.iter().all(|gone| gone["file"].as_str().unwrap().ends_with(&left[1]) && gone["why"] == "2 are newer"), "{document:#}");
    let page = program.run(&["backup", "source", text(&source)]).expect(0);
    assert!(page.out.contains("removed   "), "{}", page.out);
}

#[test]
fn the_last_good_backup_never_goes() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    std::fs::write(program.path("outgrow.toml"), "[backup]\nkeep = 1\ntest = false\n").unwrap();
    let proven = {
        std::fs::write(program.path("tested.toml"), "[backup]\nkeep = 1\n").unwrap();
        let document = made(&program, &[text(&source), "--policy", "tested.toml"], 0);
        assert_eq!(document["backup"]["test"]["verdict"], "match");
        name(&document)
    };
    // However many untested ones come after it.
    let left = kept(&program, &source, 3);
    assert_eq!((left.len(), &left[1]), (2, &proven), "{left:?}");
    let listed = program.run(&["backup", "list"]).expect(0);
    assert!(listed.out.contains("stays: the last good one"), "{}", listed.out);
    // Nor for its age.
    edit(&program, &proven, &|manifest| manifest["taken-at"] = json!("2020-01-01T00:00:00Z"));
    assert!(kept(&program, &source, 1).contains(&proven));
    // One that was found to be something else holds nobody's place.
    let refuted = name(&made(&program, &[text(&source)], 0));
    edit(&program, &refuted, &|manifest| {
        manifest["test"] = json!({ "at": "2026-11-21T20:45:09Z", "verdict": "mismatch", "detail": "", "seconds": 1 });
    });
    let left = kept(&program, &source, 1);
    assert!(left.contains(&proven) && !left.contains(&refuted), "{left:?}");
    // Damaged, it is no good one any more: the newest that is intact takes its place.
    std::fs::write(program.path("backups").join(&proven), "something else").unwrap();
    let left = kept(&program, &source, 1);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(!left.contains(&proven));
}

#[test]
fn killed_while_it_removes_one_the_next_run_removes_the_rest() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    std::fs::write(program.path("outgrow.toml"), "[backup]\nkeep = 1\n").unwrap();
    let first = name(&made(&program, &[text(&source)], 0));
    let died = program.run_to("backup.removed:2", &["backup", "source", text(&source)]);
    assert_eq!(died.code, None, "{}", died.err);
    assert!(files(&program.path("backups")).contains(&format!("{first}.json")), "what is left of it is still known");
    let last = name(&made(&program, &[text(&source)], 0));
    assert_eq!(files(&program.path("backups")), three(&last));
}
