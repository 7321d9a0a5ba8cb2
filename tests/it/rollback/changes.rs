//! What was written is found in whatever way it was, and comes back cell by cell.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Instant;

use outgrow::rollback::{Basis, ChangeSet};

use super::{brought_over, count, cut_over, export, of};
use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{settle, tell};

const SOURCE: &str = "
    create table person(id integer primary key autoincrement, name text not null, email text unique, born date, photo blob, score real,
        boss integer references person(id));
    create table pet(id integer primary key, owner integer not null references person(id) on delete cascade, name text,
        shout text generated always as (upper(name)) stored);
    create table token(uid char(36) primary key, label text);
    create table pair(a integer, b text, v text, primary key(a, b)) without rowid;
    create table log(line text, at text);
    create table mixed(id integer primary key, v);
    create table emptied(id integer primary key, v text);
    create table rewritten(id integer primary key, v text);
    create table widened(id integer primary key, v text);
    create table untouched(id integer primary key, v text);
    create virtual table search using fts5(name, content='person', content_rowid='id');
    insert into person values(1, 'Ada', 'ada@x', '1990-01-02', x'00ff', 1.5, null), (2, 'Bob', 'bob@x', null, null, null, 1),
        (3, 'Cid', 'cid@x', '1991-01-01', null, 0.25, 1), (4, 'Dan', null, null, null, 2.0, 2);
    insert into pet(id, owner, name) values(1, 1, 'Rex'), (2, 4, 'Tom'), (3, 4, 'Kim');
    insert into token values('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'a'), ('6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'b');
    insert into pair values(1, 'x', 'one'), (1, 'y', 'two'), (2, 'x', null);
    insert into log values('same', '1'), ('same', '1'), ('same', '1'), ('other', '2');
    insert into mixed values(1, 5), (2, 'five'), (3, x'05'), (4, 5.5), (5, null);
    insert into emptied values(1, 'a'), (2, 'b');
    insert into rewritten values(1, 'a'), (2, 'b'), (3, 'c');
    insert into widened values(1, 'a'), (2, 'b');
    insert into untouched values(1, 'a'), (2, 'b');";

/// Everything that an application may do.
const WRITTEN: &str = "
    insert into person(name, email, born, photo, score, boss) values ('Eve', 'eve@x', '2000-02-29', '\\x0102', 'Infinity', 3);
    begin; savepoint s; insert into person(name) values ('it''s; --'); release s; savepoint t; insert into person(name) values ('gone');
        rollback to t; commit;
    update person set email = 'swap' where id = 1; update person set email = 'ada@x' where id = 2; update person set email = 'bob@x' where id = 1;
    update person set score = score where id = 3;
    update pet set owner = 1, name = 'Tim' where id = 2;
    update person set boss = null where boss = 4; delete from person where id = 4;
    update pet set id = 30 where id = 1;
    update token set uid = '6ba7b812-9dad-11d1-80b4-00c04fd430c8' where label = 'a';
    insert into pair values(3, 'ä', 'three'); update pair set v = null where a = 1 and b = 'x'; delete from pair where a = 2;
    delete from log where ctid = (select min(ctid) from log where line = 'same'); insert into log values('new', null);
    update log set at = '3' where line = 'other';
    truncate emptied; insert into emptied values(2, 'b'), (7, 'g');
    update rewritten set v = 'z' where id = 2; vacuum full rewritten;
    alter table widened add column extra text; update widened set extra = 'more' where id = 1; update widened set v = 'w' where id = 2;
    create table brand_new(id int, v text); insert into brand_new values(1, 'x');
    select setval('pet_id_seq', 30), setval('emptied_id_seq', 7);
    vacuum freeze untouched;";

fn tell_each(database: &Database, sql: &str) {
    // VACUUM runs in no transaction, and so in no string of several statements.
    for statement in sql.split("vacuum") {
        let (first, rest) = if sql.starts_with(statement) { ("", statement) } else { statement.split_once(';').unwrap() };
        if !first.is_empty() {
            tell(database, &format!("vacuum{first}"));
        }
        tell(database, rest);
    }
}

#[test]
fn everything_that_was_written_comes_back() {
    let (program, database) = (Program::new(), Database::new("rollback_changes"));
    let source = program.source("app.db", SOURCE);
    let (plan, mark) = cut_over(&program, &source, &database);
    let read: outgrow::rollback::Mark = serde_json::from_str(&serde_json::to_string(&mark).unwrap()).unwrap();
    assert_eq!(read, mark);
    assert_eq!(count(&database, &plan, &mark, &source).rows(), 0);

    tell_each(&database, WRITTEN);
    let counted = count(&database, &plan, &mark, &source);
    let set = export(&database, &plan, &mark, &source, &program.path("changes"));
    for (table, exact, numbers) in [
        ("person", true, (2, 2, 1)),
        ("pet", true, (1, 1, 2)),
        ("token", true, (1, 0, 1)),
        ("pair", true, (1, 1, 1)),
        ("log", false, (2, 0, 2)),
        ("mixed", true, (0, 0, 0)),
        ("emptied", true, (1, 0, 1)),
        ("rewritten", true, (0, 1, 0)),
        ("widened", true, (0, 1, 0)),
        ("untouched", true, (0, 0, 0)),
    ] {
        assert_eq!(of(&counted.tables, table), numbers, "{table}, counted");
        assert_eq!(of(&set.tables, table), numbers, "{table}, exported");
        assert_eq!(counted.tables.iter().find(|counted| counted.table == table).unwrap().exact, exact, "{table}");
    }
    let basis = |name: &str| set.tables.iter().find(|table| table.table == name).unwrap().basis;
    assert_eq!((basis("person"), basis("emptied"), basis("rewritten")), (Basis::Transactions, Basis::Values, Basis::Values));
    let notes: Vec<&str> = set.notes.iter().map(|note| note.place.as_str()).collect();
    for place in ["emptied", "rewritten", "widened.extra", "brand_new", "search"] {
        assert!(notes.contains(&place), "{place}: {notes:?}");
    }
    assert_eq!(set.tables.iter().map(|table| table.unwritten + table.converted).sum::<u64>(), 0);

    let copy = brought_over(&program, &source, &set);
    program.run(&["verify", text(&copy), &database.url()]).expect(0);
    // A number that was given to a row is given to no other, also where the row was never kept.
    let db = rusqlite::Connection::open(&copy).unwrap();
    let given: i64 = db.query_row("select seq from sqlite_sequence where name = 'person'", [], |row| row.get(0)).unwrap();
    assert_eq!(given.to_string(), crate::target::ask_one(&database, "select last_value from person_id_seq"));
    drop(db);
    // The same by the program that people use.
    let by_hand = program.path("by-hand.db");
    std::fs::copy(&source, &by_hand).unwrap();
    let script = std::fs::File::open(set.directory.join(&set.apply)).unwrap();
    let shell = Command::new("sqlite3").arg(&by_hand).current_dir(&set.directory).stdin(script).output();
    let Ok(shell) = shell else {
        eprintln!("skipped: there is no sqlite3 here to run {} with", set.apply);
        return;
    };
    assert!(shell.status.success() && shell.stderr.is_empty(), "{shell:?}");
    program.run(&["verify", text(&by_hand), &database.url()]).expect(0);
}

#[test]
fn the_files_are_their_owners_and_the_summary_holds_no_cell() {
    let (program, database) = (Program::new(), Database::new("rollback_files"));
    let source = program.source("app.db", SOURCE);
    let (plan, mark) = cut_over(&program, &source, &database);
    tell_each(&database, WRITTEN);
    let directory = program.path("changes");
    // What an export that was killed has left there goes.
    std::fs::create_dir(program.path("changes.partial")).unwrap();
    std::fs::write(program.path("changes.partial/person.sql"), "half of").unwrap();
    let set = export(&database, &plan, &mark, &source, &directory);
    assert_eq!(std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        files.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    files.sort();
    let expected = [
        "apply.sql",
        "brand_new.table.jsonl",
        "emptied.sql",
        "log.sql",
        "pair.sql",
        "person.sql",
        "pet.sql",
        "rewritten.sql",
        "summary.json",
        "token.sql",
        "widened.beside.jsonl",
        "widened.sql",
    ];
    assert_eq!(files, expected);
    let summary = std::fs::read_to_string(directory.join("summary.json")).unwrap();
    for cell in ["Eve", "eve@x", "Tim", "three", "more", "6ba7b812"] {
        assert!(!summary.contains(cell), "{cell}");
    }
    assert_eq!(ChangeSet::read(&directory).unwrap(), Some(set));
    assert_eq!(ChangeSet::read(&program.path("nowhere")).unwrap(), None);
    crate::schema::assert_valid("changes", &serde_json::from_str(&summary).unwrap());
    let apply = std::fs::read_to_string(directory.join("apply.sql")).unwrap();
    assert!(apply.contains(".dbconfig enable_trigger off") && apply.contains(".read person.sql\n"), "{apply}");
    // A second one does not replace it.
    let again = crate::fixture::in_own_runtime(async {
        outgrow::rollback::export(&mut database.session().await, &plan, &mark, &source, &directory).await.err().unwrap()
    });
    assert!(again.to_string().contains("holds something already"), "{again}");
}

#[test]
fn what_sqlite_has_no_form_for_stands_beside() {
    let (program, database) = (Program::new(), Database::new("rollback_beside"));
    let source = program.source("app.db", SOURCE);
    let (plan, mark) = cut_over(&program, &source, &database);
    tell(
        &database,
        "insert into person(name, born) values ('Eve', 'infinity'); update person set born = '-infinity', name = 'Ida' where id = 1;
         update person set born = null where id = 3; alter table pet drop column name cascade; drop table untouched cascade;
         update person set score = 'NaN' where id = 2; alter table mixed alter id drop identity; alter table mixed alter id type text",
    );
    let set = export(&database, &plan, &mark, &source, &program.path("changes"));
    assert_eq!(of(&set.tables, "person"), (1, 3, 0));
    let person = set.tables.iter().find(|table| table.table == "person").unwrap();
    assert_eq!((person.beside, person.unwritten), (3, 0));
    let beside = std::fs::read_to_string(program.path("changes").join(person.beside_file.as_ref().unwrap())).unwrap();
    let lines: Vec<serde_json::Value> = beside.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.contains(&serde_json::json!({ "row": "1", "column": "born", "text": "-infinity" })), "{beside}");
    assert!(lines.contains(&serde_json::json!({ "row": "2", "column": "score", "text": "NaN" })), "{beside}");
    let notes: Vec<&str> = set.notes.iter().map(|note| note.place.as_str()).collect();
    assert!(notes.contains(&"pet.name") && notes.contains(&"untouched") && notes.contains(&"mixed"), "{notes:?}");
    assert_eq!(set.tables.iter().find(|table| table.table == "mixed").unwrap().basis, Basis::Gone);
    assert_eq!(std::fs::read_to_string(program.path("changes/mixed.table.jsonl")).unwrap().lines().count(), 5);
    let copy = brought_over(&program, &source, &set);
    let db = rusqlite::Connection::open(copy).unwrap();
    let row = |sql: &str| db.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(row("select group_concat(name || ':' || coalesce(born, '-')) from person"), "Ida:1990-01-02,Bob:-,Cid:-,Dan:-,Eve:-");
    assert_eq!(row("select group_concat(name) from pet"), "Rex,Tom,Kim");
    assert_eq!(row("select count(*) || '' from untouched"), "2");
}

#[test]
fn rows_that_were_held_out_and_cells_in_the_quarantine_stay() {
    let (program, database) = (Program::new(), Database::new("rollback_quarantine"));
    let source = program.source(
        "app.db",
        "create table parent(id integer primary key, v text);
         create table child(id integer primary key, parent integer references parent(id), at date);
         insert into parent values(1, 'a'), (2, 'b');
         insert into child values(1, 1, '2020-01-01'), (2, 99, '2020-01-02'), (3, 2, '2020-01-03'), (4, 98, 'x')",
    );
    settle(&program, "[rules]\norphans = \"quarantine\"\n");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    let (plan, mark) = (super::plan(&database), super::mark(&database));
    assert_eq!(count(&database, &plan, &mark, &source).rows(), 0);
    tell(&database, "delete from child where id = 1; insert into child values(2, 1, '2021-01-01')");
    let set = export(&database, &plan, &mark, &source, &program.path("changes"));
    assert_eq!(of(&set.tables, "child"), (1, 0, 1));
    let db = rusqlite::Connection::open(brought_over(&program, &source, &set)).unwrap();
    let rows: String = db.query_row("select group_concat(id || ':' || parent || ':' || at) from child", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, "2:1:2021-01-01,3:2:2020-01-03,4:98:x");
}

#[test]
fn a_mark_waits_for_nobody_who_still_writes() {
    let (program, database) = (Program::new(), Database::new("rollback_mark"));
    let source = program.source("app.db", SOURCE);
    crate::target::moved(&program, &source, &database);
    crate::fixture::in_own_runtime(async {
        let writer = database.session().await;
        writer.client().batch_execute("begin; insert into person(name) values('x')").await.unwrap();
        let session = database.session().await;
        let error = outgrow::rollback::Mark::take(&session, "public").await.err().unwrap();
        assert!(error.to_string().contains("1 transaction is open that has written"), "{error}");
        writer.client().batch_execute("rollback").await.unwrap();
        outgrow::rollback::Mark::take(&session, "public").await.unwrap();
    });
}

#[test]
fn the_school_goes_on_and_comes_back() {
    let (program, database) = (Program::new(), Database::new("rollback_school"));
    program.run(&["demo", "--only", "--dir", "school"]).expect(0);
    let source = program.path("school/school.db");
    let (plan, mark) = cut_over(&program, &source, &database);
    // A few rows of every table that has a key of one column go or change.
    for table in &plan.tables {
        let place = format!("\"{}\".\"{}\"", plan.schema, table.target);
        tell(&database, &format!("alter table {place} disable trigger all"));
        tell(&database, &format!("delete from {place} where ctid in (select ctid from {place} order by ctid limit 1)"));
        let column = &table.columns[0].target;
        tell(&database, &format!("update {place} set \"{column}\" = \"{column}\" where ctid in (select ctid from {place} limit 3)"));
    }
    let began = Instant::now();
    let counted = count(&database, &plan, &mark, &source);
    let counting = began.elapsed();
    let began = Instant::now();
    let set = export(&database, &plan, &mark, &source, &program.path("changes"));
    let rows: u64 = plan.tables.iter().map(|table| table.rows).sum();
    eprintln!("{rows} rows in {} tables: counted in {counting:.2?}, exported in {:.2?}", plan.tables.len(), began.elapsed());
    assert!(set.rows() > 100 && counted.rows() >= set.rows(), "{} and {}", counted.rows(), set.rows());
    let copy = brought_over(&program, &source, &set);
    let verified = program.run(&["verify", text(&copy), &database.url(), "--json"]).document();
    let differ: Vec<&String> = verified["tables"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, table)| table["verdict"] != "match" && !table["reason"].as_str().unwrap_or_default().contains("quarantine"))
        .map(|(name, _)| name)
        .collect();
    assert!(differ.is_empty(), "{differ:?}: {verified:#}");
}

#[test]
fn every_cell_comes_back_bit_by_bit() {
    let (program, database) = (Program::new(), Database::new("rollback_cells"));
    let source = program.source(
        "app.db",
        "create table cell(id integer primary key, t text, b blob, r real, i integer, m);
         insert into cell values(1, 'a', x'00', 0.5, 1, 1), (2, 'b', null, null, null, 'x'), (3, null, null, null, null, null)",
    );
    let (plan, mark) = cut_over(&program, &source, &database);
    tell(
        &database,
        "insert into cell(id, t, b, r, i, m) values
             (10, E'it''s \"quoted\"; --\\n', '\\x00ff27', 1e308, 9223372036854775807, '7'),
             (11, E'cr\\r\\nlf\\ttab', '\\x', '5e-324', -9223372036854775808, 'x'),
             (12, 'ä😀', null, 0.1::float8 + 0.2::float8, 0, null), (13, '', '\\x27', 'Infinity', 1, ''),
             (14, E'\\x01\\x7f', null, '-Infinity', 2, '1.5'), (15, '.quit', null, 2.2250738585072014e-308, 3, null),
             (16, E';\\n;\\n\"', null, 1.7976931348623157e308, 4, null);
         update cell set t = E'x''y\\n;\\n--', r = 1e-310, b = '\\x2700' where id = 1; update cell set t = null, m = '8' where id = 2;
         insert into cell(id, t, b, r) select 100 + g, md5(g::text), decode(md5(g::text), 'hex'), random() * power(10::float8, g - 300)
             from generate_series(1, 600) g;
         select setval('cell_id_seq', 700)",
    );
    let set = export(&database, &plan, &mark, &source, &program.path("changes"));
    assert_eq!(of(&set.tables, "cell"), (607, 2, 0));
    assert_eq!((set.tables[0].converted, set.tables[0].beside, set.tables[0].unwritten), (0, 0, 0));
    let copy = brought_over(&program, &source, &set);
    program.run(&["verify", text(&copy), &database.url()]).expect(0);
    // A column of SQLite's of the type REAL keeps no sign of zero: that is counted.
    tell(&database, "update cell set r = '-0' where id = 3");
    let set = export(&database, &plan, &mark, &source, &program.path("again"));
    assert_eq!(set.tables[0].converted, 1);
}

#[test]
fn a_few_changes_in_a_large_table_are_found_soon() {
    let (program, database) = (Program::new(), Database::new("rollback_large"));
    let source = program.source(
        "app.db",
        "create table large(id integer primary key, a text, b text, c real);
         with recursive n(n) as (select 1 union all select n + 1 from n where n < 200000)
         insert into large select n, 'a text of row ' || n, 'another ' || n, n / 3.0 from n",
    );
    let (plan, mark) = cut_over(&program, &source, &database);
    tell(&database, "update large set a = 'x' where id % 50000 = 0; insert into large(a) values('new'); delete from large where id = 7");
    let began = Instant::now();
    assert_eq!(of(&count(&database, &plan, &mark, &source).tables, "large"), (1, 4, 1));
    let counted = began.elapsed();
    let began = Instant::now();
    let set = export(&database, &plan, &mark, &source, &program.path("changes"));
    eprintln!("200,000 rows with 6 changes: counted in {counted:.2?}, exported with one that went in {:.2?}", began.elapsed());
    assert_eq!(of(&set.tables, "large"), (1, 4, 1));
    program.run(&["verify", text(&brought_over(&program, &source, &set)), &database.url()]).expect(0);
}
