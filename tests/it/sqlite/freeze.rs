//! A source that takes no writes, and is made as it was.

use std::path::Path;
use std::time::{Duration, Instant};

use outgrow::error::ErrorKind;
use outgrow::sqlite::{Frozen, SourceReader, Stir, WriteLock, freeze, frozen, is_frozen, stirs, thaw};
use rusqlite::Connection;

use super::child::{does, holds};
use super::{database, names};

const WAIT: Duration = Duration::from_secs(5);
const SCHEMA: &str = "
    create table t(a integer primary key autoincrement, b text unique);
    create table \"odd \"\"name\"(k text primary key, v) without rowid;
    create table parent(id integer primary key); create table child(p references parent on delete cascade);
    create virtual table found using fts5(b, content=t); create virtual table notes using fts5(body); create virtual table boxes using rtree(id, x0, x1);
    create trigger own after insert on t begin update parent set id = id; end;
    create view v as select * from t; create trigger through instead of insert on v begin insert into t(b) values (new.b); end;
    insert into t(b) values ('x'), ('y'); insert into \"odd \"\"name\" values ('k', 1);
    insert into parent values (1); insert into child values (1);
    insert into notes values ('hello world'); insert into boxes values (1, 0, 1);";

const WRITES: [&str; 10] = [
    "insert into t(b) values ('z')",
    "insert or ignore into t(b) values ('x')",
    "insert or replace into t(a, b) values (1, 'z')",
    "insert into t(a, b) values (1, 'z') on conflict do update set b = excluded.b",
    "update t set b = b || '!'",
    "delete from t",
    "insert into v(b) values ('z')",
    "update \"odd \"\"name\" set v = 2",
    "delete from parent",
    "replace into child values (1)",
];

fn schema(path: &Path) -> Vec<(String, String, String, Option<String>)> {
    let connection = Connection::open(path).unwrap();
    let mut rows = connection.prepare("select type, name, tbl_name, sql from sqlite_schema order by rowid").unwrap();
    rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap().map(Result::unwrap).collect()
}

fn open(frozen: &Frozen) -> Vec<&str> {
    frozen.open.iter().map(|open| open.table.as_str()).collect()
}

fn content(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut rows = connection.prepare("select a || b from t union all select body from notes union all select x1 from boxes").unwrap();
    rows.query_map([], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap().map(|value| format!("{:?}", value.unwrap())).collect()
}

#[test]
fn a_frozen_file_refuses_every_write_and_goes_on_being_read() {
    for mode in ["wal", "delete"] {
        let (directory, path) = database(&format!("pragma journal_mode = {mode}; {SCHEMA}"));
        // It was connected before, as an application is; and another that keeps shadow tables from harm.
        let application = Connection::open(&path).unwrap();
        let defensive = Connection::open(&path).unwrap();
        defensive.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).unwrap();
        let before = content(&path);
        let made = freeze(&path, WAIT).unwrap();
        assert_eq!(open(&made), ["notes", "boxes"], "{mode}");
        for write in WRITES {
            let refused = application.execute_batch(write).unwrap_err();
            let rusqlite::Error::SqliteFailure(code, message) = &refused else { panic!("{write}: {refused}") };
            assert_eq!(code.code, rusqlite::ErrorCode::ConstraintViolation, "{write}: {refused}");
            assert!(message.as_deref().unwrap().contains("moved to PostgreSQL by outgrow"), "{write}: {refused}");
        }
        assert_eq!(content(&path), before);
        assert_eq!(frozen(&path).unwrap().as_ref(), Some(&made));
        assert_eq!(defensive.query_row("select count(*) from notes", [], |row| row.get(0)), Ok(1));
        drop((application, defensive));
        assert_eq!(names(directory.path()), [String::from("app.db")].into(), "{mode}");
    }
}

#[test]
fn both_ways_are_idempotent_and_the_schema_is_the_same_afterwards() {
    let (_directory, path) = database(SCHEMA);
    let before = schema(&path);
    assert!(!is_frozen(&path).unwrap());
    assert_eq!(thaw(&path, WAIT).unwrap(), 0);
    let first = freeze(&path, WAIT).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(freeze(&path, WAIT).unwrap(), first);
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "what is frozen is not written again");
    assert_eq!(thaw(&path, WAIT).unwrap(), first.tables);
    assert_eq!(thaw(&path, WAIT).unwrap(), 0);
    assert_eq!(schema(&path), before);
    assert!(!is_frozen(&path).unwrap());
    Connection::open(&path).unwrap().execute_batch(WRITES[0]).unwrap();
    assert_ne!(freeze(&path, WAIT).unwrap().epoch, first.epoch, "another freeze has another name");
}

#[test]
fn a_table_that_is_made_later_is_named_and_frozen_too() {
    let (_directory, path) = database("create table t(a)");
    let first = freeze(&path, WAIT).unwrap();
    Connection::open(&path).unwrap().execute_batch("create table later(a); insert into later values (1)").unwrap();
    let told = frozen(&path).unwrap().unwrap();
    assert_eq!(open(&told), ["later"]);
    let again = freeze(&path, WAIT).unwrap();
    assert_eq!((again.epoch, again.tables, again.open), (first.epoch, 2, vec![]));
    assert!(Connection::open(&path).unwrap().execute_batch("delete from later").is_err());
}

#[test]
fn it_is_frozen_whole_or_not_at_all_wherever_it_dies() {
    let (_directory, path) = database(SCHEMA);
    let before = schema(&path);
    for (what, ends_frozen) in
        [("freeze freeze.made", false), ("freeze freeze.committed", true), ("thaw thaw.made", true), ("thaw thaw.committed", false)]
    {
        assert!(!does(what, &path), "{what}: it was to die");
        assert_eq!(is_frozen(&path).unwrap(), ends_frozen, "{what}");
        if ends_frozen {
            assert_eq!(open(&frozen(&path).unwrap().unwrap()), ["notes", "boxes"], "{what}");
        } else {
            assert_eq!(schema(&path), before, "{what}");
        }
    }
    assert!(does("freeze", &path) && is_frozen(&path).unwrap());
    assert!(does("thaw", &path) && schema(&path) == before);
}

#[test]
fn the_catalog_and_the_copies_know_nothing_of_it() {
    let (_directory, path) = database(SCHEMA);
    let read = || {
        let reader = SourceReader::open(&path).unwrap();
        let mut catalog = reader.catalog().unwrap();
        reader.finish().unwrap();
        // Counted by SQLite; no part of what a plan is made for.
        (catalog.file.schema_version, catalog.file.bytes, catalog.file.free_pages) = (0, 0, 0);
        catalog
    };
    let before = read();
    freeze(&path, WAIT).unwrap();
    assert_eq!(read(), before);
    let work = tempfile::tempdir().unwrap();
    let mut scratch = SourceReader::open(&path).unwrap().scratch(&work.path().join("scratch.db")).unwrap();
    let tried = scratch.attempt("insert into t(b) values ('z')", &[]).unwrap();
    assert!(matches!(tried, outgrow::sqlite::Attempt::Accepted { .. }), "{tried:?}");
}

#[test]
fn whoever_writes_is_waited_for_and_named() {
    for mode in ["wal", "delete"] {
        let (_directory, path) = database(&format!("pragma journal_mode = {mode}; create table t(a)"));
        let writer = holds("writing", &path);
        let began = Instant::now();
        let refused = freeze(&path, Duration::from_millis(300)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::SourceBusy);
        assert!(refused.detail().contains(&format!("process {} (it-", writer.child.id())), "{refused}");
        assert!(began.elapsed() >= Duration::from_millis(300));
        assert!(!is_frozen(&path).unwrap());
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || freeze(&path, WAIT)
        });
        std::thread::sleep(Duration::from_millis(100));
        writer.let_go();
        assert_eq!(waiting.join().unwrap().unwrap().tables, 1, "{mode}");
    }
}

#[test]
fn the_write_lock_keeps_writers_out_and_outlives_readers_of_this_process() {
    let (_directory, path) = database("create table t(a)");
    let lock = WriteLock::take(&path, WAIT).unwrap();
    // A reader opens the file and closes it again; that may not take the lock away.
    SourceReader::open(&path).unwrap().finish().unwrap();
    assert!(!does("freeze", &path) || !is_frozen(&path).unwrap());
    lock.release().unwrap();
    assert!(does("freeze", &path) && is_frozen(&path).unwrap());
}

#[test]
fn it_is_seen_whether_somebody_writes() {
    let during = Duration::from_millis(300);
    for mode in ["wal", "delete"] {
        let (_directory, path) = database(&format!("pragma journal_mode = {mode}; create table t(a)"));
        assert_eq!(stirs(&path, during).unwrap(), None, "{mode}");
        let idle = holds("idle", &path);
        assert_eq!(stirs(&path, during).unwrap(), None, "{mode}");
        idle.let_go();
        let writer = holds("writing", &path);
        assert_eq!(stirs(&path, during).unwrap(), Some(Stir::Writer), "{mode}");
        writer.let_go();
        let watching = std::thread::spawn({
            let path = path.clone();
            move || stirs(&path, Duration::from_secs(5)).unwrap()
        });
        std::thread::sleep(Duration::from_millis(200));
        Connection::open(&path).unwrap().execute_batch("insert into t values (1)").unwrap();
        // What shows first is a matter of the moment.
        assert!(watching.join().unwrap().is_some(), "{mode}");
    }
}
