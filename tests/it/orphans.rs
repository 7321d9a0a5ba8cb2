//! Rows whose parent is missing, under each rule of the policy: what is not in the table is in the quarantine.

use serde_json::{Value, json};

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{ask, ask_one, books, equal, tell};

/// Schools, pupils, grades and notes: a pupil of a school that is gone takes grades and notes with it.
const SCHOOL: &str = "
    create table schools(id integer primary key, name text);
    create table pupils(id integer primary key, school_id integer not null references schools(id), buddy integer references pupils(id));
    create table grades(pupil_id integer not null references pupils(id), subject text not null, mark real, note blob,
        primary key (pupil_id, subject)) without rowid;
    create table notes(body text, grade_pupil integer, grade_subject text, pupil integer references pupils(id),
        twice text generated always as (pupil || '!') virtual,
        foreign key (grade_pupil, grade_subject) references grades(pupil_id, subject));
    create view all_notes as select body, pupil from notes;
    insert into schools values (1, 'A');
    insert into pupils values (1, 1, null), (2, 1, 1), (3, 9, 1), (4, 1, 3), (5, 1, 4), (6, 1, 6);
    insert into grades values (1, 'maths', 1.5, x'00'), (3, 'maths', 2, null), (3, 'art', 1e300, x'ff00'), (4, 'art', 3, null), (77, 'art', 4, null);
    insert into notes values ('of 1', 1, 'maths', 1), ('of 3', 3, 'art', null), ('about 3', null, null, 3), ('about none', null, 'maths', null),
        ('about 88', null, null, 88);";

struct Case {
    program: Program,
    database: Database,
    source: std::path::PathBuf,
}

impl Case {
    fn new(name: &str, sql: &str, policy: &str) -> Self {
        let program = Program::new();
        let source = program.source("app.db", sql);
        std::fs::write(program.path("outgrow.toml"), policy).unwrap();
        Self { program, database: Database::new(name), source }
    }

    fn migrate(&self, code: i32) -> Value {
        self.program.run(&["migrate", text(&self.source), &self.database.url(), "--json"]).expect(code).document()
    }

    /// Moves, compares, moves again and rehearses: each time everything is accounted for.
    fn wholly(&self) -> Value {
        let report = self.migrate(0);
        assert_eq!(report["outcome"], "done", "{report:#}");
        equal(&self.program, &self.source, &self.database);
        let again = self.migrate(0);
        assert_eq!(again["verification"]["verdict"], "match");
        let rehearsed = self.program.run(&["rehearse", text(&self.source), "--json"]).expect(0).document();
        assert_eq!(rehearsed["probes"]["surprises"], json!([]));
        report
    }

    fn quarantine(&self) -> Vec<String> {
        let columns = "source_table, row_key, source_column, storage_class, encode(original, 'hex'), reason";
        ask(
            &self.database,
            &format!("select {columns} from outgrow.quarantine order by source_table, row_key collate \"C\", source_column"),
        )
    }
}

fn finding<'a>(report: &'a Value, place: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["id"] == "orphan-rows" && finding["place"] == place).unwrap_or_else(|| panic!("{place}: {report:#}"))
}

#[test]
fn case_41_orphans_and_all_that_hangs_on_them_go_into_the_quarantine() {
    let case = Case::new("orphans_quarantine", SCHOOL, "[rules]\norphans = \"quarantine\"\n");
    let report = case.wholly();
    // 3 has no school, 4 has 3 for a buddy, 5 has 4; 6 has itself.
    assert_eq!(ask(&case.database, "select id from pupils order by 1"), ["1", "2", "6"]);
    assert_eq!(ask(&case.database, "select pupil_id, subject from grades"), ["1|maths"]);
    assert_eq!(ask(&case.database, "select body from notes order by 1"), ["about none", "of 1"]);
    let (exact, normalised, quarantined) = books(&report["cells"]);
    assert_eq!(json!(exact + normalised + quarantined), report["source"]["cells"], "cells = exact + normalised + quarantined");
    assert_eq!((normalised, quarantined), (0, 3 * 3 + 4 * 4 + 3 * 5));
    let kept = case.quarantine();
    assert_eq!(kept.len(), 40);
    for cell in [
        "grades|[3,\"art\"]|mark|real|7e37e43c8800759c|orphan-row",
        "grades|[3,\"art\"]|note|blob|ff00|orphan-row",
        "grades|[3,\"maths\"]|note|null||orphan-row",
        "pupils|5|buddy|integer|0000000000000004|orphan-row",
    ] {
        assert!(kept.iter().any(|kept| kept == cell), "{cell}: {kept:#?}");
    }
    let of_buddies = finding(&report, "pupils.buddy → pupils.id");
    assert_eq!((&of_buddies["severity"], &of_buddies["count"], &of_buddies["rows"]), (&json!("note"), &json!(2), &json!(["4", "5"])));
    assert!(of_buddies["message"].as_str().unwrap().contains("3 rows of pupils"), "{of_buddies:#}");
    // Every key is whole, so that the server proves what the plan has counted.
    assert_eq!(
        ask_one(
            &case.database,
            "select count(*) from pg_constraint where connamespace = 'public'::regnamespace and contype = 'f' and convalidated"
        ),
        "5"
    );
    let plan = case.program.run(&["plan", text(&case.source), "--json"]).expect(0).document();
    let held_out: Vec<u64> = plan["plan"]["tables"].as_array().unwrap().iter().map(|table| table["held_out"].as_u64().unwrap()).collect();
    assert_eq!(held_out, [0, 3, 4, 3]);
}

#[test]
fn what_is_held_out_is_missed_where_it_stands_in_neither_place() {
    let case = Case::new("orphans_tampered", SCHOOL, "[rules]\norphans = \"quarantine\"\n");
    case.migrate(0);
    let verify = || case.program.run(&["verify", text(&case.source), &case.database.url(), "--json"]);
    tell(
        &case.database,
        "update outgrow.quarantine set original = '\\x01' where source_table = 'grades' and row_key = '[3,\"art\"]' and source_column = 'note'",
    );
    let changed = verify().expect(4).document();
    assert_eq!(changed["tables"]["grades"]["verdict"], "mismatch", "{changed:#}");
    tell(
        &case.database,
        "update outgrow.quarantine set original = '\\xff00' where source_table = 'grades' and row_key = '[3,\"art\"]' and source_column = 'note'",
    );
    verify().expect(0);
    // The row itself, beside the quarantine: one too many.
    tell(&case.database, "insert into schools values (9, 'B'); insert into pupils values (3, 9, 1)");
    let surplus = verify().expect(4).document();
    assert_eq!(surplus["tables"]["pupils"]["verdict"], "mismatch");
    tell(&case.database, "delete from pupils where id = 3; delete from schools where id = 9");
    verify().expect(0);
    // The parent comes back in the source: the row is none without a parent any more.
    rusqlite::Connection::open(&case.source).unwrap().execute_batch("insert into schools values (9, 'B')").unwrap();
    verify().expect(4);
}

#[test]
fn references_become_null_and_their_originals_are_kept() {
    let policy =
        "[rules]\norphans = \"quarantine\"\n[tables.notes]\norphans = \"null\"\n[foreign-keys.\"Pupils.buddy\"]\norphans = \"null\"\n";
    let case = Case::new("orphans_null", SCHOOL, policy);
    let report = case.wholly();
    assert_eq!(ask(&case.database, "select id, buddy from pupils order by 1"), ["1|∅", "2|1", "4|∅", "5|4", "6|6"]);
    assert_eq!(
        ask(&case.database, "select body, grade_pupil, grade_subject, pupil from notes order by 1"),
        ["about 3|∅|∅|∅", "about 88|∅|∅|∅", "about none|∅|maths|∅", "of 1|1|maths|1", "of 3|∅|∅|∅"]
    );
    let nulled: Vec<String> = case.quarantine().into_iter().filter(|cell| cell.ends_with("no-parent")).collect();
    assert_eq!(
        nulled,
        [
            "notes|2|grade_pupil|integer|0000000000000003|no-parent",
            "notes|2|grade_subject|text|617274|no-parent",
            "notes|3|pupil|integer|0000000000000003|no-parent",
            "notes|5|pupil|integer|0000000000000058|no-parent",
            "pupils|4|buddy|integer|0000000000000003|no-parent",
        ]
    );
    let (exact, normalised, quarantined) = books(&report["cells"]);
    assert_eq!(json!(exact + normalised + quarantined), report["source"]["cells"]);
    // A column that is computed from one that became NULL is computed by nobody, and so compared as it came.
    assert_eq!(finding(&report, "notes.pupil → pupils.id")["count"], 2);
}

#[test]
fn a_key_that_can_not_be_null_has_to_be_decided_otherwise() {
    let case = Case::new("orphans_not_null", SCHOOL, "[rules]\norphans = \"null\"\n");
    let blocked = case.migrate(3);
    let of_schools = finding(&blocked, "pupils.school_id → schools.id");
    assert_eq!(of_schools["severity"], "decide");
    assert!(of_schools["message"].as_str().unwrap().contains("can't be NULL"), "{of_schools:#}");
    assert_eq!(finding(&blocked, "notes.pupil → pupils.id")["severity"], "note");
}

#[test]
fn a_key_that_stays_as_it_is_binds_new_rows_only() {
    let policy = "[rules]\norphans = \"quarantine\"\n[foreign-keys.\"pupils.buddy\"]\norphans = \"not-valid\"\n";
    let case = Case::new("orphans_mixed", SCHOOL, policy);
    let report = case.wholly();
    assert_eq!(ask(&case.database, "select id, buddy from pupils order by 1"), ["1|∅", "2|1", "4|3", "5|4", "6|6"]);
    assert_eq!(finding(&report, "pupils.buddy → pupils.id")["rows"], json!(["4"]));
    assert_eq!(
        ask(
            &case.database,
            "select conname from pg_constraint where connamespace = 'public'::regnamespace and contype = 'f' and not convalidated"
        ),
        ["pupils_buddy_fkey"]
    );
    // With a key that stops, what is held out elsewhere is an obstacle here.
    let policy = "[foreign-keys.\"pupils.school_id\"]\norphans = \"quarantine\"\n";
    let stopped = Case::new("orphans_stopped", SCHOOL, policy).migrate(3);
    assert_eq!(finding(&stopped, "pupils.buddy → pupils.id")["severity"], "decide");
    assert_eq!(finding(&stopped, "pupils.school_id → schools.id")["severity"], "note");
}

#[test]
fn a_load_of_nothing_but_orphans_goes_on_where_it_was_killed() {
    // A chunk ends after 64 MiB, which the cells in the quarantine count towards.
    let sql = "create table parents(id integer primary key); create table children(parent integer references parents(id), body blob);
        with recursive n(value) as (select 1 union all select value + 1 from n where value < 100)
        insert into children select value, randomblob(1000000) from n;";
    let case = Case::new("orphans_killed", sql, "[rules]\norphans = \"quarantine\"\n");
    let arguments = ["migrate", text(&case.source), &case.database.url(), "--json"];
    assert_ne!(case.program.run_to("copy.chunk.committed", &arguments).code, Some(0));
    let report = case.migrate(0);
    assert_eq!(report["verification"]["verdict"], "match");
    assert_eq!(books(&report["cells"]), (0, 0, 200));
    assert_eq!(ask_one(&case.database, "select count(*) from children"), "0");
}

#[test]
fn a_foreign_key_that_is_none_is_refused_with_the_nearest_name() {
    for (policy, said) in [
        ("[foreign-keys.\"pupils.budy\"]\norphans = \"null\"\n", "did you mean `buddy`?"),
        ("[foreign-keys.\"pupil.buddy\"]\norphans = \"null\"\n", "did you mean `pupils`?"),
        ("[foreign-keys.buddy]\norphans = \"null\"\n", "table.column"),
        ("[foreign-keys.\"pupils.buddy\"]\norphan = \"null\"\n", "did you mean `orphans`?"),
        ("[rules]\norphans = \"qarantine\"\n", "did you mean `quarantine`?"),
    ] {
        let case = Case::new("orphans_misspelt", SCHOOL, policy);
        let error = case.program.run(&["plan", text(&case.source)]).expect(2).err;
        assert!(error.contains(said) && error.contains("line "), "{policy}: {error}");
    }
}

#[test]
fn orphans_go_into_the_quarantine_where_the_tables_are_there_already() {
    let sql = "create table parents(id integer primary key, name text);
        create table children(id integer primary key, parent_id integer references parents(id), other_id integer references parents(id));
        insert into parents values (1, 'a');
        insert into children values (1, 1, null), (2, 9, 1), (3, 1, 9);";
    let case = Case::new(
        "orphans_existing",
        sql,
        "[foreign-keys.\"children.parent_id\"]\norphans = \"quarantine\"\n[rules]\norphans = \"null\"\n",
    );
    tell(
        &case.database,
        "create table parents(id bigint generated by default as identity primary key, name text);
         create table children(id integer primary key, parent_id integer not null references parents(id), other_id bigint references parents(id))",
    );
    let report = case.migrate(0);
    assert_eq!(report["plan"]["mode"], "existing");
    equal(&case.program, &case.source, &case.database);
    assert_eq!(ask(&case.database, "select id, parent_id, other_id from children order by 1"), ["1|1|∅", "3|1|∅"]);
    assert_eq!(
        ask_one(
            &case.database,
            "select count(*) from pg_constraint where connamespace = 'public'::regnamespace and contype = 'f' and convalidated"
        ),
        "2"
    );
    assert_eq!(case.quarantine().len(), 4);
}

#[test]
fn rows_whose_parent_is_left_out_follow_the_rule_too() {
    let sql = "create table parents(id integer primary key, made text); create table children(id integer primary key, made text, parent integer references parents(id));
        insert into parents values (1, '2019'), (2, '2021');
        insert into children values (1, '2019', 2), (2, '2022', 1), (3, '2022', 2), (4, '2022', 9);";
    let policy =
        "[rules]\norphans = \"quarantine\"\n[tables.parents]\nrows = \"made >= '2020'\"\n[tables.children]\nrows = \"made >= '2020'\"\n";
    let case = Case::new("orphans_of_left_out", sql, policy);
    let report = case.wholly();
    assert_eq!(ask(&case.database, "select id from children"), ["3"]);
    assert_eq!(finding(&report, "children.parent → parents.id")["rows"], json!(["2", "4"]));
    assert_eq!(case.quarantine().len(), 6);
}
