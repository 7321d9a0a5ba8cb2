//! `verify --schema`: a target that nobody touched passes, and whatever somebody changes in its schema is told by name.

use std::path::PathBuf;

use serde_json::Value;

use crate::fixture::{Database, schema_dump};
use crate::program::{Program, text};
use crate::target::tell;

/// Every kind of object that a plan makes.
const SOURCE: &str = "
    create table school(id integer primary key autoincrement, name text not null default 'none', code text unique, size integer check (size > 0));
    create table grade(id integer primary key, school integer not null references school(id) on delete cascade deferrable initially deferred,
        score real, note text);
    create index grade_score on grade(score, note);
    create index grade_noted on grade(note) where note is not null;
    create view best as select id, score from grade where score > 1;
    create trigger counted after insert on grade begin update school set size = size + 1 where id = new.school; end;
    insert into school values(1, 'a', 'x', 1), (2, 'b', 'y', 2);
    insert into grade values(1, 1, 1.5, 'n'), (7, 2, 2.5, null);";

struct Moved {
    program: Program,
    source: PathBuf,
    database: Database,
}

impl Moved {
    fn of(name: &str, policy: &str, source: &str, target: &str) -> Self {
        let (program, database) = (Program::new(), Database::new(name));
        std::fs::write(program.path("outgrow.toml"), policy).unwrap();
        let source = program.source("app.db", source);
        tell(&database, target);
        program.run(&["migrate", text(&source), &database.url()]).expect(0);
        Self { program, source, database }
    }

    fn audit(&self, code: i32) -> Value {
        let ended = self.program.run(&["--json", "verify", "--schema", text(&self.source), &self.database.url()]).expect(code);
        let document = ended.document();
        crate::schema::assert_valid("verify-schema", &document);
        document
    }

    fn page(&self, code: i32) -> String {
        self.program.run(&["verify", "--schema", text(&self.source), &self.database.url()]).expect(code).out
    }
}

/// The lines of an audit, as `missing index grade_score`.
fn lines(document: &Value) -> Vec<String> {
    let lines = document["lines"].as_array().unwrap().iter();
    lines.map(|line| format!("{} {} {}", line["standing"], line["kind"], line["name"]).replace('"', "")).collect()
}

/// What somebody did, what undoes it, and the lines that tell of it.
const TAMPERED: &[(&str, &str, &[&str])] = &[
    ("alter table school alter name drop default", "alter table school alter name set default 'none'", &["changed column school.name"]),
    (
        "alter table school alter name set default 'other'",
        "alter table school alter name set default 'none'",
        &["changed column school.name"],
    ),
    ("alter table school alter name drop not null", "alter table school alter name set not null", &["changed column school.name"]),
    (
        "alter table school alter size type integer",
        "alter table school alter size type bigint",
        // The check is written with the column's type.
        &["changed column school.size"],
    ),
    ("drop index grade_score", "create index grade_score on grade(score, note)", &["missing index grade_score"]),
    (
        "drop index grade_score; create index grade_score on grade(score)",
        "drop index grade_score; create index grade_score on grade(score, note)",
        &["changed index grade_score"],
    ),
    (
        "update pg_index set indisvalid = false where indexrelid = 'grade_noted'::regclass",
        "update pg_index set indisvalid = true where indexrelid = 'grade_noted'::regclass",
        &["changed index grade_noted"],
    ),
    (
        "alter table school drop constraint school_code_key",
        "alter table school add constraint school_code_key unique (code)",
        &["missing unique school.school_code_key"],
    ),
    (
        "alter table grade drop constraint grade_pkey",
        "alter table grade add constraint grade_pkey primary key (id)",
        &["missing primary-key grade.grade_pkey"],
    ),
    (
        "alter table school drop constraint school_check1",
        "alter table school add constraint school_check1 check (size > 0)",
        &["missing check school.school_check1"],
    ),
    (
        "alter table grade drop constraint grade_school_fkey",
        "alter table grade add constraint grade_school_fkey foreign key (school) references school(id) on delete cascade deferrable initially deferred",
        &["missing foreign-key grade.grade_school_fkey"],
    ),
    (
        "alter table grade drop constraint grade_school_fkey; alter table grade add constraint grade_school_fkey \
         foreign key (school) references school(id) on delete cascade deferrable initially deferred not valid",
        "alter table grade validate constraint grade_school_fkey",
        &["changed foreign-key grade.grade_school_fkey"],
    ),
    (
        "alter table grade alter constraint grade_school_fkey not deferrable",
        "alter table grade alter constraint grade_school_fkey deferrable initially deferred",
        &["changed foreign-key grade.grade_school_fkey"],
    ),
    ("alter table grade disable trigger user", "alter table grade enable trigger user", &["changed trigger grade.counted"]),
    (
        "alter table grade disable trigger all",
        "alter table grade enable trigger all",
        &["changed foreign-key grade.grade_school_fkey", "changed trigger grade.counted"],
    ),
    ("select setval('grade_id_seq', 3)", "select setval('grade_id_seq', 7)", &["changed next-value grade.id"]),
    (
        "alter sequence grade_id_seq maxvalue 9",
        "alter sequence grade_id_seq no maxvalue",
        &["changed sequence grade_id_seq", "warning sequence grade_id_seq"],
    ),
];

#[test]
fn an_untouched_target_passes_and_every_change_is_told_by_name() {
    let moved = Moved::of("schema_audit", "", SOURCE, "select");
    let before = schema_dump(&moved.database);
    let document = moved.audit(0);
    assert_eq!((&document["verdict"], lines(&document)), (&Value::from("match"), Vec::new()));
    for (kind, count) in [("table", 2), ("column", 8), ("primary-key", 2), ("unique", 1), ("index", 2), ("check", 1), ("foreign-key", 1)] {
        assert_eq!(document["kinds"][kind]["as-expected"], count, "{kind} in {document:#}");
    }
    for (kind, count) in [("view", 1), ("trigger", 1), ("function", 1), ("sequence", 2), ("next-value", 2), ("statistics", 2)] {
        assert_eq!(document["kinds"][kind]["as-expected"], count, "{kind} in {document:#}");
    }
    assert_eq!(schema_dump(&moved.database), before, "the audit leaves nothing behind");
    for (tamper, undo, told) in TAMPERED {
        tell(&moved.database, tamper);
        assert_eq!(lines(&moved.audit(4)), *told, "{tamper}");
        tell(&moved.database, undo);
        assert_eq!(lines(&moved.audit(0)), Vec::<String>::new(), "{undo}");
    }
}

#[test]
fn programs_that_are_gone_are_told_and_what_is_more_is_a_note() {
    let moved = Moved::of("schema_audit_programs", "", SOURCE, "select");
    tell(&moved.database, "create table later(id bigint primary key); create index later_id on later(id)");
    assert_eq!(lines(&moved.audit(0)), ["note table later", "note index later_id"]);
    assert!(moved.page(0).contains("The schema is as it should be."));
    tell(&moved.database, "drop table later; drop view best; drop trigger counted on grade; drop index grade_score");
    assert_eq!(lines(&moved.audit(4)), ["missing index grade_score", "missing view best", "missing trigger grade.counted"]);
    let page = moved.page(4);
    assert!(page.contains("2 indexes: 1 as expected, 1 missing\n  missing       grade_score\n      expected CREATE INDEX"), "{page}");
    assert!(page.contains("Mismatch: 3 differences of the schema."), "{page}");
    // A table that is gone is told with all that it had.
    tell(&moved.database, "drop table grade");
    assert!(lines(&moved.audit(4)).contains(&"missing table grade".to_owned()));
}

#[test]
fn a_sequence_near_its_end_is_a_warning_and_no_difference() {
    let moved = Moved::of("schema_audit_end", "", SOURCE, "select");
    tell(&moved.database, "select setval('grade_id_seq', 7 * (9223372036854775807 / 10))");
    assert_eq!(lines(&moved.audit(0)), Vec::<String>::new());
    tell(&moved.database, "select setval('grade_id_seq', 8 * (9223372036854775807 / 10))");
    let document = moved.audit(0);
    assert_eq!(lines(&document), ["warning sequence grade_id_seq"]);
    assert!(document["lines"][0]["found"].as_str().unwrap().starts_with("80.0 % used"), "{document:#}");
}

#[test]
fn a_table_that_was_never_analysed_is_a_difference() {
    let moved = Moved::of("schema_audit_statistics", "", SOURCE, "select");
    // What a restore leaves: the rows, and nothing known of them.
    tell(&moved.database, "update pg_class set reltuples = -1 where relname = 'grade'; select pg_stat_reset()");
    assert_eq!(lines(&moved.audit(4)), ["changed statistics grade"]);
    tell(&moved.database, "analyze grade");
    moved.audit(0);
}

#[test]
fn a_step_that_the_server_refused_is_told_as_refused() {
    let moved = Moved::of("schema_audit_refused", "", SOURCE, "select");
    tell(
        &moved.database,
        "drop index grade_score; update outgrow.step set refused = 'no room for it' where step like 'index:%grade_score'",
    );
    let document = moved.audit(0);
    assert_eq!(lines(&document), ["refused step index grade_score"]);
    assert_eq!(document["lines"][0]["found"], "no room for it");
}

#[test]
fn the_schema_may_have_any_name() {
    let moved = Moved::of("schema_audit_name", "[target]\nschema = \"The \\\"School\\\"\"\n", SOURCE, "select");
    assert_eq!(lines(&moved.audit(0)), Vec::<String>::new());
    tell(&moved.database, "drop view \"The \"\"School\"\"\".best");
    assert_eq!(lines(&moved.audit(4)), ["missing view best"]);
}

#[test]
fn migrations_of_one_side_are_told() {
    let ledger =
        "create table goose_db_version(id integer primary key autoincrement, version_id integer not null, is_applied integer not null,
            tstamp timestamp default (datetime('now')));
        insert into goose_db_version(version_id, is_applied, tstamp) values(0, 1, '2024-01-01 00:00:00'), (1, 1, '2024-01-01 00:00:00');";
    let moved = Moved::of("schema_audit_ledger", "", &format!("{SOURCE}{ledger}"), "select");
    assert_eq!(moved.audit(0)["kinds"]["migrations"]["as-expected"], 1);
    tell(&moved.database, "delete from goose_db_version where version_id = 1");
    assert_eq!(lines(&moved.audit(4)), ["changed migrations goose"]);
}

#[test]
fn a_schema_of_the_application_is_compared_with_what_it_was_and_with_the_source() {
    let target = "create table school(id bigint generated by default as identity primary key, name varchar(40) not null default 'none',
            code varchar(10) unique, size integer check (size > 0));
        create table grade(id serial primary key, school bigint not null, score double precision, note text,
            constraint of_school foreign key (school) references school(id));
        create index grade_note on grade(note);
        create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
        create trigger noted before update on grade for each row execute function nothing();";
    let moved = Moved::of("schema_audit_existing", "", SOURCE, target);
    let document = moved.audit(0);
    assert_eq!(document["own"], false);
    // The source has an index on two columns, and the application's schema has none that begins with them.
    assert_eq!(lines(&document), ["note index grade.grade_score"]);
    for (tamper, undo, told) in [
        ("alter table school alter name drop not null", "alter table school alter name set not null", "changed column school.name"),
        ("alter table school alter name drop default", "alter table school alter name set default 'none'", "changed column school.name"),
        ("alter table grade disable trigger noted", "alter table grade enable trigger noted", "changed trigger grade.noted"),
        (
            "alter table grade drop constraint of_school",
            "alter table grade add constraint of_school foreign key (school) references school(id)",
            "missing foreign-key grade.of_school",
        ),
        (
            "update pg_index set indisvalid = false where indexrelid = 'grade_note'::regclass",
            "update pg_index set indisvalid = true where indexrelid = 'grade_note'::regclass",
            "changed index grade_note",
        ),
    ] {
        tell(&moved.database, tamper);
        assert!(lines(&moved.audit(4)).contains(&told.to_owned()), "{tamper}");
        tell(&moved.database, undo);
        assert_eq!(lines(&moved.audit(0)), ["note index grade.grade_score"], "{undo}");
    }
    tell(&moved.database, "drop index grade_note");
    let notes = ["note index grade.grade_noted", "note index grade.grade_score"];
    assert_eq!(lines(&moved.audit(0)), notes);
}

#[test]
fn what_ones_own_sql_made_is_a_note_and_a_role_without_rights_is_told_which() {
    let (program, database) = (Program::new(), Database::new("schema_audit_own_sql"));
    let source = program.source("app.db", SOURCE);
    std::fs::write(program.path("more.sql"), "create table more(id bigint)").unwrap();
    std::fs::write(program.path("outgrow.toml"), "[sql]\nafter-keys = [\"more.sql\"]\n").unwrap();
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    let moved = Moved { program, source, database };
    assert_eq!(lines(&moved.audit(0)), ["note table more"]);
    // Roles belong to the whole server, and the name to this test alone.
    tell(&moved.database, "create role schema_audit_reader login");
    tell(
        &moved.database,
        "grant usage on schema outgrow to schema_audit_reader; grant select on all tables in schema outgrow to schema_audit_reader",
    );
    let url = moved.database.url();
    let (scheme, rest) = url.split_once("://").unwrap();
    let url = format!("{scheme}://schema_audit_reader@{}", rest.split_once('@').map_or(rest, |(_, host)| host));
    let ended = moved.program.run(&["verify", "--schema", text(&moved.source), &url]).expect(7);
    assert!(ended.err.contains("the role needs CREATE on the database"), "{}", ended.err);
    tell(&moved.database, "drop owned by schema_audit_reader; drop role schema_audit_reader");
}

#[test]
fn what_the_applications_schema_has_not_is_a_note() {
    let source = "create table team(id integer primary key, code text unique);
        create table member(id integer primary key, team integer references team(id), gone text);
        create table unused(id integer primary key);
        insert into team values(1, 'a'), (2, 'b');";
    let target = "create table team(id serial primary key, code text); create table member(id serial primary key, team integer);";
    let moved = Moved::of("schema_audit_without", "", source, target);
    let document = moved.audit(0);
    let notes =
        ["note table unused", "note column member.gone", "note unique team.sqlite_autoindex_team_1", "note foreign-key member(team)"];
    assert_eq!(lines(&document), notes);
    // An integer column ends long before a bigint sequence would.
    tell(&moved.database, "alter sequence team_id_seq as bigint; select setval('team_id_seq', 2000000000)");
    let warned = lines(&moved.audit(0));
    assert_eq!(warned.iter().filter(|line| *line == "warning sequence team_id_seq").count(), 1, "{warned:?}");
}
