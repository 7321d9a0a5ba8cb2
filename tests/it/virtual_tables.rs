//! Full-text tables and R*Trees that the bundled SQLite made, moved and searched.

use std::ops::ControlFlow;

use outgrow::sqlite::{Scan, ScanOrder, ScannedRow, SourceReader};
use outgrow::value::ValueRef;

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{ask, ask_one, equal, everything, moved, settle, tell};

const FULL_TEXT: &str = "
    create virtual table docs using fts5(title, body, slug unindexed, tokenize = 'porter unicode61');
    insert into docs(rowid, title, body, slug) values
        (7, 'Running a school', 'the teachers were teaching', 'x1'), (-3, 'Ünïcode', 'naïve', null), (9, '', 'zzz', 'x2');
    create virtual table mail using fts4(subject text, body, languageid='lid', notindexed=body);
    insert into mail(docid, subject, body, lid) values (5, 'hello there', 'unseen', 2), (1, null, 'x', 0);
    create virtual table old using fts3(a);
    insert into old(docid, a) values (40, 'forty winks');
    create table notes(id integer primary key, title text, body text);
    create virtual table notes_fts using fts5(title, body, content='notes', content_rowid='id');
    create trigger notes_ai after insert on notes begin
        insert into notes_fts(rowid, title, body) values (new.id, new.title, new.body);
    end;
    create trigger notes_ad after delete on notes begin
        insert into notes_fts(notes_fts, rowid, title, body) values ('delete', old.id, old.title, old.body);
    end;
    create trigger notes_au after update on notes begin
        insert into notes_fts(notes_fts, rowid, title, body) values ('delete', old.id, old.title, old.body);
        insert into notes_fts(rowid, title, body) values (new.id, new.title, new.body);
    end;
    insert into notes values (1, 'first', 'green apples'), (2, 'second', 'red pears'), (3, 'third', 'red apples');
    create table copied(id integer primary key, body text);
    create virtual table copied_fts using fts5(body);
    create trigger copied_ai after insert on copied begin insert into copied_fts(rowid, body) values (new.id, new.body); end;
    create trigger copied_ad after delete on copied begin delete from copied_fts where rowid = old.id; end;
    insert into copied values (4, 'four'), (6, 'six');
    create table mixed(id integer primary key, j json, u uuid, n decimal(10,2), w numeric, t boolean);
    insert into mixed values (1, '[1, null, 3]', '123e4567-e89b-12d3-a456-426614174000', 2.5, 7, 1);
    create virtual table mixed_fts using fts5(j, u, n, w, t, content='mixed', content_rowid='id', tokenize='porter ascii');
    create table keyless(body text); insert into keyless values ('plain words');
    create virtual table keyless_fts using fts5(body, content='keyless');
    create view listed as select f.rowid as id, f.title as title from notes_fts f;";

/// What a finding of this gate at this place says.
fn finding<'a>(report: &'a serde_json::Value, gate: &str, place: &str) -> Option<&'a serde_json::Value> {
    report["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == gate && finding["place"] == place)
}

/// The plan of a query, sequential scans being dear.
fn explained(database: &Database, query: &str) -> String {
    ask(database, &format!("set enable_seqscan = off; explain {query}")).join("\n")
}

fn search(database: &Database, table: &str, key: &str, configuration: &str, words: &str) -> Vec<String> {
    let condition = format!("outgrow_fts @@ websearch_to_tsquery('{configuration}', '{words}')");
    ask(database, &format!("select {key} from {table} where {condition} order by 1"))
}

#[test]
fn full_text_tables_move_with_their_rows_and_are_searched() {
    let (program, database) = (Program::new(), Database::new("full_text"));
    let source = program.source("app.db", FULL_TEXT);
    let report = moved(&program, &source, &database).document();
    assert_eq!(report["outcome"], "done", "{report:#}");
    assert_eq!(report["refused"].as_array().unwrap().len(), 0, "{}", report["refused"]);
    equal(&program, &source, &database);
    assert_eq!(ask(&database, "select rowid, title, slug from docs order by 1"), ["-3|Ünïcode|∅", "7|Running a school|x1", "9||x2"]);
    assert_eq!(ask(&database, "select docid, subject, body, lid from mail order by 1"), ["1|∅|x|0", "5|hello there|unseen|2"]);

    assert_eq!(search(&database, "docs", "rowid", "outgrow_porter", "teacher run"), ["7"], "words are stemmed");
    assert_eq!(search(&database, "docs", "rowid", "outgrow_porter", "the"), ["7"], "no word is dropped");
    assert!(search(&database, "docs", "rowid", "outgrow_porter", "x1").is_empty(), "an unindexed column is not searched");
    assert_eq!(search(&database, "mail", "docid", "simple", "hello"), ["5"]);
    assert!(search(&database, "mail", "docid", "simple", "unseen").is_empty());
    assert_eq!(search(&database, "old", "docid", "simple", "winks"), ["40"]);
    assert_eq!(search(&database, "notes_fts", "rowid", "simple", "red -pears"), ["3"]);
    assert_eq!(ask(&database, "select * from listed order by id"), ["1|first", "2|second", "3|third"]);
    assert_eq!(search(&database, "mixed_fts", "rowid", "outgrow_porter", "nulls"), ["1"], "words in a JSON column");
    assert_eq!(search(&database, "keyless_fts", "body", "simple", "words"), ["plain words"]);
    let by_column = "select rowid from notes_fts where outgrow_fts @@ to_tsquery('simple', 'second:A') order by 1";
    assert_eq!(ask(&database, by_column), ["2"], "a column is searched by its weight");

    for (table, index) in [("docs", "docs_fts_idx"), ("notes_fts", "notes_fts_idx"), ("mail", "mail_fts_idx")] {
        let plan = explained(&database, &format!("select * from {table} where outgrow_fts @@ websearch_to_tsquery('simple', 'red')"));
        assert!(plan.contains(index), "{plan}");
    }
    let joined = "select n.id from notes n join notes_fts f on f.rowid = n.id where f.outgrow_fts @@ websearch_to_tsquery('simple', 'red')";
    assert!(explained(&database, joined).contains("notes_fts_idx"), "{}", explained(&database, joined));

    let notes = finding(&report, "full-text", "notes_fts").unwrap();
    assert!(notes["message"].as_str().unwrap().contains("notes_ad, notes_ai, notes_au"), "{notes}");
    assert!(finding(&report, "full-text", "docs").unwrap()["action"].as_str().unwrap().contains("websearch_to_tsquery"));
    let found = program.run(&["rehearse", text(&source), "--json"]).expect(0).document();
    assert_eq!(found["probes"]["surprises"].as_array().unwrap().len(), 0, "{:#}", found["probes"]);
    let manual = |finding: &&serde_json::Value| finding["id"] == "manual" || finding["id"] == "virtual-table";
    assert_eq!(report["findings"].as_array().unwrap().iter().find(manual), None);
    let shadows = "select count(*) from pg_class where relname ~ '_(content|data|idx|docsize|config|segments|segdir|stat)$' and relkind = 'r' and relnamespace = 'public'::regnamespace";
    assert_eq!(ask_one(&database, shadows), "0");
}

#[test]
fn what_is_written_after_the_move_is_found() {
    let (program, database) = (Program::new(), Database::new("full_text_after"));
    let source = program.source("app.db", FULL_TEXT);
    moved(&program, &source, &database);
    tell(
        &database,
        "insert into notes(title, body) values ('fourth', 'blue plums');
         update notes set body = 'yellow pears' where id = 2;
         delete from notes where id = 3;
         insert into docs(title, body) values ('new', 'swimming');
         insert into copied(body) values ('seven');
         delete from copied where id = 4",
    );
    assert_eq!(search(&database, "notes_fts", "rowid", "simple", "plums"), ["4"]);
    assert_eq!(search(&database, "notes_fts", "rowid", "simple", "yellow"), ["2"]);
    assert!(search(&database, "notes_fts", "rowid", "simple", "red").is_empty());
    assert_eq!(search(&database, "docs", "rowid", "outgrow_porter", "swim"), ["10"], "the rowid goes on");
    assert_eq!(ask(&database, "select rowid, body from copied_fts order by 1"), ["6|six", "7|seven"], "the application's triggers go on");
    // What the application says to the index alone does not reach the rows that it indexes.
    tell(
        &database,
        "delete from notes_fts where rowid = 1; insert into notes_fts(rowid, title) values (1, 'again'); update notes_fts set title = ''",
    );
    assert_eq!(ask_one(&database, "select title from notes where id = 1"), "first");
}

#[test]
fn a_broken_off_load_of_a_tree_goes_on() {
    let (program, database) = (Program::new(), Database::new("virtual_resumed"));
    let source = program.source(
        "app.db",
        "create virtual table docs using fts5(body); insert into docs values ('one'), ('two');
         create virtual table boxes using rtree(id, x0, x1);
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 201000) insert into boxes select (i * 7919) % 1000003, i, i + 1 from n;",
    );
    settle(&program, "");
    let arguments = ["migrate", text(&source), &database.url()];
    let loaded = |table: &str| ask_one(&database, &format!("select count(*) from {table}"));
    for rows in [("2", "0"), ("2", "200000")] {
        program.run_to("copy.chunk.committed", &arguments);
        assert_eq!((loaded("docs").as_str(), loaded("boxes").as_str()), rows);
    }
    let report = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
    assert_eq!(report["verification"]["verdict"], "match");
    assert_eq!(loaded("boxes"), "201000");
    assert_eq!(search(&database, "docs", "rowid", "simple", "two"), ["2"]);
    let before = everything(&database);
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    assert_eq!(everything(&database), before, "a second run changes nothing");
}

#[test]
fn a_scan_of_a_full_text_table_goes_on_where_it_was_left() {
    let program = Program::new();
    let source = program.source(
        "app.db",
        "create virtual table docs using fts5(body); insert into docs(rowid, body) values (9, 'c'), (-1, 'a'), (4, 'b');",
    );
    let reader = SourceReader::open(&source).unwrap();
    let columns = ["rowid".to_owned(), "body".to_owned()];
    for (skip, expected) in [(0, vec![-1, 4, 9]), (1, vec![4, 9]), (3, vec![])] {
        let mut seen = Vec::new();
        let scan = Scan { table: "docs", columns: &columns, within: None, order: ScanOrder::Storage, skip, rows: None };
        let visit = &mut |row: &ScannedRow<'_>| {
            let ValueRef::Integer(rowid) = row.value(0) else { panic!("no rowid") };
            seen.push(rowid);
            Ok(ControlFlow::Continue(()))
        };
        reader.scan(&scan, visit).unwrap();
        assert_eq!(seen, expected);
    }
    reader.finish().unwrap();
}

#[test]
fn a_tree_moves_with_its_rounded_bounds() {
    let (program, database) = (Program::new(), Database::new("rtree"));
    let source = program.source(
        "app.db",
        "create virtual table places using rtree(id, min_x, max_x, min_y, max_y, +name text, +rank);
         insert into places values (3, 0.1, 0.2, -1, 1, 'here', 5), (-8, 1e30, 1e31, 0, 0, null, 2.5), (70, -180, 180, -90, 90, 'all', null);
         create virtual table spans using rtree_i32(id, first, last);
         insert into spans values (1, -2147483648, 2147483647), (2, 5, 9);
         create virtual table solids using rtree(id, x0, x1, y0, y1, z0, z1);
         insert into solids values (1, 0, 1, 0, 1, 0, 1);",
    );
    let report = moved(&program, &source, &database).document();
    assert_eq!(report["outcome"], "done", "{report:#}");
    assert_eq!(report["refused"].as_array().unwrap().len(), 0, "{}", report["refused"]);
    equal(&program, &source, &database);
    let db = rusqlite::Connection::open(&source).unwrap();
    let stored: (f64, f64) =
        db.query_row("select min_x, max_x from places where id = 3", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert!(stored.0 < 0.1 && stored.1 > 0.2, "the tree rounds");
    assert_eq!(ask_one(&database, "select min_x || ' ' || max_x from places where id = 3"), format!("{} {}", stored.0, stored.1));
    let near = "select id from places where box(point(min_x, min_y), point(max_x, max_y)) && box(point(0.15, 0), point(0.16, 0))";
    assert_eq!(ask(&database, &format!("{near} order by id")), ["3", "70"]);
    assert!(explained(&database, near).contains("places_box_idx"), "{}", explained(&database, near));
    assert!(explained(&database, "select * from spans where first <= 6 and last >= 6").contains("spans_bounds_1_idx"));
    assert!(finding(&report, "spatial-index", "places").is_some());
    let found = program.run(&["rehearse", text(&source), "--json"]).expect(0).document();
    assert_eq!(found["probes"]["surprises"].as_array().unwrap().len(), 0, "{:#}", found["probes"]);
    tell(&database, "insert into places(min_x, max_x, min_y, max_y) values (1, 2, 3, 4)");
    assert_eq!(ask_one(&database, "select max(id) from places"), "71");
    let refused =
        ask(&database, "do $$ begin insert into places values (100, 2, 1, 0, 0); exception when check_violation then null; end $$");
    assert!(refused.is_empty());
    assert_eq!(ask_one(&database, "select count(*) from places where id = 100"), "0");
}

#[test]
fn a_geopackage_keeps_its_geometries_and_says_what_stays_behind() {
    let (program, database) = (Program::new(), Database::new("geopackage"));
    let source = program.source(
        "app.gpkg",
        &std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/gate-geometry-column/source.sql")).unwrap(),
    );
    let report = moved(&program, &source, &database).document();
    equal(&program, &source, &database);
    let found = finding(&report, "geometry-column", "roads.geom").unwrap();
    let (message, action) = (found["message"].as_str().unwrap(), found["action"].as_str().unwrap());
    assert!(message.contains("LINESTRING, SRID 4326") && message.contains("rtree_roads_geom_insert"), "{message}");
    assert!(
        finding(&report, "virtual-table", "rtree_roads_geom").is_none()
            && finding(&report, "manual", "trigger rtree_roads_geom_insert").is_none()
    );
    // What PostGIS is to be given: WKB of a line, with or without an envelope before it.
    let begin = action.find("substring(").unwrap();
    let wkb = &action[begin..action.rfind(", 4326").unwrap()];
    assert_eq!(ask_one(&database, &format!("select encode({wkb}, 'hex') from roads")), "010200000000000000");
    let enveloped = format!("47500003e6100000{}0101000000", "00".repeat(32));
    tell(&database, &format!("insert into roads(geom) values ('\\x{enveloped}')"));
    assert_eq!(ask_one(&database, &format!("select encode({wkb}, 'hex') from roads where fid = 2")), "0101000000");
    assert_eq!(ask_one(&database, "select count(*) from gpkg_geometry_columns"), "2");
}

/// Rewrites the schema table, as only a hostile or a foreign file has it.
fn rewrite(source: &std::path::Path, sql: &str) {
    let db = rusqlite::Connection::open(source).unwrap();
    db.execute_batch(&format!("pragma writable_schema = on; {sql}")).unwrap();
}

#[test]
fn what_sqlite_cannot_start_is_a_finding_and_loses_no_text() {
    let (program, database) = (Program::new(), Database::new("virtual_foreign"));
    let source = program.source(
        "app.db",
        "create virtual table words using fts4(body);
         insert into words values ('kept'), ('all the same');
         create virtual table packed using fts4(body);
         insert into packed values ('pressed');
         create table shapes_rowid(rowid integer primary key, nodeno, a0); insert into shapes_rowid values (1, 1, x'01ff');
         create table plain(id integer primary key); insert into plain values (1);",
    );
    rewrite(
        &source,
        "update sqlite_schema set sql = 'CREATE VIRTUAL TABLE words USING fts4(body, tokenize=icu de)' where name = 'words';
         update sqlite_schema set sql = 'CREATE VIRTUAL TABLE packed USING fts4(body, compress=zip, uncompress=unzip)' where name = 'packed';
         insert into sqlite_schema values ('table', 'shapes', 'shapes', 0, 'CREATE VIRTUAL TABLE shapes USING geopoly(name)');
         insert into sqlite_schema values ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING vec0(body)');",
    );
    let rehearsed = program.run(&["rehearse", text(&source), "--json"]);
    let report = rehearsed.document();
    for (table, word) in [("words", "words_content"), ("packed", "packed_content"), ("vectors", "module vec0"), ("shapes", "shapes_rowid")]
    {
        let found = finding(&report, "virtual-table", table).unwrap_or_else(|| panic!("{table}: {:#}", report["findings"]));
        assert!(found["message"].as_str().unwrap().contains(word), "{found}");
        assert_eq!(found["severity"], "decide");
    }
    moved_anyway(&program, &source, &database);
    assert_eq!(ask(&database, "select c0body from words_content order by docid"), ["kept", "all the same"]);
    assert_eq!(ask(&database, "select a0 from shapes_rowid"), ["\\x01ff"]);
}

/// Moves a source whose integrity SQLite can't check.
fn moved_anyway(program: &Program, source: &std::path::Path, database: &Database) {
    settle(program, "");
    program.run(&["migrate", text(source), &database.url()]).expect(0);
}

#[test]
fn damage_in_a_tree_stops_the_move_and_damage_in_an_index_of_words_does_not() {
    let (program, database) = (Program::new(), Database::new("virtual_damaged"));
    let source = program.source(
        "app.db",
        "create table notes(id integer primary key, body text); insert into notes values (1, 'a b');
         create virtual table notes_fts using fts4(content='notes', body);
         create virtual table own using fts5(body); insert into own values ('kept text');",
    );
    // Neither index knows the words of its texts.
    let db = rusqlite::Connection::open(&source).unwrap();
    db.execute_batch("update own_content set c0 = 'other text'").unwrap();
    drop(db);
    let report = moved(&program, &source, &database).document();
    assert!(finding(&report, "integrity", "full-text index").is_some(), "{:#}", report["findings"]);
    assert_eq!(search(&database, "own", "rowid", "simple", "other"), ["1"]);
    assert_eq!(search(&database, "notes_fts", "docid", "simple", "b"), ["1"]);

    let source = program.source(
        "tree.db",
        "create virtual table boxes using rtree(id, x0, x1); insert into boxes values (1, 0, 1), (2, 5, 6);
         create table plain(id integer primary key);",
    );
    rusqlite::Connection::open(&source).unwrap().execute_batch("update boxes_node set data = x'0102'").unwrap();
    let ended = program.run(&["rehearse", text(&source), "--json"]);
    assert_eq!(ended.code, Some(3), "{}\n{}", ended.out, ended.err);
    let report = ended.document();
    let stops = report["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "stop").count();
    assert!(stops > 0, "{:#}", report["findings"]);
}
