//! The move into a real target: once, wholly, with nothing of the target's own touched.

use std::path::PathBuf;

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{ask, ask_one, books, equal, everything, moved, relations, settle, tell};

fn change(source: &std::path::Path, sql: &str) {
    rusqlite::Connection::open(source).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn the_demo_moves_once() {
    let (program, database) = (Program::new(), Database::new("migrate_demo"));
    program.run(&["demo", "--only", "--dir", "school"]).expect(0);
    let source = PathBuf::from("school/school.db");
    let report = moved(&program, &source, &database).document();
    assert_eq!(report["outcome"], "done");
    assert_eq!(report["verification"]["verdict"], "match");
    let (exact, normalised, quarantined) = books(&report["cells"]);
    assert_eq!(exact + normalised + quarantined, report["source"]["cells"].as_u64().unwrap());
    assert_eq!(ask_one(&database, "select count(*) from outgrow.quarantine"), quarantined.to_string());
    assert_eq!(report["tables"].as_array().unwrap().len(), 158);
    assert!(report["findings"].as_array().unwrap().iter().any(|finding| finding["state"]["waived"]["by"] == "Ada"), "waivers are shown");

    let before = everything(&database);
    assert!(before.len() > 1000);
    let again = moved(&program, &source, &database);
    assert!(again.err.contains("carried out already"), "{}", again.err);
    let again = again.document();
    assert_eq!(again["cells"], report["cells"]);
    assert_eq!(again["plan"]["id"], report["plan"]["id"]);
    let after = everything(&database);
    let changed: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).take(3).collect();
    assert!(changed.is_empty() && before.len() == after.len(), "the second run changed something: {changed:#?}");
}

#[test]
fn what_is_undecided_leaves_the_target_untouched() {
    let (program, database) = (Program::new(), Database::new("migrate_undecided"));
    let source = program.source(
        "app.db",
        "create table p(id integer primary key); create table c(id integer primary key, p integer references p(id)); insert into c values(1, 9);",
    );
    let before = everything(&database);
    let ended = program.run(&["migrate", text(&source), &database.url()]).expect(3);
    assert!(ended.out.contains("orphan-rows") && ended.out.contains("Nothing was changed"), "{}", ended.out);
    assert_eq!(everything(&database), before);
    assert_eq!(ask_one(&database, "select count(*) from pg_namespace where nspname = 'outgrow'"), "0");
    // Once it is decided, it is the source as it is then that moves.
    change(&source, "insert into p values(9), (10)");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    assert_eq!(ask_one(&database, "select count(*) from p"), "2");
}

/// A table can't be made where its row type's name is taken.
#[test]
fn a_type_of_a_tables_name_stops_the_move_before_it_begins() {
    let program = Program::new();
    let source = program.source("app.db", "create table a(id integer primary key); create table b(id integer primary key)");
    settle(&program, "");
    for taken in ["type b as enum ('x')", "domain b as text", "type b as range (subtype = int4)", "type b as (x int)"] {
        let database = Database::new("migrate_type");
        tell(&database, &format!("create {taken}"));
        let before = everything(&database);
        let ended = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(3);
        let findings = ended.document()["findings"].clone();
        let found = findings.as_array().unwrap().iter().any(|finding| finding["id"] == "target-not-empty" && finding["place"] == "b");
        assert!(found, "{taken}: {findings:#}");
        assert_eq!(everything(&database), before, "{taken}");
    }
    // An array's type gives way by itself, and a type of another name is in nobody's way.
    let database = Database::new("migrate_type");
    tell(&database, "create type other as enum ('x')");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
}

#[test]
fn a_text_that_is_not_well_formed_utf16_stops_the_move() {
    let (program, database) = (Program::new(), Database::new("migrate_utf16"));
    let source = program.source(
        "app.db",
        "pragma encoding = 'UTF-16be'; create table t(id integer primary key, v text);
         insert into t values (1, 'fine'), (2, cast(x'0041D80A0043' as text));",
    );
    settle(&program, "");
    let before = everything(&database);
    let document = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(3).document();
    let findings = document["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["id"] == "unreadable").unwrap_or_else(|| panic!("{document:#}"));
    assert_eq!((&finding["place"], &finding["rows"][0], &finding["severity"]), (&"t.v".into(), &"2".into(), &"stop".into()));
    assert_eq!(everything(&database), before);
    change(&source, "update t set v = 'mended' where id = 2");
    moved(&program, &source, &database);
    equal(&program, &source, &database);
}

#[test]
fn a_name_that_is_taken_stops_the_move() {
    let program = Program::new();
    let source = program.source("app.db", "create table a(id integer primary key); create table b(id integer); create index i on b(id);");
    settle(&program, "");
    for taken in [
        "create table a(x text)",
        "create table a(x text); insert into a values('theirs')",
        "create view b as select 1 as one",
        "create sequence i",
    ] {
        let database = Database::new("migrate_taken");
        tell(&database, taken);
        let before = everything(&database);
        // A table of a source's name would be taken for the application's own.
        let ended = program.run(&["migrate", text(&source), &database.url(), "--mode", "own"]).expect(3);
        assert!(ended.out.contains("target-not-empty") && ended.out.contains("the name is taken"), "{}", ended.out);
        assert_eq!(everything(&database), before, "{taken}");
    }
    // What has another name is in nobody's way, and stays.
    let database = Database::new("migrate_beside");
    tell(&database, "create table theirs(x text); insert into theirs values('kept')");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    assert_eq!(ask_one(&database, "select x from theirs"), "kept");
}

#[test]
fn a_source_that_changed_after_the_move_is_not_mixed_in() {
    let (program, database) = (Program::new(), Database::new("migrate_changed"));
    let source = program.source("app.db", "create table t(id integer primary key, v text); insert into t values(1, 'a');");
    moved(&program, &source, &database);
    change(&source, "insert into t values(2, 'b')");
    let before = everything(&database);
    for fresh in [&[][..], &["--fresh"]] {
        let ended = program.run(&[&["migrate", text(&source), &database.url()], fresh].concat()).expect(3);
        assert!(ended.out.contains("the source has changed since then"), "{}", ended.out);
        assert_eq!(everything(&database), before);
    }
    // Another policy makes another plan, which is said to be that and not a change of the source.
    change(&source, "delete from t where id = 2");
    settle(&program, "[rules]\norphans = \"not-valid\"\n[target]\nschema = \"public\"\n");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    change(&source, "update t set v = 'c'");
    program.run(&["verify", text(&source), &database.url()]).expect(4);
}

#[test]
fn an_unfinished_move_goes_on_from_its_own_snapshot() {
    let (program, database) = (Program::new(), Database::new("migrate_unfinished"));
    let source = program.source("app.db", "create table t(id integer primary key, v text); insert into t values(1, 'a'), (2, 'b');");
    let original = program.path("original.db");
    std::fs::copy(&source, &original).unwrap();
    settle(&program, "");
    program.run_to("copy.chunk.committed", &["migrate", text(&source), &database.url()]);
    change(&source, "update t set v = 'z' where id = 2; insert into t values(3, 'c')");
    // Another move can't take the work directory over, nor this one be begun anew over what is loaded.
    let other = program.source("other.db", "create table o(id integer primary key)");
    let ended = program.run(&["migrate", text(&other), &database.url()]).expect(2);
    assert!(ended.err.contains("unfinished move") && ended.err.contains("--fresh"), "{}", ended.err);
    // What the snapshot holds is moved and equal; that the source has more by now is said.
    let ended = program.run(&["migrate", text(&source), &database.url()]).expect(5);
    assert!(ended.err.contains("goes on from that run's snapshot"), "{}", ended.err);
    assert!(ended.out.contains("the source has been written to since"), "{}", ended.out);
    equal(&program, &original, &database);
    program.run(&["verify", text(&source), &database.url()]).expect(4);
}

#[test]
fn fresh_takes_a_new_snapshot_and_mixes_nothing() {
    let (program, database) = (Program::new(), Database::new("migrate_fresh"));
    let source = program.source("app.db", "create table t(id integer primary key, v text); insert into t values(1, 'a');");
    settle(&program, "");
    program.run_to("step.committed", &["migrate", text(&source), &database.url()]);
    // The source is the same: the new snapshot gives the same plan, and that is gone on with.
    program.run_to("copy.chunk.committed", &["migrate", text(&source), &database.url(), "--fresh"]);
    change(&source, "insert into t values(2, 'b')");
    let before = everything(&database);
    let ended = program.run(&["migrate", text(&source), &database.url(), "--fresh"]).expect(3);
    assert!(ended.out.contains("the source has changed since then"), "{}", ended.out);
    assert_eq!(everything(&database), before);
    // Emptied by its owner, the target takes the new state.
    tell(&database, "drop table t; drop schema outgrow cascade");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    equal(&program, &source, &database);
}

#[test]
fn a_snapshot_of_which_nothing_was_loaded_is_not_gone_on_from() {
    let (program, database) = (Program::new(), Database::new("migrate_stale"));
    let source = program.source("app.db", "create table t(id integer primary key, v text); insert into t values(1, 'a');");
    settle(&program, "");
    program.run_to("step.intended", &["migrate", text(&source), &database.url()]);
    tell(&database, "drop schema outgrow cascade");
    change(&source, "insert into t values(2, 'b')");
    let ended = program.run(&["migrate", text(&source), &database.url()]).expect(0);
    assert!(!ended.err.contains("goes on from"), "{}", ended.err);
    equal(&program, &source, &database);
}

/// Everything about names and keys that is legal in SQLite and awkward elsewhere.
const ODD: &str = r#"
    create table "quo""te's"(id integer primary key, "col""umn" text, "new
line" text, "tab	" integer);
    insert into "quo""te's" values(1, 'a"b', 'c''d', 1), (2, null, '', 2);
    create index "in""dex" on "quo""te's"("col""umn");
    create table "Ünï çødé 🦉"("ключ" integer primary key, "值" text unique, "Ctid" integer, xmin integer);
    insert into "Ünï çødé 🦉" values(1, '一', 1, 2), (2, 'двa', 3, 4);
    create table "a_table_whose_name_is_far_beyond_the_sixty_three_bytes_that_postgresql_keeps_1"(id integer primary key,
        "a_column_whose_name_is_far_beyond_the_sixty_three_bytes_that_postgresql_keeps_1" text,
        "a_column_whose_name_is_far_beyond_the_sixty_three_bytes_that_postgresql_keeps_2" text);
    create table "a_table_whose_name_is_far_beyond_the_sixty_three_bytes_that_postgresql_keeps_2"(id integer primary key);
    insert into "a_table_whose_name_is_far_beyond_the_sixty_three_bytes_that_postgresql_keeps_1" values(1, 'x', 'y');
    insert into "a_table_whose_name_is_far_beyond_the_sixty_three_bytes_that_postgresql_keeps_2" values(7);
    create table "select"("from" integer primary key, "user" text, "order" text);
    insert into "select" values(1, 'u', 'o');
    create table keyless(a integer, b text);
    insert into keyless values(1, 'x'), (1, 'x'), (1, 'x'), (null, null), (null, null), (2, '');
    create table nullkey(code text primary key, v integer);
    insert into nullkey values('x', 1), (null, 2), (null, 3);
    create table pair(a integer, b text, v blob, primary key(a, b));
    insert into pair values(1, null, x'00'), (1, null, x'00'), (null, 'x', x''), (2, 'x', null);
    create table bare(k text primary key, v integer) without rowid;
    insert into bare values('b', 1), ('B', 2), ('é', 3), ('z', 4), ('', 5);
    create table computed(id integer primary key, a integer, twice integer generated always as (a * 2) virtual, tag text as (a || '-x') stored);
    insert into computed(id, a) values(1, 21), (2, null), (3, -4);
    create table hen(id integer primary key, egg integer references egg(id) deferrable initially deferred);
    create table egg(id integer primary key, hen integer references hen(id) deferrable initially deferred);
    insert into hen values(1, 1), (2, null); insert into egg values(1, 1);
    create table tree(id integer primary key, parent integer references tree(id));
    insert into tree values(1, 2), (2, 1), (3, 3), (4, null);
    create table empty(id integer primary key, v text);
    create table "mixed classes"(id integer primary key, v);
    insert into "mixed classes" values(1, 1), (2, 1.0), (3, '1'), (4, x'31'), (5, null), (6, -0.0), (7, 9e999);
"#;

#[test]
fn odd_names_and_keys_come_across() {
    let (program, database) = (Program::new(), Database::new("migrate_odd"));
    let source = program.source("o d'd.db", ODD);
    let report = moved(&program, &source, &database).document();
    assert_eq!(report["refused"], serde_json::json!([]), "{:#}", report["refused"]);
    let (exact, normalised, quarantined) = books(&report["cells"]);
    assert_eq!(exact + normalised + quarantined, report["source"]["cells"].as_u64().unwrap());
    let compared = equal(&program, &source, &database);
    for (table, verdict) in compared["tables"].as_object().unwrap() {
        assert_eq!(verdict["verdict"], "match", "{table}");
    }
    assert_eq!(ask_one(&database, "select count(*) from keyless where a = 1 and b = 'x'"), "3");
    assert_eq!(ask_one(&database, "select count(*) from nullkey where code is null"), "2");
    assert_eq!(ask(&database, "select twice, tag from computed order by id"), ["42|21-x", "∅|∅", "-8|-4-x"]);
    assert_eq!(ask(&database, r#"select "from" from "select""#), ["1"]);
    assert_eq!(report["plan"]["renames"].as_array().unwrap().len(), 5, "{:#}", report["plan"]["renames"]);
    // A cycle of foreign keys is whole and deferred.
    assert_eq!(
        ask(&database, "select convalidated, condeferred from pg_constraint where contype = 'f' and conname ~ '^(hen|egg)_'"),
        ["t|t", "t|t"]
    );
    tell(&database, "begin; insert into hen values(3, 3); insert into egg values(3, 3); commit");
}

#[test]
fn another_schema_gets_everything() {
    let (program, database) = (Program::new(), Database::new("migrate_schema"));
    let source = program.source("app.db", ODD);
    settle(&program, "[target]\nschema = \"the \\\"app\\\"\"\n");
    tell(&database, "create table empty(theirs integer)");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    equal(&program, &source, &database);
    let public: Vec<String> = relations(&database, 'r').into_iter().filter(|name| name.starts_with("public.")).collect();
    assert_eq!(public, ["public.empty"]);
    assert!(relations(&database, 'r').iter().any(|name| name.contains("keyless")));
}

#[test]
fn the_next_insert_gets_the_right_key() {
    let (program, database) = (Program::new(), Database::new("migrate_identity"));
    let source = program.source(
        "app.db",
        "create table plain(id integer primary key, v text); insert into plain values(3, 'a'), (41, 'b');
         create table given(id integer primary key autoincrement, v text); insert into given values(1, 'a'), (900, 'b'); delete from given where id = 900;
         create table emptied(id integer primary key autoincrement, v text); insert into emptied values(77, 'a'); delete from emptied;
         create table empty(id integer primary key, v text);
         create table negative(id integer primary key, v text); insert into negative values(-9, 'a'), (-2, 'b');
         create table full(id integer primary key, v text); insert into full values(9223372036854775807, 'a'), (1, 'b');
         create table almost(id integer primary key, v text); insert into almost values(9223372036854775806, 'a');",
    );
    moved(&program, &source, &database);
    for (table, expected) in [("plain", "42"), ("given", "901"), ("emptied", "78"), ("empty", "1"), ("almost", "9223372036854775807")] {
        assert_eq!(ask_one(&database, &format!("insert into \"{table}\"(v) values('new') returning id")), expected, "{table}");
    }
    let free: i64 = ask_one(&database, "insert into negative(v) values('new') returning id").parse().unwrap();
    assert!(free > -2, "{free}");
    // No key is left above the greatest: the server refuses, as AUTOINCREMENT does, and nothing is doubled.
    assert_eq!(ask(&database, "select count(*) from \"full\""), ["2"]);
    let refused = std::panic::catch_unwind(|| ask(&database, "insert into \"full\"(v) values('new') returning id"));
    assert!(refused.is_err());
    // An explicit key is still taken.
    tell(&database, "insert into plain(id, v) values(1000, 'own')");
}

const FAULTY: &str = "create table t(id integer primary key, s text, b blob);
    insert into t values(1, 'plain', x'00'), (2, 'nul' || char(0) || 'byte', null), (3, cast(x'ff8041' as text), x'01'),
        (4, x'c3a9', x''), (5, '', null), (6, char(0), null);";

#[test]
fn the_quarantine_keeps_every_byte() {
    let (program, database) = (Program::new(), Database::new("migrate_quarantine"));
    let source = program.source("app.db", FAULTY);
    let report = moved(&program, &source, &database).document();
    let kept = ask(
        &database,
        "select source_table, source_column, row_key, storage_class, encode(original, 'hex'), reason from outgrow.quarantine order by row_key",
    );
    assert_eq!(
        kept,
        ["t|s|2|text|6e756c0062797465|nul", "t|s|3|text|ff8041|invalid-utf8", "t|s|4|blob|c3a9|wrong-class", "t|s|6|text|00|nul"]
    );
    assert_eq!(books(&report["cells"]), (14, 0, 4));
    assert_eq!(ask(&database, "select s from t order by id")[..3], ["plain", "nul\u{2400}byte", "\u{fffd}\u{fffd}A"]);
}

#[test]
fn the_rules_for_text_are_counted_and_verified() {
    for (rules, nul, utf8, normalised) in [
        ("nul = \"strip\", invalid-utf8 = \"strip\"", "nulbyte", "A", serde_json::json!({ "strip-nul": 2, "strip-invalid-utf8": 1 })),
        (
            "nul = \"replace\", invalid-utf8 = \"replace\"",
            "nul\u{2400}byte",
            "\u{fffd}\u{fffd}A",
            serde_json::json!({ "replace-nul": 2, "replace-invalid-utf8": 1 }),
        ),
    ] {
        let (program, database) = (Program::new(), Database::new("migrate_rules"));
        let source = program.source("app.db", FAULTY);
        settle(&program, &format!("[rules]\ntext = {{ {rules} }}\n"));
        let report = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
        assert_eq!(report["cells"]["normalised"], normalised);
        assert_eq!(books(&report["cells"]), (14, 3, 1));
        assert_eq!(ask(&database, "select s from t where id in (2, 3) order by id"), [nul, utf8]);
        assert_eq!(equal(&program, &source, &database)["tables"]["t"]["cells"], report["cells"]);
        // What a rule makes of a cell is compared like any other.
        tell(&database, "update t set s = s || '!' where id = 2");
        program.run(&["verify", text(&source), &database.url()]).expect(4);
    }
}

const SECRET: &str = "s3cr3t-cell";

/// A table of each kind of comparison, with a cell in it that no output may show.
const COMPARED: &str = "
    create table keyed(id integer primary key, s text, r real, n integer, b blob);
    insert into keyed values(1, 's3cr3t-cell', 0.0, 5, x'00'), (2, '', 1.5, 6, x''), (3, null, null, null, null), (4, 'a' || char(0), 2.5, 7, x'ff');
    create index keyed_n on keyed(n);
    create table keyless(a text, b integer);
    insert into keyless values('s3cr3t-cell', 1), ('s3cr3t-cell', 1), ('other', 2), ('other', 3);
    create table parted(a text, b integer, v text, primary key(a, b));
    insert into parted values('é', 1, 's3cr3t-cell'), ('E', 1, 'v'), ('z', null, 'w');
    create table marked(id integer primary key autoincrement, v text); insert into marked values(10, 'x'), (500, 'y'); delete from marked where id = 500;
    create table loose(v text); insert into loose values('a');
    create table bound(id integer primary key, keyed integer references keyed(id), n integer constraint small check(n < 9));
    insert into bound values(1, 1, 1);
    create trigger noted after insert on bound begin insert into marked(v) values('t'); end;";

/// What is done to the target, what undoes it, and what the comparison must say.
const TAMPERINGS: &[(&str, &str, &[&str])] = &[
    ("update keyed set s = s || 'x' where id = 1", "update keyed set s = 's3cr3t-cell' where id = 1", &["- 1  s", "+ 1  s"]),
    ("update keyed set s = null where id = 2", "update keyed set s = '' where id = 2", &["- 2  s  text of 0 bytes", "+ 2  s  null"]),
    ("update keyed set s = '' where id = 3", "update keyed set s = null where id = 3", &["- 3  s  null", "+ 3  s  text of 0 bytes"]),
    ("update keyed set r = '-0' where id = 1", "update keyed set r = 0 where id = 1", &["- 1  r", "+ 1  r"]),
    (
        "update keyed set b = '\\x' where id = 1",
        "update keyed set b = '\\x00' where id = 1",
        &["- 1  b  blob of 1 bytes", "+ 1  b  blob of 0 bytes"],
    ),
    ("update keyed set n = n + 1 where id = 4", "update keyed set n = n - 1 where id = 4", &["- 4  n", "+ 4  n"]),
    (
        "create table aside as select id, n from keyed where id = 2; update keyed set id = 99 where id = 2",
        "update keyed set id = 2 where id = 99; drop table aside",
        &["- 2  the row is missing", "+ 99  the row is not in the source"],
    ),
    ("insert into keyed(id) values(50)", "delete from keyed where id = 50", &["+ 50  the row is not in the source"]),
    ("delete from keyed where id = 3", "insert into keyed(id) values(3)", &["- 3  the row is missing"]),
    ("delete from keyless where b = 2", "insert into keyless values('other', 2)", &["- ", "the row is missing"]),
    (
        "update keyless set b = 2 where b = 3",
        "update keyless set b = 3 where ctid = (select max(ctid) from keyless where b = 2)",
        &["the row is missing", "the row is not in the source"],
    ),
    (
        "update keyless set a = case b when 1 then 'other' else a end where ctid = (select min(ctid) from keyless where b = 1)",
        "update keyless set a = 's3cr3t-cell' where b = 1",
        &["the row is missing", "the row is not in the source"],
    ),
    (
        "update parted set v = case v when 's3cr3t-cell' then 'v' else 's3cr3t-cell' end where b = 1",
        "update parted set v = case v when 's3cr3t-cell' then 'v' else 's3cr3t-cell' end where b = 1",
        &["parted"],
    ),
    (
        "insert into loose values('a')",
        "delete from loose where ctid = (select max(ctid) from loose)",
        &["+ ", "the row is not in the source"],
    ),
    (
        "create table aside as select * from outgrow.quarantine; delete from outgrow.quarantine",
        "insert into outgrow.quarantine select * from aside; drop table aside",
        &["- 4  s  text of 2 bytes", "its original is not in the quarantine"],
    ),
    (
        "update outgrow.quarantine set original = '\\x6101'",
        "update outgrow.quarantine set original = '\\x6100'",
        &["its original is not in the quarantine"],
    ),
    (
        "insert into outgrow.quarantine select plan, source_table, source_column, '1', storage_class, original, reason from outgrow.quarantine",
        "delete from outgrow.quarantine where row_key = '1'",
        &["does not call for"],
    ),
    ("alter table marked alter id restart with 400", "alter table marked alter id restart with 501", &["sequences: marked.id"]),
    ("alter table keyed alter id restart with 2", "alter table keyed alter id restart with 5", &["sequences: keyed.id"]),
    ("drop index keyed_n", "create index keyed_n on keyed(n)", &["relations: keyed_n is not in the target"]),
    (
        "alter table bound drop constraint bound_keyed_fkey",
        "alter table bound add constraint bound_keyed_fkey foreign key (keyed) references keyed(id)",
        &["relations: foreign key bound_keyed_fkey is not in the target"],
    ),
    (
        "alter table bound rename constraint small to other",
        "alter table bound rename constraint other to small",
        &["relations: check small is not in the target"],
    ),
    (
        "alter trigger noted on bound rename to other",
        "alter trigger other on bound rename to noted",
        &["relations: trigger noted is not in the target"],
    ),
    ("alter table loose rename to gone", "alter table gone rename to loose", &["the table is not in the target"]),
    ("alter table marked rename to gone", "alter table gone rename to marked", &["the table is not in the target", "sequences: marked.id"]),
    ("drop table marked", "select 1", &["the table is not in the target", "sequences: marked.id", "relations: marked_id_seq"]),
];

#[test]
fn every_tampering_is_found_and_no_cell_is_shown() {
    let (program, database) = (Program::new(), Database::new("migrate_tampering"));
    let source = program.source("app.db", COMPARED);
    moved(&program, &source, &database);
    equal(&program, &source, &database);
    for (tampering, undo, expected) in TAMPERINGS {
        tell(&database, tampering);
        let page = program.run(&["verify", text(&source), &database.url()]);
        assert_eq!(page.code, Some(4), "{tampering}\n{}\n{}", page.out, page.err);
        for words in *expected {
            assert!(page.out.contains(words), "{tampering}: no `{words}` in\n{}", page.out);
        }
        let json = program.run(&["verify", text(&source), &database.url(), "--json"]).expect(4);
        assert_eq!(json.document()["verdict"], "mismatch", "{tampering}");
        for shown in [&page.out, &page.err, &json.out, &json.err] {
            assert!(!shown.contains(SECRET), "{tampering} shows a cell:\n{shown}");
        }
        tell(&database, undo);
        if *undo != "select 1" {
            equal(&program, &source, &database);
        }
    }
}

#[test]
fn what_can_not_be_compared_is_inconclusive() {
    let (program, database) = (Program::new(), Database::new("migrate_inconclusive"));
    let source = program.source("app.db", COMPARED);
    moved(&program, &source, &database);
    tell(&database, "alter table loose rename v to w");
    let ended = program.run(&["verify", text(&source), &database.url()]).expect(5);
    assert!(ended.out.contains("Inconclusive"), "{}", ended.out);
}

#[test]
fn a_database_that_outgrow_has_not_loaded_is_not_compared() {
    let (program, database) = (Program::new(), Database::new("migrate_foreign"));
    let source = program.source("app.db", "create table t(id integer primary key)");
    tell(&database, "create table t(id bigint primary key)");
    let ended = program.run(&["verify", text(&source), &database.url()]).expect(2);
    assert!(ended.err.contains("outgrow has not loaded this database") && ended.err.contains("hint:"), "{}", ended.err);
}
