//! Cases 33 to 59, and 63, 64, 76, 78: schemas, and the move itself.

use std::path::Path;

use super::{CHECK, Case, FOREIGN_KEY, UNIQUE, found};
use crate::program::{Program, text};

#[test]
fn case_33_identity_without_autoincrement() {
    let case = Case::new("case_33", "create table t(id integer primary key, s text); insert into t values (7, 'a')");
    case.moved();
    assert_eq!(case.ask("insert into t(s) values ('b') returning id"), ["8"]);
    assert_eq!(case.ask("insert into t(id, s) values (100, 'c') returning id"), ["100"], "a given key is taken");
}

#[test]
fn case_34_autoincrement_without_rows() {
    let case = Case::new("case_34", "create table t(id integer primary key autoincrement, s text)");
    case.tell("create table keeps_the_target_from_being_nothing(i int)");
    case.tell("drop table keeps_the_target_from_being_nothing");
    case.program.run(&["migrate", text(&case.source), &case.database.url()]);
    assert_eq!(case.ask("insert into t(s) values ('a') returning id"), ["1"]);
}

#[test]
fn case_35_the_next_key_is_above_what_autoincrement_ever_gave() {
    let case = Case::new(
        "case_35",
        "create table t(id integer primary key autoincrement, s text); insert into t(s) values ('a'), ('b'), ('c'); delete from t where id = 3",
    );
    case.moved();
    assert_eq!(case.ask("insert into t(s) values ('d') returning id"), ["4"]);
}

#[test]
fn case_36_the_first_insert_after_the_move_has_a_new_key() {
    let case = Case::new(
        "case_36",
        "create table \"Users\"(\"Id\" integer primary key, s text); insert into \"Users\" values (5, 'a'), (3, 'b'); create table e(id integer primary key); insert into e values (1)",
    );
    case.moved();
    assert_eq!(case.ask("insert into \"Users\"(s) values ('c') returning \"Id\""), ["6"]);
    assert_eq!(case.ask("insert into e default values returning id"), ["2"]);
}

#[test]
fn case_37_the_sequence_has_the_room_of_its_column() {
    let case = Case::new("case_37", "create table t(id integer primary key, s text); insert into t values (2147483647, 'a')");
    case.moved();
    assert_eq!(case.type_of("t", "id"), "bigint");
    assert_eq!(case.ask("insert into t(s) values ('b') returning id"), ["2147483648"]);
    assert_eq!(case.ask_one("select max_value from pg_sequences where sequencename = 't_id_seq'"), "9223372036854775807");
}

#[test]
fn case_38_keys_of_zero_and_below() {
    let case = Case::new(
        "case_38",
        "create table z(id integer primary key); insert into z values (0); create table n(id integer primary key); insert into n values (-5), (-3)",
    );
    case.moved();
    assert_eq!(case.ask("insert into z default values returning id"), ["1"]);
    // SQLite gives one more than the greatest, which is -2 here: the sequence begins at 1, which is as new.
    assert_eq!(case.ask("insert into n default values returning id"), ["1"]);
}

#[test]
fn case_39_a_foreign_key_that_names_no_column() {
    let case = Case::new(
        "case_39",
        "create table textes(id integer primary key); create table notes(id integer primary key, texte integer references textes);
         insert into textes values (1); insert into notes values (1, 1)",
    );
    case.moved();
    assert_eq!(case.refused("insert into notes values (2, 99)"), FOREIGN_KEY);
}

#[test]
fn case_40_names_that_are_words_of_sql() {
    let case = Case::new(
        "case_40",
        "create table \"order\"(\"requestId\" integer primary key, \"references\" integer references \"order\"(\"requestId\")); insert into \"order\" values (1, null), (2, 1)",
    );
    case.moved();
    assert_eq!(case.ask("select \"requestId\", \"references\" from \"order\" where \"requestId\" = 2"), ["2|1"]);
    assert_eq!(case.refused("insert into \"order\" values (3, 99)"), FOREIGN_KEY);
}

const ORPHANS: &str = "create table users(id integer primary key);
    create table chats(id integer primary key, user_id integer references users(id));
    create table messages(id integer primary key, chat_id integer references chats(id));
    insert into users values (1); insert into chats values (1, 1), (2, 77); insert into messages values (1, 1), (2, 2), (3, 55)";

#[test]
fn case_41_orphans_are_listed_and_never_deleted() {
    let report = Case::new("case_41_stops", ORPHANS).stops("orphan-rows", "chats.user_id");
    assert!(found(&report, "orphan-rows", "messages.chat_id"));
    let case = Case::new("case_41", ORPHANS).rules("[rules]\norphans = \"not-valid\"\n");
    case.moved();
    assert_eq!(case.ask("select count(*) from messages"), ["3"]);
    assert_eq!(case.refused("insert into messages values (9, 99)"), FOREIGN_KEY, "new rows are bound");
    let inspected = case.program.run(&["inspect", text(&case.source)]).expect(0);
    assert!(inspected.out.contains("orphan"), "{}", inspected.out);
}

#[test]
fn case_42_cycles_and_self_references() {
    let case = Case::new(
        "case_42",
        "create table a(id integer primary key, b integer references b(id) deferrable initially deferred);
         create table b(id integer primary key, a integer references a(id));
         create table tree(id integer primary key, up integer references tree(id));
         insert into a values (1, 2); insert into b values (2, 1); insert into tree values (1, 2), (2, 1)",
    );
    case.moved();
    case.tell("begin; insert into a values (5, 6); insert into b values (6, 5); commit");
    assert_eq!(case.refused("insert into tree values (3, 9)"), FOREIGN_KEY);
}

#[test]
fn case_43_a_predicate_follows_the_columns_type() {
    let case = Case::new(
        "case_43",
        "create table TblA(id integer primary key, FieldA int, FieldB int, FieldC bit not null default 1);
         create unique index TblA_Idx6 on TblA (FieldA, FieldB) where (FieldC = 0); insert into TblA values (1, 1, 1, 0), (2, 1, 1, 1)",
    );
    case.moved();
    assert_eq!(case.type_of("\"TblA\"", "FieldC"), "boolean");
    case.tell("insert into \"TblA\" values (3, 1, 1, true)");
    assert_eq!(case.refused("insert into \"TblA\" values (4, 1, 1, false)"), UNIQUE);
}

#[test]
fn case_44_a_partial_unique_index_stays_partial() {
    let case = Case::new(
        "case_44",
        "create table t(id integer primary key, email text, deleted int); create unique index u on t(email) where deleted = 0; insert into t values (1, 'a', 0), (2, 'a', 1)",
    );
    case.moved();
    case.tell("insert into t values (3, 'a', 1)");
    assert_eq!(case.refused("insert into t values (4, 'a', 0)"), UNIQUE);
}

#[test]
fn case_45_an_index_on_a_path_of_json_is_made() {
    let case = Case::new(
        "case_45",
        r#"create table t(id integer primary key, config json, settings text check (json_valid(settings)),
             name text generated always as (json_extract(settings, '$.name')) virtual, size integer as (settings ->> 'size') stored,
             active boolean as (json_extract(settings, '$.active')) stored);
           create index by_x on t(json_extract(config, '$.x'));
           create index by_first on t(json_extract(config, '$.list[0]'));
           create unique index by_code on t(settings ->> '$.code') where json_type(settings, '$.code') is not null;
           create table log(id integer primary key, name text, tags integer, doc json);
           create view v as select t.id, json_extract(config, '$.x') as x, config -> 'list' as list, e.value as item
             from t left join json_each(t.config, '$.list') e on e.type = 'integer' where t.settings ->> 'size' > 1;
           create trigger logged after insert on t begin
             insert into log(name, tags, doc) values (json_extract(new.settings, '$.name'), json_array_length(new.config, '$.list'),
               json_set(new.settings, '$.of', new.id)); end;
           insert into t(id, config, settings) values (1, '{"x": 1, "list": [5, "a", 2.0]}', '{"name": "Ada", "size": 3, "code": "q", "active": true}'),
             (2, '{"x": "one"}', '{"size": 1}'), (3, null, '{"name": null, "size": 2, "code": 1.0}')"#,
    );
    let report = case.moved();
    assert!(!found(&report, "manual", ""), "{:#}", report["findings"]);
    assert_eq!(case.type_of("t", "config"), "json");
    let index = case.ask_one("select indexdef from pg_indexes where indexname = 'by_x'");
    assert!(index.contains("((config ->> 'x'::text))"), "{index}");
    assert_eq!(case.ask_one("select count(*) from pg_indexes where indexname in ('by_first', 'by_code')"), "2");
    assert_eq!(case.ask("select id, name, size, active from t order by id"), ["1|Ada|3|t", "2|∅|1|∅", "3|∅|2|∅"]);
    assert_eq!(case.ask("select * from v order by id, item"), ["1|1|[5,\"a\",2.0]|5", "3|∅|∅|∅"]);
    case.tell(r#"insert into t(id, config, settings) values (4, '{"list": [1, 2]}', '{"name": "B\u00e9a", "size": 4}')"#);
    assert_eq!(case.ask("select name, size from t where id = 4"), ["Béa|4"]);
    assert_eq!(case.ask("select name, tags, doc from log order by id desc limit 1"), [r#"Béa|2|{"name":"B\u00e9a","size":4,"of":4}"#]);
    assert_eq!(case.refused("insert into t(id, settings) values (5, '{')"), "22032");
    assert_eq!(case.refused(r#"insert into t(id, settings) values (6, '{"code": 1}')"#), UNIQUE);
    assert_eq!(case.refused(r#"insert into t(id, settings) values (7, '{"size": "many"}')"#), "42804");
    assert_eq!(case.type_of("t", "active"), "boolean");
}

#[test]
fn case_46_nocase_uniqueness_is_kept() {
    let case = Case::new(
        "case_46",
        "create table t(id integer primary key, email text collate nocase unique); insert into t values (1, 'Ada@x'), (2, 'é')",
    );
    let report = case.moved();
    assert_eq!(case.refused("insert into t values (3, 'ADA@X')"), UNIQUE);
    case.tell("insert into t values (4, 'É')");
    assert!(found(&report, "nocase-column", "t.email"));
}

#[test]
fn case_47_a_generated_column_comes_across() {
    let case = Case::new(
        "case_47",
        "create table t(id integer primary key, a int, gen integer generated always as (a + 1), s text as (a * 2) stored); insert into t(id, a) values (1, 5)",
    );
    case.moved();
    assert_eq!(case.ask("insert into t(id, a) values (2, 7) returning gen"), ["8"]);
    assert_eq!(case.ask("select gen from t where id = 1"), ["6"]);
}

#[test]
fn case_48_a_check_that_does_not_translate_stops_no_table() {
    let case = Case::new(
        "case_48",
        "create table t(id integer primary key, insertTime text check(datetime(insertTime, '+0 days') is substr(insertTime, 1, 19)), n int check(n > 0));
         insert into t values (1, '2024-01-01 00:00:00', 5)",
    );
    case.moved();
    assert_eq!(case.ask("select n from t"), ["5"]);
    assert_eq!(case.refused("insert into t(id, n) values (2, -1)"), CHECK);
}

#[test]
fn case_49_a_default_of_null_is_null() {
    let case = Case::new(
        "case_49",
        "create table t(id integer primary key, cname_setup_at timestamp default null, s text default 'NULL'); insert into t(id) values (1)",
    );
    case.moved();
    case.tell("insert into t default values");
    assert_eq!(case.ask("select cname_setup_at is null, s from t where id = 2"), ["t|NULL"]);
}

#[test]
fn case_50_defaults_are_translated_by_expression_and_evaluate() {
    let case = Case::new(
        "case_50",
        "create table t(id integer primary key, a text default (strftime('%Y-%m-%d %H:%M:%f', 'now')), b text default (datetime('now')),
            c datetime default current_timestamp, d text default (lower(hex(randomblob(16)))), e int default (1+1), f text default 'it''s', g text default \"dq\", h text default 'NULL');
         insert into t(id, c) values (1, '2024-01-01 10:00:00')",
    );
    case.moved();
    case.tell("insert into t default values");
    let row = case.ask("select a ~ '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}$', b ~ '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$', c is not null, d ~ '^[0-9a-f]{32}$', e, f, g, h from t where id = 2");
    assert_eq!(row, ["t|t|t|t|2|it's|dq|NULL"]);
}

#[test]
fn case_51_unknown_types_fall_back_by_their_cells() {
    let case = Case::new(
        "case_51",
        "create table t(id integer primary key, a double precision, b byte[], c strange(1, 2), d TEXT[], e \"two words\", f);
         create table s(id integer primary key, x any) strict;
         insert into t values (1, 0.5, x'00', 'c', '{a}', 5, 'f'); insert into s values (1, 'text'), (2, 5)",
    );
    case.moved();
    assert_eq!(case.ask("select a, c, d, f from t"), ["0.5|c|{a}|f"]);
    assert_eq!(case.ask("select x from s order by id"), ["text", "5"]);
}

#[test]
fn case_52_long_names_that_would_be_one() {
    let (one, two) = (format!("{}_one", "n".repeat(70)), format!("{}_two", "n".repeat(70)));
    let case = Case::new(
        "case_52",
        &format!(
            "create table t(id integer primary key, {one} text, {two} text); create index i_{one} on t({one}); create index i_{two} on t({two}); insert into t values (1, 'a', 'b')"
        ),
    );
    let report = case.moved();
    let columns = case.ask("select attname from pg_attribute where attrelid = 't'::regclass and attnum > 1 order by attnum");
    assert_eq!(columns.len(), 2);
    assert_ne!(columns[0], columns[1]);
    assert!(columns.iter().all(|name| name.len() <= 63));
    assert!(found(&report, "renamed", "column of t"), "{:#}", report["findings"]);
    assert_eq!(case.ask("select count(*) from pg_indexes where tablename = 't'"), ["3"]);
}

#[test]
fn case_53_an_index_on_long_texts_is_made_in_another_way() {
    let case = Case::new(
        "case_53",
        "create table t(id integer primary key, long text, url text unique); create index by_long on t(long);
         insert into t values (1, hex(randomblob(6000)), hex(randomblob(3000))), (2, 'b', 'c')",
    );
    let report = case.moved();
    assert!(found(&report, "long-index-key", "t"), "{:#}", report["findings"]);
    assert_eq!(case.refused("insert into t(long, url) select 'x', url from t where id = 1"), UNIQUE, "uniqueness is kept");
    case.tell("insert into t(long, url) values (repeat(md5('a'), 500), repeat(md5('b'), 500))");
}

#[test]
fn case_54_names_keep_their_case() {
    let case = Case::new(
        "case_54",
        "create table \"MediaRequest\"(\"requestId\" integer primary key, plain text); insert into \"MediaRequest\" values (1, 'a')",
    );
    case.moved();
    assert_eq!(case.ask("select \"requestId\", plain from \"MediaRequest\""), ["1|a"]);
}

#[test]
fn case_55_a_full_text_table_comes_across_without_its_shadow_tables() {
    let case = Case::new(
        "case_55",
        "create virtual table docs using fts5(title, body); insert into docs values ('one', 'the quick fox'), ('two', 'a lazy dog')",
    );
    let report = case.moved();
    assert!(found(&report, "full-text", "docs"), "{:#}", report["findings"]);
    assert_eq!(case.ask("select title from docs where outgrow_fts @@ plainto_tsquery('simple', 'fox')"), ["one"]);
    case.tell("insert into docs(title, body) values ('three', 'another fox')");
    assert_eq!(case.ask("select count(*) from docs where outgrow_fts @@ plainto_tsquery('simple', 'fox')"), ["2"]);
    assert_eq!(case.ask("select count(*) from pg_class where relkind = 'r' and relname like 'docs\\_%'"), ["0"]);
}

#[test]
fn case_56_a_geopackage_keeps_its_geometries() {
    let case = Case::new(
        "case_56",
        "pragma application_id = 1196444487;
         create table gpkg_geometry_columns(table_name text, column_name text, geometry_type_name text, srs_id integer, z tinyint, m tinyint, primary key (table_name, column_name));
         create table roads(fid integer primary key, geom point);
         insert into gpkg_geometry_columns values ('roads', 'geom', 'POINT', 4326, 0, 0);
         insert into roads values (1, x'47500001e61000000101000000000000000000f03f0000000000000040')",
    );
    let report = case.moved();
    assert!(found(&report, "geometry-column", "roads.geom"), "{:#}", report["findings"]);
    assert_eq!(case.type_of("roads", "geom"), "bytea");
    assert_eq!(case.ask_one("select encode(geom, 'hex') from roads"), "47500001e61000000101000000000000000000f03f0000000000000040");
}

#[test]
fn case_57_nulls_in_a_text_primary_key() {
    let sql = "create table t(code text primary key, n int); insert into t values (null, 1), (null, 2), ('a', 3)";
    Case::new("case_57_stops", sql).stops("null-in-primary-key", "t");
    let case = Case::new("case_57", sql);
    case.moved();
    assert_eq!(case.ask("select count(*) from t"), ["3"]);
    assert_eq!(case.refused("insert into t values ('a', 9)"), UNIQUE);
    case.tell("insert into t values (null, 9)");
}

#[test]
fn case_63_a_wrong_path_makes_no_database() {
    let program = Program::new();
    let database = crate::fixture::Database::new("case_63");
    for verb in ["inspect", "migrate", "rehearse"] {
        let mut arguments = vec![verb, "no/such/app.db"];
        let url = database.url();
        if verb == "migrate" {
            arguments.push(&url);
        }
        program.run(&arguments).expect(6);
    }
    assert!(!Path::new(&program.path("no")).exists(), "an empty database was made");
    let empty = program.path("empty.db");
    std::fs::write(&empty, "").unwrap();
    program.run(&["inspect", text(&empty)]).expect(6);
    assert_eq!(std::fs::metadata(&empty).unwrap().len(), 0);
}

#[test]
fn case_64_rows_that_are_only_in_the_wal() {
    let program = Program::new();
    let source = program.path("app.db");
    let writer = rusqlite::Connection::open(&source).unwrap();
    writer.execute_batch("pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table t(id integer primary key); insert into t values (1), (2)").unwrap();
    let database = crate::fixture::Database::new("case_64");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    assert_eq!(crate::target::ask(&database, "select count(*) from t"), ["2"]);
    drop(writer);
}

#[test]
fn case_76_equal_counts_prove_nothing() {
    let case = Case::new("case_76", "create table t(id integer primary key, s text); insert into t values (1, 'a'), (2, 'b')");
    case.moved();
    case.tell("update t set s = 'B' where id = 2");
    let ended = case.program.run(&["verify", text(&case.source), &case.database.url()]).expect(4);
    assert!(ended.out.contains("t "), "{}", ended.out);
    case.tell("update t set s = 'b' where id = 2; delete from t where id = 1; insert into t values (9, 'a')");
    case.program.run(&["verify", text(&case.source), &case.database.url()]).expect(4);
}

#[test]
fn case_78_a_missing_index_is_seen_and_statistics_are_there() {
    let case =
        Case::new("case_78", "create table t(id integer primary key, s text); create index by_s on t(s); insert into t values (1, 'a')");
    case.moved();
    assert_eq!(case.ask_one("select reltuples from pg_class where oid = 't'::regclass"), "1", "ANALYZE has run");
    case.tell("drop index by_s");
    let ended = case.program.run(&["verify", text(&case.source), &case.database.url()]).expect(4);
    assert!(ended.out.contains("by_s"), "{}", ended.out);
}
