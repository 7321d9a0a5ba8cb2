//! Backups of the source, seen from outside: by other programs, beside live writers, and after every way to be cut off.

mod places;
mod restore;
mod target;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use outgrow::backup::{BackupFacts, BackupReport, FileState, Inventory, InventoryLine, Manifest, RestoreReport, SecondReport, list};
use outgrow::error::Outcome;
use serde_json::{Value, json};

use crate::program::{Program, text};
use crate::schema::assert_valid;

/// Each document, with everything that may be absent both there and not.
pub(crate) fn samples() -> Vec<(&'static str, Value)> {
    let test = json!({ "at": "2026-11-21T20:45:09Z", "verdict": "match", "detail": "…", "seconds": 1.5 });
    let facts = |set: bool| -> BackupFacts {
        let manifest: Manifest = serde_json::from_value(json!({
            "format": 1, "version": "0.1.0", "name": "app-20261121T204500Z.sqlite.zst", "side": "source", "of": "/srv/app.db",
            "taken-at": "2026-11-21T20:45:00Z", "seconds": 2.5, "by": "SQLite 3.54.1", "server-major": null, "program-major": null,
            "compression": "zstd", "bytes": 41, "sha256": "00", "content-bytes": 702, "content": "01", "schema": set.then_some("02"),
            "journal-mode": "wal", "tables": [{ "name": "t", "rows": 7, "digest": null }], "objects": {},
            "other-disk": set.then_some(true), "second": null, "test": set.then(|| test.clone()),
        }))
        .unwrap();
        BackupFacts::from(&manifest)
    };
    let second = |set: bool| SecondReport {
        directory: "/mnt/other".to_owned(),
        copied: !set,
        other_disk: !set,
        why_not: set.then(|| "there is no such directory".to_owned()),
    };
    let report = |set: bool| BackupReport {
        outcome: Outcome::Done,
        file: "backups/app-20261121T204500Z.sqlite.zst".to_owned(),
        backup: facts(set),
        second: set.then(|| second(set)),
        cleared: vec!["app-20261120T204500Z.sqlite.zst.partial".to_owned()],
        removed: vec![outgrow::backup::Removed { file: "old".to_owned(), why: "14 are newer".to_owned() }],
        remarks: vec!["…".to_owned()],
        seconds: 4.0,
    };
    let line = |set: bool| InventoryLine {
        backup: facts(set),
        age_seconds: 60,
        file: FileState::There,
        second: set.then(|| outgrow::backup::SecondLine { directory: "/mnt".to_owned(), other_disk: true, file: FileState::Missing }),
        stays: true,
        why: "…".to_owned(),
    };
    let list = |set: bool| Inventory {
        outcome: Outcome::Mismatch,
        directory: "backups".to_owned(),
        backups: vec![line(set)],
        unreadable: vec![outgrow::backup::Unreadable { file: "x.json".to_owned(), why: "…".to_owned() }],
    };
    let restored = |set: bool| RestoreReport {
        outcome: Outcome::Done,
        backup: facts(set),
        to: "app.db".to_owned(),
        put_aside: vec!["app.db.replaced-20261121T204500Z".to_owned()],
        verified: set.then(|| serde_json::from_value(test.clone()).unwrap()),
        remarks: Vec::new(),
        seconds: 0.5,
    };
    let mut documents = Vec::new();
    for set in [true, false] {
        documents.push(("backup", serde_json::to_value(report(set)).unwrap()));
        documents.push(("backup-list", serde_json::to_value(list(set)).unwrap()));
        documents.push(("restore", serde_json::to_value(restored(set)).unwrap()));
    }
    let mut doubled = serde_json::to_value(report(true)).unwrap();
    doubled["second"] = serde_json::to_value(second(false)).unwrap();
    documents.push(("backup", doubled));
    documents
}

/// Some tables with some rows.
pub(super) const SMALL: &str = "
    create table author(id integer primary key autoincrement, name text unique);
    insert into author(name) values ('a'), ('b'), (null);
    create table book(id integer primary key, author integer references author(id), cover blob);
    insert into book with recursive i(i) as (select 1 union all select i + 1 from i where i < 400) select i, 1 + i % 3, randomblob(900) from i;
    create view titles as select id from book;";

/// Makes a backup, and gives its document.
pub(super) fn made(program: &Program, arguments: &[&str], code: i32) -> Value {
    let document = program.run(&[&["backup", "source"], arguments, &["--json"]].concat()).expect(code).document();
    assert_valid("backup", &document);
    document
}

pub(super) fn name(document: &Value) -> String {
    document["backup"]["name"].as_str().unwrap().to_owned()
}

/// The files of a directory, but for the lock.
pub(super) fn files(directory: &Path) -> BTreeSet<String> {
    let names = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != ".outgrow-lock").collect()
}

/// The three files of a backup.
pub(super) fn three(name: &str) -> BTreeSet<String> {
    ["", ".json", ".sha256"].map(|suffix| format!("{name}{suffix}")).into()
}

/// The one value that a query of a SQLite file gives.
pub(super) fn value(file: &Path, sql: &str) -> String {
    let db = rusqlite::Connection::open(file).unwrap();
    db.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).map(|value| format!("{value:?}")).unwrap()
}

#[test]
fn a_backup_is_checked_by_sha256sum_and_comes_out_as_it_went_in() {
    for compression in ["zstd", "gzip", "none"] {
        let program = Program::new();
        let source = program.source("app.db", "pragma journal_mode = wal;");
        // Rows that stand in the log alone: the connection stays open, and never writes them back.
        let writer = rusqlite::Connection::open(&source).unwrap();
        writer.execute_batch("pragma wal_autocheckpoint = 0;").unwrap();
        writer.execute_batch(SMALL).unwrap();
        let document = made(&program, &[text(&source), "--compression", compression], 0);
        assert_eq!(document["backup"]["test"]["verdict"], "match", "{document:#}");
        assert_eq!((&document["backup"]["tables"], &document["backup"]["rows"]), (&2.into(), &403.into()));
        let (directory, name) = (program.path("backups"), name(&document));
        assert_eq!(files(&directory), three(&name));
        for file in files(&directory) {
            assert_eq!(directory.join(&file).metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file}");
        }
        assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let summed = Command::new("sha256sum").arg("--check").arg(format!("{name}.sha256")).current_dir(&directory).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&summed.stdout), format!("{name}: OK\n"));

        let restored = program.run(&["restore", "source", &name, "--to", "again.db", "--verify", "--json"]).expect(0).document();
        assert_valid("restore", &restored);
        assert_eq!(restored["verified"]["verdict"], "match");
        let again = program.path("again.db");
        let sum = "select sum(length(cover)) || ' ' || group_concat(hex(cover)) from book";
        assert_eq!(value(&again, sum), value(&source, sum));
        assert_eq!(value(&again, "pragma journal_mode"), "Text(\"wal\")", "as the source was");
        drop(writer);
    }
}

/// Writes pairs of rows, each pair in one transaction, until told to stop; gives the number and the longest wait.
fn write_pairs(file: &Path, stop: &AtomicBool) -> (u64, Duration) {
    let db = rusqlite::Connection::open(file).unwrap();
    db.busy_timeout(Duration::from_mins(1)).unwrap();
    db.execute_batch("pragma synchronous = normal").unwrap();
    let (mut pairs, mut longest) = (0, Duration::ZERO);
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        db.execute_batch("begin immediate; insert into debit(t) values ('x'); insert into credit(t) values ('x'); commit;").unwrap();
        longest = longest.max(began.elapsed());
        pairs += 1;
        std::thread::sleep(Duration::from_millis(2));
    }
    (pairs, longest)
}

#[test]
fn a_live_writer_goes_on_and_the_backup_is_of_one_moment() {
    for mode in ["wal", "delete"] {
        let program = Program::new();
        let source = program.source(
            "app.db",
            &format!(
                "pragma journal_mode = {mode}; create table debit(id integer primary key, t); create table credit(id integer primary key, t);
                 create table ballast(b blob);
                 insert into ballast with recursive i(i) as (select 1 union all select i + 1 from i where i < 20) select randomblob(1000000) from i;"
            ),
        );
        let stop = AtomicBool::new(false);
        let (pairs, longest) = std::thread::scope(|scope| {
            let writer = scope.spawn(|| write_pairs(&source, &stop));
            std::thread::sleep(Duration::from_millis(100));
            for _ in 0..2 {
                let document = made(&program, &[text(&source), "--no-test"], 0);
                assert!(document["backup"]["test"].is_null());
            }
            stop.store(true, Ordering::Relaxed);
            writer.join().unwrap()
        });
        eprintln!("backup of 20 MB, journal mode {mode}: {pairs} transactions beside it, the longest took {longest:?}");
        assert!(pairs > 10, "{pairs}");
        let counts: Vec<(String, String)> = list(&program.path("backups"))
            .unwrap()
            .iter()
            .enumerate()
            .map(|(number, backup)| {
                let file = program.path(&format!("again{number}.db"));
                program.run(&["restore", "source", backup.name.as_str(), "--to", text(&file)]).expect(0);
                let count = |table: &str| value(&file, &format!("select count(*) from {table}"));
                (count("debit"), count("credit"))
            })
            .collect();
        assert_eq!(counts.len(), 2);
        assert!(counts.iter().all(|(debit, credit)| debit == credit), "{counts:?}");
    }
}

#[test]
fn a_damaged_source_gives_no_backup() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    let good = name(&made(&program, &[text(&source)], 0));
    let mut bytes = std::fs::read(&source).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xa5);
    std::fs::write(&source, bytes).unwrap();
    let refused = program.run(&["backup", "source", text(&source)]).expect(6);
    assert!(refused.err.contains("hint: "), "{}", refused.err);
    program.run(&["backup", "source", "misspelt.db", "--dir", "new"]).expect(6);
    assert!(!program.path("new").exists() && !program.path("misspelt.db").exists(), "nothing is made for nothing");
    assert_eq!(files(&program.path("backups")), three(&good), "the earlier one is as it was");
}

/// A backup that was changed behind outgrow's back.
#[test]
fn a_damaged_backup_is_seen_and_is_not_restored() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    for (compression, damage) in [("zstd", 0), ("gzip", 1), ("none", 2), ("zstd", 1), ("gzip", 2)] {
        let file = name(&made(&program, &[text(&source), "--compression", compression, "--dir", "damaged"], 0));
        let path = program.path("damaged").join(&file);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        match damage {
            0 => bytes[middle] ^= 1,
            1 => bytes.truncate(middle),
            _ => bytes.push(0),
        }
        std::fs::write(&path, bytes).unwrap();
        let listed = program.run(&["backup", "list", "--dir", "damaged", "--check", "--json"]).expect(4).document();
        assert_valid("backup-list", &listed);
        assert_eq!(listed["backups"][0]["file"], "damaged");
        let refused = program.run(&["restore", "source", text(&path), "--to", "never.db", "--verify"]).expect(4);
        assert!(refused.err.contains("the backup is damaged") && refused.err.contains("nothing was changed"), "{}", refused.err);
        assert!(refused.err.contains("hint: "), "{}", refused.err);
        assert_eq!(files(&program.path("")).iter().filter(|name| name.contains("never")).count(), 0);
        // Whoever has only the file can't be helped to a proof.
        std::fs::remove_file(path.with_file_name(format!("{file}.json"))).unwrap();
        let unknown = program.run(&["restore", "source", text(&path), "--to", "never.db"]).expect(4);
        assert!(unknown.err.contains("its manifest"), "{}", unknown.err);
    }
}

/// Runs the program with files that may not grow beyond so many KiB, as on a disk that is full.
fn run_within(program: &Program, kib: u64, arguments: &[&str]) -> crate::program::Ended {
    let own = program.command(&[]);
    let mut command = Command::new("bash");
    let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
    command.arg("-c").arg(script).arg(own.get_program()).args(arguments).current_dir(program.path(""));
    crate::program::ended(command.output().unwrap())
}

#[test]
fn a_full_disk_leaves_nothing_and_takes_nothing() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    let good = name(&made(&program, &[text(&source)], 0));
    let bytes = source.metadata().unwrap().len();
    for compression in ["zstd", "none"] {
        let full = run_within(&program, bytes / 2048, &["backup", "source", text(&source), "--compression", compression]).expect(8);
        assert!(full.err.contains("can't be written") && full.err.contains("make space there"), "{}", full.err);
        assert_eq!(files(&program.path("backups")), three(&good));
    }
    // Where only the restored file has no room, the backup stands, and is not proven.
    let empty = program.source("empty.db", "create table t(b blob); insert into t values (zeroblob(3000000));");
    let copied = outgrow::backup::Backups {
        directory: program.path("backups"),
        second: None,
        compression: outgrow::plan::Compression::Zstd,
        retention: outgrow::backup::Retention::default(),
        test: true,
    };
    let report = outgrow::backup::source(&copied, &empty, &|_| {}).unwrap();
    let file = PathBuf::from(report.file);
    let restored = run_within(&program, 1000, &["restore", "source", text(&file), "--to", "again.db"]).expect(8);
    assert!(restored.err.contains("what was there is as it was"), "{}", restored.err);
    assert!(files(&program.path("")).iter().all(|name| !name.starts_with("again.db")));
}

#[test]
fn killed_before_it_is_named_there_is_no_backup_and_the_next_run_clears_up() {
    let program = Program::new();
    let source = program.source("app.db", &format!("pragma journal_mode = wal; {SMALL}"));
    let directory = program.path("backups");
    for (compression, point) in [
        ("zstd", "backup.copied"),
        ("zstd", "backup.written"),
        ("gzip", "backup.named"),
        ("none", "backup.copied"),
        ("none", "backup.named"),
    ] {
        let died = program.run_to(point, &["backup", "source", text(&source), "--compression", compression]);
        assert_eq!(died.code, None, "{point} was not reached\n{}", died.err);
        assert!(!files(&directory).is_empty());
        assert!(list(&directory).unwrap().is_empty(), "{point}");
        let document = made(&program, &[text(&source), "--compression", compression], 0);
        assert!(!document["cleared"].as_array().unwrap().is_empty(), "{point}: {document:#}");
        assert_eq!(files(&directory), three(&name(&document)), "{point}");
        std::fs::remove_dir_all(&directory).unwrap();
    }
    // Once it has its manifest it is a backup, if an untested one.
    let died = program.run_to("backup.published", &["backup", "source", text(&source)]);
    assert_eq!(died.code, None, "{}", died.err);
    let there = list(&directory).unwrap();
    assert_eq!(there.len(), 1);
    assert!(there[0].test.is_none());
    program.run(&["restore", "source", there[0].name.as_str(), "--to", "again.db", "--verify"]).expect(0);
}

#[test]
fn two_at_a_time_is_one_too_many() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    made(&program, &[text(&source)], 0);
    let lock = std::fs::File::open(program.path("backups/.outgrow-lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let refused = program.run(&["backup", "source", text(&source)]).expect(9);
    assert!(refused.err.contains("another backup is being made there"), "{}", refused.err);
    drop(lock);
    made(&program, &[text(&source)], 0);
}
