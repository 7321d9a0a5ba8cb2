//! The SQLite room, on real files: rows, snapshots, scratch copies and foreign keys; opening and catalogs have files of their own.

mod catalog;
mod child;
mod freeze;
mod holders;
mod opening;

pub(crate) use child::holds;

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use outgrow::error::ErrorKind;
use outgrow::sqlite::{Access, Attempt, Checked, RefusalClass, Scan, ScanOrder, SourceReader};
use outgrow::value::{StorageClass, Value, ValueRef};
use rusqlite::Connection;
use tempfile::TempDir;

/// A new database in a directory of its own.
pub(crate) fn database(sql: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.db");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    (directory, path)
}

fn names(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

fn column(reader: &SourceReader, table: &str, name: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let columns = [name.to_owned()];
    let scan = Scan { table, columns: &columns, rows: None, within: None, order: ScanOrder::Storage, skip: 0 };
    reader
        .scan(&scan, &mut |row| {
            values.push(row.value(0).to_owned());
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    values
}

// ---- rows ----

#[test]
fn scans_every_storage_class_byte_for_byte_in_either_order() {
    let (_directory, path) = database(
        "create table t(id integer primary key, v, extra); \
         insert into t(id, v) values (30, null), (10, 'b'), (20, cast(x'ff00' as text)), (5, 9007199254740993), (7, -0.0), (8, 9e999), (9, x'00');
         create index covering on t(v); create table w(k text collate nocase primary key, v) without rowid; \
         insert into w values ('b', 1), ('A', 2), ('C', 3); create index w_v on w(v desc);",
    );
    let reader = SourceReader::open(&path).unwrap();
    let stored = column(&reader, "t", "v");
    // SQLite keeps -0.0 as the integer 0 only in columns of numeric affinity; this one has none.
    let expected = [
        Value::Integer(9_007_199_254_740_993),
        Value::Real(-0.0),
        Value::Real(f64::INFINITY),
        Value::Blob(vec![0]),
        Value::Text(b"b".to_vec()),
        Value::Text(vec![0xff, 0]),
        Value::Null,
    ];
    assert_eq!(stored.len(), expected.len());
    for (stored, expected) in stored.iter().zip(&expected) {
        // SQLite writes -0.0 to disk as 0 and reads it back as 0.0.
        let zero = |value: &Value| matches!(value, Value::Real(number) if number.abs() < f64::MIN_POSITIVE);
        assert!(stored == expected || (zero(stored) && zero(expected)), "{stored:?} {expected:?}");
    }

    let columns = ["v".to_owned(), "rowid".to_owned()];
    let keys = ["v".to_owned()];
    let mut classes = Vec::new();
    let scan = Scan { table: "t", columns: &columns, rows: None, within: None, order: ScanOrder::By(&keys), skip: 1 };
    let visited = reader
        .scan(&scan, &mut |row| {
            assert_eq!((row.len(), row.value(1).class()), (2, StorageClass::Integer));
            classes.push(row.value(0).class());
            Ok(if classes.len() == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .unwrap();
    assert_eq!(visited, 5);
    assert_eq!(classes, [StorageClass::Real, StorageClass::Integer, StorageClass::Real, StorageClass::Text, StorageClass::Text]);

    assert_eq!(column(&reader, "w", "v"), [Value::Integer(2), Value::Integer(1), Value::Integer(3)], "key order, not the index's");
    let mut binary = Vec::new();
    let columns = ["k".to_owned()];
    let scan = Scan { table: "w", columns: &columns, rows: None, within: None, order: ScanOrder::By(&columns), skip: 0 };
    reader
        .scan(&scan, &mut |row| {
            binary.push(row.value(0).to_owned());
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    assert_eq!(binary, [b"A", b"C", b"b"].map(|text| Value::Text(text.to_vec())));
    reader.finish().unwrap();
}

#[test]
fn takes_no_unknown_column_for_a_string() {
    let (_directory, path) = database("create table t(a); insert into t values (1)");
    let reader = SourceReader::open(&path).unwrap();
    let columns = ["no such column".to_owned()];
    let scan = Scan { table: "t", columns: &columns, rows: None, within: None, order: ScanOrder::Storage, skip: 0 };
    assert!(reader.scan(&scan, &mut |_| Ok(ControlFlow::Continue(()))).is_err());
}

// ---- snapshots and scratch copies ----

#[test]
fn snapshots_the_log_too_and_leaves_wal_mode() {
    let (directory, path) = database("pragma journal_mode = wal; create table t(a); insert into t values (1)");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("insert into t values (2)").unwrap();
    let reader = SourceReader::open(&path).unwrap();
    writer.execute_batch("insert into t values (3)").unwrap();
    let work = tempfile::tempdir().unwrap();
    let copy = work.path().join("copy.db");
    fs::write(work.path().join("copy.db.partial"), "left by a run that died").unwrap();
    let mut last = None;
    reader.snapshot(&copy, &mut |progress| last = Some(progress)).unwrap();
    let last = last.unwrap();
    assert_eq!((last.bytes, last.total_bytes), (fs::metadata(&copy).unwrap().len(), fs::metadata(&copy).unwrap().len()));
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(&fs::read(&copy).unwrap()[18..20], [1, 1], "rollback mode");
    assert_eq!(reader.snapshot(&copy, &mut |_| {}).expect_err("not replaced").kind(), ErrorKind::WorkDirectory);
    reader.finish().unwrap();
    drop(writer);
    drop(directory);

    let reader = SourceReader::open(&copy).unwrap();
    assert_eq!((reader.access(), reader.count("t").unwrap()), (Access::Shared, 2));
    reader.finish().unwrap();
    assert_eq!(names(work.path()), BTreeSet::from(["copy.db".to_owned()]));
}

#[test]
fn attempts_say_what_sqlite_refuses_and_change_nothing() {
    let (_directory, path) = database(
        "create table p(id integer primary key, u text unique, n not null default 1, c check (c < 10));
         create table k(a text primary key) without rowid; create table f(p references p(id)); create table s(i int) strict;
         create trigger t before delete on p begin select raise(abort, 'no'); end;
         create view v as select id, \"u\" from p; create view broken as select * from nowhere;
         insert into p(id, u) values (1, 'one'); insert into k values ('x');",
    );
    let reader = SourceReader::open(&path).unwrap();
    let work = tempfile::tempdir().unwrap();
    let mut scratch = reader.scratch(&work.path().join("scratch.db")).unwrap();
    let mut attempt = |sql: &str, params: &[Value]| scratch.attempt(sql, params).unwrap();
    let text = |text: &str| Value::Text(text.as_bytes().to_vec());
    for (sql, params, class) in [
        ("insert into p(u) values (?)", vec![text("one")], RefusalClass::Unique),
        ("insert into p(id) values (1)", vec![], RefusalClass::PrimaryKey),
        ("insert into k values ('x')", vec![], RefusalClass::PrimaryKey),
        ("insert into p(n) values (?)", vec![Value::Null], RefusalClass::NotNull),
        ("insert into p(c) values (?)", vec![Value::Integer(10)], RefusalClass::Check),
        ("insert into f values (99)", vec![], RefusalClass::ForeignKey),
        ("insert into s values (?)", vec![text("word")], RefusalClass::Datatype),
        ("insert into p(id) values ('word')", vec![], RefusalClass::Datatype),
        ("delete from p", vec![], RefusalClass::Trigger),
        ("insert into p(u) values (nofunc(1))", vec![], RefusalClass::Other),
        ("insert or rollback into p(id) values (1)", vec![], RefusalClass::PrimaryKey),
    ] {
        assert_eq!(attempt(sql, &params), Attempt::Refused(class), "{sql}");
    }
    let accepted = Attempt::Accepted { changes: 1, last_insert_rowid: 2 };
    assert_eq!(attempt("insert into p default values", &[]), accepted);
    assert_eq!(attempt("insert into p default values returning id", &[]), accepted, "the first was rolled back");
    assert_eq!(scratch.view_rows("v").unwrap(), 1);
    let mut values = Vec::new();
    scratch
        .read_view("v", &mut |row| {
            values.extend((0..row.len()).map(|index| row.value(index).to_owned()));
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    assert_eq!(values, [Value::Integer(1), text("one")]);
    assert_eq!(scratch.view_rows("broken").expect_err("nowhere").kind(), ErrorKind::Unforeseen);
    drop(scratch);
    assert_eq!(names(work.path()), BTreeSet::new());
}

// ---- foreign keys ----

#[test]
fn finds_the_same_orphans_as_sqlite() {
    let (_directory, path) = database(
        "pragma foreign_keys = off;
         create table p(id integer primary key, t text unique collate nocase, n numeric, b, unique(n, b));
         create table c(i references p, t int references p(t), n text, b text, g references gone, foreign key(n, b) references p(n, b));
         insert into p values (1, '01', 1.5, 'x'), (2, 'ab', 2, x'61'), (3, '7', '3', null);
         insert into c(i, t, n, b, g) values (1, '01', '1.5', 'x', null), ('2', 'AB', '2', 'a', 1), ('2.0', 7, '3', null, null), (99, 1, '2.0', 'x', 'q'), (x'31', '7', null, 'z', null);",
    );
    let reader = SourceReader::open(&path).unwrap();
    let catalog = reader.catalog().unwrap();
    let child = catalog.table("c").unwrap();
    let mut by_sqlite = BTreeSet::new();
    let checked = reader
        .foreign_key_violations("c", &mut |violation| {
            by_sqlite.insert((violation.foreign_key, violation.rowid.unwrap()));
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    assert_eq!(checked, Checked::Violations(u64::try_from(by_sqlite.len()).unwrap()));
    let mut by_us = BTreeSet::new();
    for key in &child.foreign_keys {
        reader
            .orphans(child, key, catalog.table(&key.parent), &mut |row| {
                let [ValueRef::Integer(rowid)] = row.identity()[..] else { panic!("a rowid") };
                by_us.insert((key.id, rowid));
                Ok(())
            })
            .unwrap();
    }
    assert!(by_sqlite.len() > 4, "{by_sqlite:?}");
    assert_eq!(by_us, by_sqlite);
    reader.finish().unwrap();
}
