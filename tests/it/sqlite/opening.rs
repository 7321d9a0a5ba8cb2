//! Opening a source: refusals, logs and journals that crashed writers left, and what is left beside the file.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use outgrow::catalog::JournalMode;
use outgrow::error::{ErrorKind, ExitCode};
use outgrow::sqlite::{Access, Scan, ScanOrder, SourceReader};
use outgrow::value::Value;
use rusqlite::Connection;

use super::{column, database, names};
use crate::fixture::environment;

fn refused(path: &Path) -> outgrow::error::Error {
    let error = SourceReader::open_within(path, Duration::ZERO).expect_err("the file is refused");
    assert_eq!(error.kind().policy().exit_code, ExitCode::SourceUnavailable, "{error}");
    assert!(error.hints().count() > 0, "{error}");
    error
}

/// Bytes without a pattern, always the same.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[3]
    };
    std::iter::repeat_with(next).take(count).collect()
}

// ---- refusals ----

#[test]
fn refuses_what_is_no_database_and_makes_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    assert_eq!(refused(&directory.path().join("nothing.db")).kind(), ErrorKind::SourceMissing);
    assert_eq!(refused(directory.path()).kind(), ErrorKind::SourceMissing);
    assert_eq!(refused(&file("empty.db", b"")).kind(), ErrorKind::SourceEmpty);
    let dump = refused(&file("dump.sql", b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"));
    assert_eq!(dump.kind(), ErrorKind::SourceNotSqlite);
    assert!(dump.hints().any(|hint| hint.contains("dump")), "{dump}");
    assert_eq!(refused(&file("app.db.gz", &[b"\x1f\x8b".as_slice(), &noise(1022)].concat())).kind(), ErrorKind::SourceNotSqlite);
    assert_eq!(refused(&file("secret.db", &noise(16_384))).kind(), ErrorKind::SourceEncrypted);
    assert_eq!(names(directory.path()), BTreeSet::from(["empty.db", "dump.sql", "app.db.gz", "secret.db"].map(String::from)));
}

#[test]
fn refuses_damaged_files_with_what_is_wrong() {
    let sql = "create table t(a); with recursive n(i) as (values(1) union all select i + 1 from n where i < 2000) \
               insert into t select hex(randomblob(40)) from n;";
    let (_directory, path) = database(sql);
    let whole = fs::read(&path).unwrap();

    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = refused(&path);
    assert_eq!(error.kind(), ErrorKind::SourceCorrupt);
    assert!(error.detail().contains("cut short"), "{error}");

    let mut newer = whole.clone();
    newer[18..20].copy_from_slice(&[9, 9]);
    fs::write(&path, &newer).unwrap();
    assert_eq!(refused(&path).kind(), ErrorKind::SourceNotSqlite);

    let mut newer_schema = whole.clone();
    newer_schema[44..48].copy_from_slice(&[0, 0, 0, 9]);
    fs::write(&path, &newer_schema).unwrap();
    assert_eq!(refused(&path).kind(), ErrorKind::SourceNotSqlite);

    let mut page_size = whole.clone();
    page_size[16..18].copy_from_slice(&[0x12, 0x34]);
    fs::write(&path, &page_size).unwrap();
    assert_eq!(refused(&path).kind(), ErrorKind::SourceCorrupt);

    // A schema that lies: its statement is none.
    fs::write(&path, &whole).unwrap();
    let liar = Connection::open(&path).unwrap();
    liar.execute_batch("pragma writable_schema = on; update sqlite_schema set sql = 'create table nonsense';").unwrap();
    liar.close().unwrap();
    assert_eq!(refused(&path).kind(), ErrorKind::SourceCorrupt);

    // Damage in the middle shows when the rows are read, and in the check.
    let mut holed = whole.clone();
    let middle = whole.len() / 2;
    holed[middle..middle + 4096].fill(0x5a);
    fs::write(&path, &holed).unwrap();
    let reader = SourceReader::open(&path).unwrap();
    assert!(!reader.integrity(true).unwrap().is_empty());
    let columns = ["a".to_owned()];
    let scan = Scan { table: "t", columns: &columns, rows: None, within: None, order: ScanOrder::Storage, skip: 0 };
    let error = reader.scan(&scan, &mut |_| Ok(ControlFlow::Continue(()))).expect_err("the page is not one");
    assert_eq!(error.kind(), ErrorKind::SourceCorrupt);
}

#[test]
fn says_that_another_program_holds_the_lock() {
    let (_directory, path) = database("create table t(a)");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("begin exclusive").unwrap();
    assert_eq!(refused(&path).kind(), ErrorKind::SourceBusy);
    other.execute_batch("rollback").unwrap();
    SourceReader::open(&path).unwrap().finish().unwrap();
}

// ---- opening ----

#[test]
fn opens_paths_that_would_mean_something_in_a_uri() {
    let directory = tempfile::tempdir().unwrap();
    for mode in ["delete", "wal"] {
        for name in ["a?b#c%20d &.db", "file:x?mode=memory"] {
            let path = directory.path().join(format!("{mode}{name}"));
            let writer = Connection::open(&path).unwrap();
            writer.execute_batch(&format!("pragma journal_mode = {mode}; create table t(a); insert into t values (7)")).unwrap();
            writer.close().unwrap();
            let before = names(directory.path());
            let reader = SourceReader::open(&path).unwrap();
            assert_eq!(column(&reader, "t", "a"), [Value::Integer(7)]);
            reader.finish().unwrap();
            assert_eq!(names(directory.path()), before);
        }
    }
    let odd = directory.path().join(std::ffi::OsStr::from_bytes(b"\xff.db"));
    fs::copy(directory.path().join("deletea?b#c%20d &.db"), &odd).unwrap();
    SourceReader::open(&odd).unwrap().finish().unwrap();
}

#[test]
fn keeps_its_snapshot_while_others_write_a_rollback_file_or_a_log() {
    let (directory, path) = database("pragma journal_mode = wal; create table t(a); insert into t values (1)");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("insert into t values (2)").unwrap();
    let before = names(directory.path());
    let reader = SourceReader::open(&path).unwrap();
    assert_eq!(reader.access(), Access::Shared);
    writer.execute_batch("insert into t values (3)").unwrap();
    assert_eq!(reader.count("t").unwrap(), 2, "the log is part of the data, later commits are not part of the snapshot");
    reader.finish().unwrap();
    assert_eq!(names(directory.path()), before);
    let reader = SourceReader::open(&path).unwrap();
    assert_eq!(reader.count("t").unwrap(), 3);
    reader.finish().unwrap();
    writer.close().unwrap();
    assert_eq!(names(directory.path()), BTreeSet::from(["app.db".to_owned()]));
}

#[test]
fn a_second_reader_takes_no_lock_from_the_first() {
    let (_directory, path) = database("create table t(a); insert into t values (1)");
    let first = SourceReader::open(&path).unwrap();
    SourceReader::open(&path).unwrap().finish().unwrap();
    // Another process must still be kept from writing.
    assert!(passes(child("tries_to_write", &path, None)), "the write was not refused");
    assert_eq!(first.count("t").unwrap(), 1);
    first.finish().unwrap();
}

#[test]
fn reads_a_closed_wal_file_in_place_and_notices_a_writer() {
    let (directory, path) = database("pragma journal_mode = wal; create table t(a); insert into t values (1)");
    let reader = SourceReader::open(&path).unwrap();
    assert_eq!(reader.access(), Access::Immutable);
    assert_eq!(column(&reader, "t", "a"), [Value::Integer(1)]);
    assert_eq!(reader.catalog().unwrap().file.journal_mode, JournalMode::Wal);
    reader.finish().unwrap();
    assert_eq!(names(directory.path()), BTreeSet::from(["app.db".to_owned()]));

    let reader = SourceReader::open(&path).unwrap();
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("insert into t values (2)").unwrap();
    assert_eq!(reader.count("t").unwrap(), 1);
    let error = reader.finish().expect_err("it changed");
    assert_eq!(error.kind(), ErrorKind::SourceChanged);
    drop(writer);
    let reader = SourceReader::open(&path).unwrap();
    assert_eq!(reader.count("t").unwrap(), 2);
    reader.finish().unwrap();
}

#[test]
fn reads_the_log_of_a_killed_writer_and_leaves_everything_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.db");
    kill_when_ready(&path, "writes_a_log_and_waits");
    let all = BTreeSet::from(["app.db", "app.db-shm", "app.db-wal"].map(String::from));
    assert_eq!(names(directory.path()), all);
    let log = fs::read(directory.path().join("app.db-wal")).unwrap();
    assert!(!log.is_empty());

    let reader = SourceReader::open(&path).unwrap();
    assert_eq!((reader.access(), reader.count("t").unwrap()), (Access::Shared, 5));
    reader.finish().unwrap();
    assert_eq!(names(directory.path()), all);

    fs::remove_file(directory.path().join("app.db-shm")).unwrap();
    let reader = SourceReader::open(&path).unwrap();
    assert_eq!((reader.access(), reader.count("t").unwrap()), (Access::PrivateCopy, 5));
    reader.finish().unwrap();
    assert_eq!(names(directory.path()), BTreeSet::from(["app.db", "app.db-wal"].map(String::from)));
    assert_eq!(fs::read(directory.path().join("app.db-wal")).unwrap(), log);
}

#[test]
fn rolls_back_the_journal_of_a_killed_writer_in_a_copy() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.db");
    kill_when_ready(&path, "spills_a_transaction_and_waits");
    let all = BTreeSet::from(["app.db", "app.db-journal"].map(String::from));
    assert_eq!(names(directory.path()), all);
    let before = fs::read(&path).unwrap();
    let reader = SourceReader::open(&path).unwrap();
    assert_eq!((reader.access(), reader.count("t").unwrap()), (Access::PrivateCopy, 1));
    assert_eq!(reader.integrity(true).unwrap(), Vec::<String>::new());
    reader.finish().unwrap();
    assert_eq!(names(directory.path()), all);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn reads_in_a_directory_that_it_may_not_write() {
    for closed in [true, false] {
        let (directory, path) = database("pragma journal_mode = wal; create table t(a); insert into t values (1), (2), (3), (4), (5)");
        if !closed {
            fs::remove_file(&path).unwrap();
            kill_when_ready(&path, "writes_a_log_and_waits");
        }
        for name in names(directory.path()) {
            fs::set_permissions(directory.path().join(name), Permissions::from_mode(0o444)).unwrap();
        }
        fs::set_permissions(directory.path(), Permissions::from_mode(0o555)).unwrap();
        let before = names(directory.path());
        // Rights do not bind root: then another user reads.
        let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        match child_as("counts_five_rows", &path, None, root.then_some(65_534)) {
            Ok(reading) => assert!(passes(reading)),
            Err(error) => say(&format!("SKIPPED reading without rights: another user can't run this test program ({error})")),
        }
        assert_eq!(names(directory.path()), before);
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    }
}

#[expect(clippy::print_stderr, reason = "a skipped assertion is said")]
fn say(text: &str) {
    eprintln!("{text}");
}

// ---- other processes: this test program again, running one of the ignored tests below ----

fn child(test: &str, path: &Path, ready: Option<&Path>) -> Child {
    child_as(test, path, ready, None).unwrap()
}

fn child_as(test: &str, path: &Path, ready: Option<&Path>, user: Option<u32>) -> std::io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--ignored", "--exact", &format!("sqlite::opening::{test}")]).env("OUTGROW_TEST_SOURCE", path).stdout(Stdio::piped());
    if let Some(ready) = ready {
        command.env("OUTGROW_TEST_READY", ready);
    }
    if let Some(user) = user {
        command.uid(user);
    }
    command.spawn()
}

/// Whether the other process ran its test, and it passed: with a wrong name it would run none and end well.
fn passes(child: Child) -> bool {
    let output = child.wait_with_output().unwrap();
    output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed")
}

fn kill_when_ready(path: &Path, test: &str) {
    let signal = tempfile::tempdir().unwrap();
    let ready = signal.path().join("ready");
    let mut child = child(test, path, Some(&ready));
    for _ in 0..600 {
        if ready.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(ready.exists(), "the other process never got ready");
    child.kill().unwrap();
    child.wait().unwrap();
}

fn asked_for() -> PathBuf {
    PathBuf::from(environment("OUTGROW_TEST_SOURCE").expect("run by another test"))
}

fn wait_to_be_killed() {
    fs::write(environment("OUTGROW_TEST_READY").unwrap(), "").unwrap();
    std::thread::sleep(Duration::from_mins(2));
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn writes_a_log_and_waits() {
    let connection = Connection::open(asked_for()).unwrap();
    connection
        .execute_batch(
            "pragma journal_mode = wal; create table t(a); insert into t values (1), (2), (3), (4), (5); begin; insert into t values (6)",
        )
        .unwrap();
    wait_to_be_killed();
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn spills_a_transaction_and_waits() {
    let connection = Connection::open(asked_for()).unwrap();
    connection
        .execute_batch(
            "create table t(a); insert into t values (1); pragma cache_size = 2; pragma cache_spill = on; begin; \
             with recursive n(i) as (values(1) union all select i + 1 from n where i < 500) insert into t select randomblob(900) from n;",
        )
        .unwrap();
    wait_to_be_killed();
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn counts_five_rows() {
    let reader = SourceReader::open(&asked_for()).unwrap();
    assert_eq!(reader.count("t").unwrap(), 5);
    reader.finish().unwrap();
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn tries_to_write() {
    let connection = Connection::open(asked_for()).unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    let error = connection.execute_batch("insert into t values (2)").expect_err("a reader holds the file");
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy));
}
