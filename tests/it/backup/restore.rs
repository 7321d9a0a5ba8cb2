//! A backup of the source becomes a file again, and what was there before is not lost.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{SMALL, files, made, name, value};
use crate::fixture::{comes, kill};
use crate::program::{Program, text};

/// A program with a backup of `app.db`, and an `app.db` whose last row stands in the log alone.
struct Case {
    program: Program,
    app: PathBuf,
    backup: String,
}

impl Case {
    fn new() -> Self {
        let program = Program::new();
        let app = program.source("app.db", &format!("pragma journal_mode = wal; {SMALL}"));
        let backup = name(&made(&program, &[text(&app)], 0));
        // A copy of both files while a connection holds the last row in the log: as after a crash.
        let db = rusqlite::Connection::open(&app).unwrap();
        db.execute_batch("pragma wal_autocheckpoint = 0; insert into author(name) values ('the last');").unwrap();
        for suffix in ["", "-wal"] {
            std::fs::copy(program.path(&format!("app.db{suffix}")), program.path(&format!("crashed{suffix}"))).unwrap();
        }
        drop(db);
        for suffix in ["", "-wal"] {
            std::fs::rename(program.path(&format!("crashed{suffix}")), program.path(&format!("app.db{suffix}"))).unwrap();
        }
        std::fs::set_permissions(&app, PermissionsExt::from_mode(0o640)).unwrap();
        Self { program, app, backup }
    }

    fn arguments(&self) -> [&str; 6] {
        ["restore", "source", &self.backup, "--to", text(&self.app), "--replace"]
    }

    /// The new file is as the backup was, and the old one is whole under its other name.
    fn check(&self) {
        let kept: Vec<String> = files(&self.program.path("")).into_iter().filter(|name| name.starts_with("app.db.replaced-")).collect();
        let database = kept.iter().find(|name| name.ends_with('Z')).unwrap();
        assert!(kept.contains(&format!("{database}-wal")), "{kept:?}");
        assert_eq!(self.app.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(!self.program.path("app.db-wal").exists());
        let authors = "select group_concat(ifnull(name, '∅')) from author";
        assert_eq!(value(&self.app, authors), "Text(\"a,b,∅\")");
        assert_eq!(value(&self.program.path(database), authors), "Text(\"a,b,∅,the last\")");
        assert!(!files(&self.program.path("")).iter().any(|name| name.contains("partial")));
    }
}

#[test]
fn a_file_that_is_there_is_never_overwritten_and_kept_with_its_log_when_it_is_replaced() {
    let case = Case::new();
    let before = std::fs::read(&case.app).unwrap();
    let refused = case.program.run(&case.arguments()[..5]).expect(2);
    assert!(refused.err.contains("not overwritten") && refused.err.contains("--replace"), "{}", refused.err);
    assert!(std::fs::read(&case.app).unwrap() == before);
    let page = case.program.run(&case.arguments()).expect(0);
    assert_eq!(page.out.matches("kept      ").count(), 2, "{}", page.out);
    case.check();
}

#[test]
fn a_file_that_somebody_has_open_is_not_replaced() {
    let case = Case::new();
    let mut holder = Command::new("sh")
        .arg("-c")
        .arg("exec 3<app.db; echo open; exec sleep 600")
        .current_dir(case.program.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let fd = format!("/proc/{}/fd/3", holder.id());
    assert!(comes(|| std::fs::metadata(&fd).is_ok()));
    let refused = case.program.run(&case.arguments()).expect(6);
    assert!(refused.err.contains(&format!("has it open: {} (", holder.id())), "{}", refused.err);
    assert!(refused.err.contains("nothing was changed") && refused.err.contains("stop the application first"), "{}", refused.err);
    kill(holder.id());
    holder.wait().unwrap();
    case.program.run(&case.arguments()).expect(0);
    case.check();
}

#[test]
fn killed_while_it_replaces_a_file_the_same_command_ends_it() {
    for point in ["restore.unpacked", "restore.kept", "restore.cleared"] {
        let case = Case::new();
        let died = case.program.run_to(point, &case.arguments());
        assert_eq!(died.code, None, "{point} was not reached\n{}", died.err);
        case.program.run(&case.arguments()).expect(0);
        case.check();
    }
}

#[test]
fn the_log_of_another_database_is_not_taken_for_the_new_ones() {
    let case = Case::new();
    std::fs::rename(&case.app, case.program.path("moved.db")).unwrap();
    let refused = case.program.run(&case.arguments()).expect(2);
    assert!(refused.err.contains("app.db-wal lies there without its database"), "{}", refused.err);
    assert!(!case.app.exists());
    std::fs::rename(case.program.path("app.db-wal"), case.program.path("moved.db-wal")).unwrap();
    case.program.run(&case.arguments()).expect(0);
    assert_eq!(value(&case.app, "select count(*) from author"), "Integer(3)");
}

#[test]
fn what_is_no_backup_of_the_source_is_refused() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    for (backup, says) in [(text(&source), "not called as outgrow calls"), ("app-20200101T000000Z.sqlite", "there is no such file")] {
        let refused = program.run(&["restore", "source", backup, "--to", "again.db"]).expect(2);
        assert!(refused.err.contains(says), "{}", refused.err);
    }
    let missing = made(&program, &[text(&source)], 0);
    let nowhere = program.run(&["restore", "source", &name(&missing), "--to", "no/such/directory/again.db"]).expect(2);
    assert!(nowhere.err.contains("its directory can't be used"), "{}", nowhere.err);
}
