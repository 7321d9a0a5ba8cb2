//! Every exit code is reached, and every error says what, to what, what it means and what next.

use std::os::unix::fs::PermissionsExt;

use crate::fixture::{Database, comes, in_own_runtime, options, started};
use crate::program::{Ended, Program, text};
use crate::target::{moved, settle, tell};

/// A source, with the words of its refusal and of the way on.
struct Refused {
    name: &'static str,
    content: Option<Vec<u8>>,
    says: &'static str,
    hint: &'static str,
}

/// Bytes without a pattern, always the same.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[3]
    })
    .take(count)
    .collect()
}

fn refused(whole: &[u8]) -> Vec<Refused> {
    let case = |name, content, says, hint| Refused { name, content, says, hint };
    vec![
        case("missing.db", None, "missing.db", "check the path"),
        case("empty.db", Some(Vec::new()), "the file is empty", "check the path"),
        case("dump.sql", Some(b"create table t(id integer);\n".to_vec()), "it begins as a text", "sqlite3 app.db < dump.sql"),
        case("encrypted.db", Some(noise(8192)), "looks encrypted", "decrypt it first"),
        case("truncated.db", Some(whole[..whole.len() / 2].to_vec()), "damaged", "restore a backup"),
        case("app.db.gz", Some(b"\x1f\x8b\x08\x00rest".to_vec()), "compressed (gzip)", "unpack it"),
    ]
}

fn assert_error(ended: &Ended, context: &str) {
    assert!(ended.err.lines().any(|line| line.starts_with("error: failed to ")), "{context}: no `error: failed to …` in\n{}", ended.err);
    assert!(ended.err.contains("  hint: "), "{context}: no hint in\n{}", ended.err);
    assert!(!ended.err.contains("panicked"), "{context}:\n{}", ended.err);
}

#[test]
fn each_unusable_source_is_refused_in_its_own_words() {
    let (program, database) = (Program::new(), Database::new("exit_source"));
    let whole = std::fs::read(program.source(
        "whole.db",
        "create table t(id integer primary key, v text); insert into t with recursive i(i) as (select 1 union all select i + 1 from i where i < 2000) select i, 'some text' from i;",
    ));
    let mut messages = std::collections::BTreeSet::new();
    let mut cases = refused(&whole.unwrap());
    std::fs::create_dir(program.path("directory.db")).unwrap();
    cases.push(Refused { name: "directory.db", content: None, says: "directory", hint: "" });
    let url = database.url();
    for case in cases {
        if let Some(content) = &case.content {
            std::fs::write(program.path(case.name), content).unwrap();
        }
        for arguments in
            [&["inspect", case.name][..], &["plan", case.name], &["migrate", case.name, &url], &["rehearse", case.name, "--no-fetch"]]
        {
            let ended = program.run(arguments);
            assert_eq!(ended.code, Some(6), "{arguments:?}\n{}\n{}", ended.out, ended.err);
            assert_error(&ended, case.name);
            assert!(ended.err.contains(case.says) && ended.err.contains(case.hint), "{}: {}", case.name, ended.err);
            assert!(ended.err.contains(case.name), "{}: {}", case.name, ended.err);
            assert_eq!(ended.out, "", "{arguments:?}");
            messages.insert(ended.err.lines().find(|line| line.starts_with("error: ")).unwrap().replace(case.name, "…"));
        }
    }
    assert!(messages.len() >= 7, "{messages:#?}");
}

#[test]
fn usage_and_policy_are_2() {
    let program = Program::new();
    let source = program.source("app.db", "create table t(id integer primary key)");
    for arguments in [&["migrat"][..], &["inspect", "--loud", "app.db"], &["inspect"], &["plan", "app.db", "--ddl", "--json"], &[]] {
        program.run(arguments).expect(2);
    }
    for (arguments, says) in [
        (&["migrate", text(&source)][..], "no URL is given"),
        (&["explain", "nothing-such"], "nothing is called `nothing-such`"),
        (&["report"], "holds none"),
        (&["check", "mysql://root@localhost/app"], "its scheme is not"),
    ] {
        let ended = program.run(arguments).expect(2);
        assert_error(&ended, "usage");
        assert!(ended.err.contains(says), "{}", ended.err);
    }
    for (policy, says) in [
        ("[rules]\norphans = \"stop\"\norphan = \"stop\"\n", "line 3"),
        ("[rules]\norphans = \"delete\"\n", "line 2"),
        ("[[waiver]]\nfinding = \"manual\"\nat = \"*\"\nby = \"Ada\"\n", "reason"),
        ("[[waiver]]\nfinding = \"manual\"\nat = \"*\"\nreason = \"  \"\nby = \"Ada\"\n", "names no reason"),
        ("no toml at all", "line 1"),
    ] {
        std::fs::write(program.path("outgrow.toml"), policy).unwrap();
        for arguments in [&["plan", "app.db"][..], &["rehearse", "app.db"], &["migrate", "app.db", "postgres://127.0.0.1:1/none"]] {
            let ended = program.run(arguments).expect(2);
            assert_error(&ended, policy);
            assert!(ended.err.contains(says), "{policy}: {}", ended.err);
        }
    }
    std::fs::remove_file(program.path("outgrow.toml")).unwrap();
    let ended = program.run(&["plan", "app.db", "--policy", "not-there.toml"]).expect(2);
    assert!(ended.err.contains("not-there.toml"), "{}", ended.err);
}

#[test]
fn help_and_version_are_0() {
    let program = Program::new();
    for arguments in [&["--help"][..], &["--version"], &["migrate", "--help"], &["explain"]] {
        assert!(!program.run(arguments).expect(0).out.is_empty());
    }
}

#[test]
fn an_unusable_target_is_7() {
    let program = Program::new();
    let source = program.source("app.db", "create table t(id integer primary key)");
    for arguments in [&["check"][..], &["migrate", text(&source)], &["verify", text(&source)], &["plan", text(&source)]] {
        let ended = program.run(&[arguments, &["postgres://app@127.0.0.1:1/app"]].concat()).expect(7);
        assert_error(&ended, "dead port");
        assert!(ended.err.contains("127.0.0.1:1"), "{}", ended.err);
    }
    let mut guarded = options();
    guarded.server_hba = Some("local all guarded scram-sha-256\nlocal all all trust\n".to_owned());
    let server = in_own_runtime(async { started(&guarded).await });
    let database = Database::within(server.settings(), "exit_password");
    tell(&database, "create role guarded login password 'right'");
    let url = database.url().replace("postgres@", "guarded@");
    for arguments in [&["check", &url][..], &["migrate", text(&source), &url]] {
        let wrong = program.command(arguments).env("PGPASSWORD", "wr0ng-s3cret").output().unwrap();
        let ended = crate::program::ended(wrong).expect(7);
        assert_error(&ended, "wrong password");
        assert!(ended.err.contains("password") && !ended.err.contains("wr0ng"), "{}", ended.err);
    }
    let missing = program.run(&["check", &format!("{}_gone", database.url())]).expect(7);
    assert_error(&missing, "no such database");
    drop(database);
    in_own_runtime(async { server.stop().await.unwrap() });
}

#[test]
fn a_bug_is_1_and_asks_to_be_reported() {
    let (program, database) = (Program::new(), Database::new("exit_bug"));
    let source = program.source("app.db", "create table t(id integer primary key)");
    let ended = program.run_to("step.done=bug", &["migrate", text(&source), &database.url()]).expect(1);
    assert_error(&ended, "bug");
    assert!(ended.err.contains("please report it"), "{}", ended.err);
    // Even then nothing is lost, and the next run goes on.
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
}

#[test]
fn results_are_0_3_4_and_5_and_an_interruption_is_8() {
    let (program, database) = (Program::new(), Database::new("exit_results"));
    let source = program.source(
        "app.db",
        "create table p(id integer primary key); create table c(id integer primary key, p integer references p(id), v text);
         insert into c values(1, 9, 'a');",
    );
    let (file, url) = (text(&source), database.url());
    program.run(&["inspect", file]).expect(0);
    program.run(&["plan", file]).expect(3);
    program.run(&["rehearse", file, "--no-fetch"]).expect(3);
    program.run(&["migrate", file, &url]).expect(3);
    settle(&program, "[rules]\norphans = \"not-valid\"\n");
    program.run_to("step.committed=error", &["migrate", file, &url]).expect(8);
    moved(&program, &source, &database);
    program.run(&["verify", file, &url]).expect(0);
    tell(&database, "alter table c rename v to w");
    program.run(&["verify", file, &url]).expect(5);
    tell(&database, "alter table c rename w to v; update c set v = 'b'");
    program.run(&["verify", file, &url]).expect(4);
    program.run(&["migrate", file, &url]).expect(4);
    // A source of no tables: nothing was compared, which is not the same as equal.
    let empty = program.source("none.db", "create table t(id); drop table t");
    let nothing = Database::new("exit_nothing");
    program.run(&["migrate", text(&empty), &nothing.url()]).expect(5);
}

#[test]
fn a_held_work_directory_is_9() {
    let (program, database) = (Program::new(), Database::new("exit_locked"));
    let source = program.source("app.db", "create table t(id integer primary key)");
    let held = outgrow::journal::WorkDirectory::hold(&program.path(".outgrow")).unwrap();
    for arguments in [&["migrate", text(&source), &database.url()][..], &["rehearse", text(&source), "--no-fetch"]] {
        let ended = program.run(arguments).expect(9);
        assert_error(&ended, "held");
        assert!(ended.err.contains("nothing was changed"), "{}", ended.err);
    }
    drop(held);
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
}

/// As root nothing is closed to us; an ordinary user meets it.
#[test]
fn a_work_directory_that_can_not_be_made_is_8() {
    let (program, database) = (Program::new(), Database::new("exit_directory"));
    let source = program.source("app.db", "create table t(id integer primary key)");
    std::fs::write(program.path("file"), "in the way").unwrap();
    let ended = program.run(&["migrate", text(&source), &database.url(), "--work-dir", "file/work"]).expect(8);
    assert_error(&ended, "work directory");
    assert!(ended.err.contains("--work-dir"), "{}", ended.err);
}

#[test]
fn with_json_an_error_is_one_document_too() {
    let program = Program::new();
    std::fs::write(program.path("empty.db"), "").unwrap();
    for (arguments, code) in [
        (&["inspect", "missing.db", "--json"][..], 6),
        (&["plan", "empty.db", "--json"], 6),
        (&["rehearse", "empty.db", "--no-fetch", "--json"], 6),
        (&["check", "postgres://app@127.0.0.1:1/app", "--json"], 7),
        (&["verify", "empty.db", "postgres://app@127.0.0.1:1/app", "--json"], 7),
        (&["migrate", "empty.db", "--json"], 2),
        (&["explain", "nothing-such", "--json"], 2),
        (&["report", "--json"], 2),
    ] {
        let ended = program.run(arguments).expect(code);
        let document = ended.document();
        assert_eq!(document["exit-code"], code, "{arguments:?}");
        assert!(document["error"].as_str().unwrap().starts_with("failed to "), "{document:#}");
        assert!(!document["hints"].as_array().unwrap().is_empty(), "{document:#}");
        assert!(!document["kind"].as_str().unwrap().is_empty());
    }
}

#[test]
fn a_source_that_may_not_be_read_is_6() {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let program = Program::new();
    let source = program.source("app.db", "create table t(id integer primary key)");
    std::fs::set_permissions(&source, std::fs::Permissions::from_mode(0o000)).unwrap();
    let ended = program.run(&["inspect", text(&source)]).expect(6);
    assert_error(&ended, "unreadable");
    assert!(comes(|| source.exists()));
}
