//! The profile of whole sources.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use outgrow::budget::Budget;
use outgrow::inspect::profile;
use outgrow::sqlite::SourceReader;
use outgrow::value::SourceProfile;
use rusqlite::Connection;

use crate::fixture::environment;
use crate::sqlite::database;

fn profiled(path: &Path) -> SourceProfile {
    let reader = SourceReader::open(path).unwrap();
    let catalog = reader.catalog().unwrap();
    // As the sharing of the work must not show, each is profiled both ways.
    let [alone, shared] = [1, 3].map(|jobs| {
        let budget = Budget { jobs: NonZeroUsize::new(jobs).unwrap(), ..Budget::default() };
        profile(&reader, &catalog, budget, &mut |_| {}).unwrap()
    });
    reader.finish().unwrap();
    assert_eq!(alone, shared);
    alone
}

fn keys(evidence: &outgrow::value::Evidence) -> Vec<String> {
    evidence.samples.iter().map(ToString::to_string).collect()
}

#[test]
fn counts_every_cell_of_every_class() {
    let (_directory, path) = database(
        "create table t(id integer primary key, v, g as (id * 2));
         insert into t(id, v) values (-3, null), (1, 1), (2, 'text'), (4, x'00ff'), (5, 2.5), (9, 9e999), (12, cast(x'ff' as text)), (13, 'a' || char(0));
         create table keyed(k text primary key, v); insert into keyed values (null, 1), ('a', 2), (null, 3);
         create table bare(v); insert into bare values ('x'); create table nil(a, b);",
    );
    let profile = profiled(&path);
    let table = &profile.tables["t"];
    assert_eq!((table.rows, table.cells, table.min_rowid, table.max_rowid), (8, 24, Some(-3), Some(13)));
    let v = &table.columns["v"];
    assert_eq!((v.nulls, v.integers.seen.count, v.reals.seen.count, v.texts.seen.count, v.blobs.seen.count), (1, 1, 2, 3, 1));
    assert_eq!(keys(&v.reals.non_finite), ["9"]);
    assert_eq!(keys(&v.texts.seen), ["2", "12", "13"]);
    assert_eq!(table.columns["g"].integers.max, Some(26));
    assert!(table.columns.values().all(|column| column.cells() == 8));

    let keyed = &profile.tables["keyed"];
    assert_eq!((keyed.key_nulls.count, keys(&keyed.key_nulls)), (2, vec!["[null]".to_owned(), "[null]".to_owned()]));
    assert_eq!(keys(&profile.tables["bare"].columns["v"].texts.seen), ["1"]);
    assert_eq!((profile.tables["nil"].rows, profile.tables["nil"].cells), (0, 0));
    assert!(profile.integrity.is_empty() && profile.orphans.is_empty() && profile.foreign_key_problems.is_empty());
}

#[test]
fn the_digest_tells_classes_and_cells_apart() {
    let digest = |rows: &str| {
        let (_directory, path) = database(&format!("create table t(a, b); insert into t values {rows}"));
        profiled(&path).tables["t"].digest.clone()
    };
    let base = digest("('a', 'bc')");
    assert_eq!(base.len(), 32);
    assert_eq!(base, digest("('a', 'bc')"));
    for other in ["('ab', 'c')", "(x'61', 'bc')", "('a', null)", "('a', 'bc'), (null, null)"] {
        assert_ne!(base, digest(other), "{other}");
    }
    assert_ne!(digest("(1, 2)"), digest("(1.0, 2)"));
}

#[test]
fn finds_orphans_and_everything_that_hangs_on_them() {
    let (_directory, path) = database(
        "pragma foreign_keys = off;
         create table school(id integer primary key);
         create table class(id integer primary key, school integer references school);
         create table pupil(code text primary key, class integer references class, mentor text references pupil) without rowid;
         create table grade(id integer primary key, pupil text references pupil, other int references missing);
         insert into school values (1);
         insert into class values (1, 1), (2, 77), (3, 78);
         insert into pupil values ('a', 1, null), ('b', 2, null), ('c', 1, 'b'), ('d', 1, 'c'), ('e', 1, 'a');
         insert into grade values (1, 'a', null), (2, 'b', null), (3, 'd', null), (4, 'zz', null), (5, 'b', 3);",
    );
    let profile = profiled(&path);
    assert_eq!(profile.foreign_key_problems, []);
    let found: Vec<_> = profile
        .orphans
        .iter()
        .map(|set| (set.table.as_str(), set.parent.as_str(), keys(&set.rows).join(" "), set.transitive.count))
        .collect();
    assert_eq!(
        found,
        [("class", "school", "2 3".to_owned(), 6), ("grade", "pupil", "4".to_owned(), 0), ("grade", "missing", "5".to_owned(), 0),]
    );
    let hanging = &profile.orphans[0].transitive_tables;
    assert_eq!(keys(&hanging["pupil"]), ["[\"b\"]", "[\"c\"]", "[\"d\"]"]);
    assert_eq!(keys(&hanging["grade"]), ["2", "5", "3"].map(String::from));
}

#[test]
fn a_key_that_can_not_be_checked_stops_nothing() {
    let (_directory, path) = database(
        "pragma foreign_keys = off;
         create table p(id integer primary key, loose text); create view v as select 1 as id;
         create table c(a references p(loose), b integer references p, w references v(id), x);
         create table d(a references p); insert into c values ('q', 9, 1, 0); insert into d values (8);",
    );
    let profile = profiled(&path);
    let problems: Vec<_> = profile.foreign_key_problems.iter().map(|problem| (problem.table.as_str(), problem.parent.as_deref())).collect();
    assert_eq!(problems, [("c", Some("p")), ("c", Some("v"))]);
    assert!(profile.foreign_key_problems[0].problem.contains("mismatch"), "{:?}", profile.foreign_key_problems);
    let found: Vec<_> = profile.orphans.iter().map(|set| (set.table.as_str(), set.columns.join(","), set.rows.count)).collect();
    assert_eq!(found, [("c", "b".to_owned(), 1), ("d", "a".to_owned(), 1)]);
}

#[test]
fn a_column_that_can_not_be_computed_stops_nothing() {
    let (_directory, path) = database("create table t(x, y); insert into t values (3, 4); create table w(k primary key) without rowid");
    let liar = Connection::open(&path).unwrap();
    liar.execute_batch(
        "pragma writable_schema = on;
         update sqlite_schema set sql = 'CREATE TABLE t(x, y, z as (nofunc(x)))' where name = 't';
         update sqlite_schema set sql = 'CREATE TABLE w(k collate nocoll primary key) WITHOUT ROWID' where name = 'w';",
    )
    .unwrap();
    liar.close().unwrap();
    let profile = profiled(&path);
    let table = &profile.tables["t"];
    assert_eq!((table.rows, table.cells, table.columns.len()), (1, 2, 2));
    assert!(table.unreadable["z"].contains("nofunc"));
    let table = &profile.tables["w"];
    assert!(table.columns.is_empty() && table.unreadable["k"].contains("nocoll"));
    assert!(profile.integrity.iter().any(|problem| problem.contains("could not be completed")), "{:?}", profile.integrity);
}

#[test]
fn finds_texts_that_are_not_well_formed_in_both_orders_of_utf16() {
    for (encoding, lone, pair) in [("UTF-16le", "41000AD84300", "3DD800DE"), ("UTF-16be", "0041D80A0043", "D83DDE00")] {
        let (_directory, path) = database(&format!(
            "pragma encoding = '{encoding}';
             create table t(id integer primary key, v text, b blob); create table k(a text primary key, n) without rowid;
             insert into t values (1, 'fine', x'D80A'), (2, cast(x'{lone}' as text), null), (3, cast(x'{pair}' as text), null), (4, null, 7);
             insert into t values (5, cast(x'{lone}' as text), cast(x'{lone}' as text));
             insert into k values ('a', cast(x'{pair}' as text));"
        ));
        let profile = profiled(&path);
        let found: Vec<_> =
            profile.tables["t"].ill_formed_utf16.iter().map(|(column, rows)| (column.as_str(), rows.count, keys(rows).join(" "))).collect();
        assert_eq!(found, [("b", 1, "5".to_owned()), ("v", 2, "2 5".to_owned())], "{encoding}");
        assert!(profile.tables["k"].ill_formed_utf16.is_empty());
    }
}

#[test]
fn reports_damaged_indexes() {
    let (_directory, path) = database("create table t(a); create index i on t(a); insert into t values (1), (2)");
    let liar = Connection::open(&path).unwrap();
    liar.execute_batch("pragma writable_schema = on; update sqlite_schema set sql = 'CREATE INDEX i ON t(a desc)' where name = 'i'")
        .unwrap();
    liar.close().unwrap();
    assert!(!profiled(&path).integrity.is_empty());
}

/// Inspects every database below the directory that `OUTGROW_CORPUS` names; the cells must add up and nothing may fail.
#[test]
#[expect(clippy::print_stdout, reason = "one line a file is what this test is run for")]
fn inspects_every_file_of_a_corpus() {
    let Some(corpus) = environment("OUTGROW_CORPUS") else { return };
    let mut files = Vec::new();
    let mut directories = vec![std::path::PathBuf::from(corpus)];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sqlite" || extension == "db") {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "the corpus holds no database");
    for file in files {
        // A copy, with what lies beside it: the corpus stays as it is.
        let directory = tempfile::tempdir().unwrap();
        let copy = directory.path().join("copy.db");
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let beside = |path: &Path| format!("{}{suffix}", path.display());
            if Path::new(&beside(&file)).exists() {
                fs::write(beside(&copy), fs::read(beside(&file)).unwrap()).unwrap();
            }
        }
        let reader = SourceReader::open(&copy).unwrap();
        let catalog = reader.catalog().unwrap();
        let profile = profile(&reader, &catalog, Budget::default(), &mut |_| {}).unwrap();
        let mut cells = 0;
        for table in &catalog.tables {
            let found = &profile.tables[&table.name];
            assert_eq!(found.rows, reader.count(&table.name).unwrap(), "{}: {}", file.display(), table.name);
            assert_eq!(found.cells, found.columns.values().map(outgrow::value::ColumnProfile::cells).sum::<u64>());
            cells += found.cells;
        }
        println!(
            "{}: {}, {} tables, {cells} cells, {} problems of integrity, {} orphan sets, {} keys that can't be checked",
            file.display(),
            reader.access(),
            catalog.tables.len(),
            profile.integrity.len(),
            profile.orphans.len(),
            profile.foreign_key_problems.len()
        );
        reader.finish().unwrap();
    }
}

#[test]
fn a_large_table_is_read_in_parts_that_give_the_whole() {
    let (_directory, path) = database(
        "pragma foreign_keys = off; create table p(id integer primary key); insert into p values (1), (2);
         create table t(id integer primary key, p references p, v);
         with recursive i(x) as (values(1) union all select x + 1 from i where x < 3000)
         insert into t select -200000 + x * 400, case x when 2999 then 3 when 7 then 4 else 1 end, case x % 5 when 0 then null when 1 then x when 2 then x / 7.0 when 3 then 'text ' || x else zeroblob(x) end from i;
         create table hidden(v); insert into hidden(rowid, v) select id, v from t;
         create table texts(k text primary key, v); insert into texts(rowid, k, v) select id, 'k' || id, v from t;",
    );
    let profile = profiled(&path);
    for name in ["t", "hidden", "texts"] {
        assert_eq!((profile.tables[name].rows, profile.tables[name].columns["v"].blobs.seen.count), (3000, 600), "{name}");
    }
    assert_eq!(keys(&profile.tables["t"].columns["v"].integers.seen).join(" "), "-199600 -197600 -195600 -193600 -191600");
    assert_eq!(keys(&profile.tables["hidden"].columns["v"].reals.seen)[0], "-199200");
    assert_eq!(keys(&profile.orphans[0].rows), ["-197200", "999600"]);
}

#[test]
fn the_digest_sees_a_row_in_another_s_place() {
    let digest = |sql: &str| {
        let (_directory, path) = database(sql);
        profiled(&path).tables["t"].digest.clone()
    };
    for (table, one, other) in [
        ("create table t(v)", "('a'), ('b')", "('b'), ('a')"),
        ("create table t(rowid, _rowid_, oid)", "('a', 1, 1), ('b', 1, 1)", "('b', 1, 1), ('a', 1, 1)"),
        ("create table t(k text primary key, v)", "('a', 1), ('b', 1)", "('b', 1), ('a', 1)"),
        ("create table t(id integer primary key, v)", "(1, 'a'), (2, 'b')", "(1, 'b'), (2, 'a')"),
    ] {
        assert_ne!(
            digest(&format!("{table}; insert into t values {one}")),
            digest(&format!("{table}; insert into t values {other}")),
            "{table}"
        );
    }
}
