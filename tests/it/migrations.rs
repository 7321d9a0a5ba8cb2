//! Ordered migrations behind a load: each run once, in order, and noted together with what it does.

use outgrow::migrations::{MigrationFailure, MigrationLine, MigrationState, MigrationsReport};

use crate::fixture::Database;
use crate::program::{Ended, Program, text};
use crate::target::{ask, ask_one, tell};

const SOURCE: &str = "create table t(id integer primary key, name text); insert into t values (1, 'Ada'), (2, 'Ben');";
const POLICY: &str = "[target]\nschema = \"app\"\n[migrations]\ndirectory = \"migrations\"\n";
const LEDGER: &str = "select version, state from app.schema_migrations order by version::numeric";

/// A report as the pages and schemas are tried with.
pub(crate) fn sample() -> MigrationsReport {
    let line = |version: &str, state: MigrationState, ran: bool| MigrationLine {
        version: version.to_owned(),
        name: format!("{version}_<b>.sql"),
        state,
        applied_at: ran.then(|| "2026-11-21T08:49:07Z".to_owned()),
        applied_by: ran.then(|| "app".to_owned()),
        execution_ms: ran.then_some(12),
    };
    MigrationsReport {
        ledger: "public.schema_migrations".to_owned(),
        migrations: vec![line("001", MigrationState::Skipped, true), line("002", MigrationState::Failed, false)],
        failed: Some(MigrationFailure {
            name: "002_<b>.sql".to_owned(),
            line: 3,
            message: "syntax error at or near \"crate\"".to_owned(),
            action: "Nothing of it is left.".to_owned(),
        }),
    }
}

/// A source, a target, and migrations between them.
struct Case {
    program: Program,
    database: Database,
    source: std::path::PathBuf,
}

impl Case {
    fn new(name: &str, policy: &str, files: &[(&str, &str)]) -> Self {
        let program = Program::new();
        let source = program.source("app.db", SOURCE);
        std::fs::write(program.path("outgrow.toml"), policy).unwrap();
        std::fs::create_dir(program.path("migrations")).unwrap();
        let case = Self { program, database: Database::new(name), source };
        for (name, text) in files {
            case.write(name, text);
        }
        case
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.program.path("migrations").join(name), text).unwrap();
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.program.path("migrations").join(name)).unwrap();
    }

    fn migrate(&self) -> Ended {
        self.program.run(&["migrate", text(&self.source), &self.database.url(), "--json"])
    }

    /// `outgrow migrations` with these options.
    fn run(&self, options: &[&str]) -> Ended {
        self.program.run(&[&["migrations", &self.database.url(), "--json"], options].concat())
    }

    fn killed_at(&self, failpoint: &str) {
        let died = self.program.run_to(failpoint, &["migrations", &self.database.url()]);
        assert_eq!(died.code, None, "{failpoint} was not reached\n{}", died.err);
    }
}

/// The version and the state of each migration in a report.
fn states(migrations: &serde_json::Value) -> Vec<String> {
    let lines = migrations["migrations"].as_array().unwrap().iter();
    lines.map(|line| format!("{} {}", line["version"].as_str().unwrap(), line["state"].as_str().unwrap())).collect()
}

#[test]
fn they_run_once_in_the_order_of_their_numbers_behind_the_comparison() {
    let files = [
        ("10_view.sql", "create view names as select name, noted from t;"),
        (
            "9_column.sql",
            "-- a note; and more\nalter table t add noted text not null default 'a;b';\nupdate t set noted = e'\\';' where id = 1;",
        ),
        (
            "11_index.sql",
            "-- outgrow: no-transaction\ncreate index concurrently by_name on t(name);\ncreate index concurrently by_note on t(noted);",
        ),
        ("README.md", "not SQL"),
    ];
    let case = Case::new("migrations_order", POLICY, &files);
    let planned = case.program.run(&["plan", text(&case.source), "--json"]).expect(0).document();
    let rehearsed = case.program.run(&["rehearse", text(&case.source), "--json"]).expect(0).document();
    assert_eq!(states(&rehearsed["migrations"]), ["9 applied", "10 applied", "11 applied"]);
    let report = case.migrate().expect(0).document();
    crate::schema::assert_valid("migrate", &report);
    assert_eq!(states(&report["migrations"]), ["9 applied", "10 applied", "11 applied"]);
    assert_eq!(report["phases"].as_array().unwrap().last().unwrap()["name"], "migrations");
    assert_eq!(ask(&case.database, "select * from app.names order by 1"), ["Ada|';", "Ben|a;b"]);
    assert_eq!(ask_one(&case.database, "select count(*) from pg_index where indrelid = 'app.t'::regclass and indisvalid"), "3");
    let noted = "select version, name, length(checksum), applied_by = current_user, execution_ms >= 0, state from app.schema_migrations \
        order by applied_at";
    let expected = ["9|9_column.sql|64|t|t|applied", "10|10_view.sql|64|t|t|applied", "11|11_index.sql|64|t|t|applied"];
    assert_eq!(ask(&case.database, noted), expected);

    // A second run skips them, and the plan is the same whatever files come later.
    let before = ask(&case.database, "select version, applied_at, xmin from app.schema_migrations order by 1");
    let again = case.migrate().expect(0);
    assert!(again.err.contains("carried out already"), "{}", again.err);
    assert_eq!(states(&again.document()["migrations"]), ["9 skipped", "10 skipped", "11 skipped"]);
    assert_eq!(ask(&case.database, "select version, applied_at, xmin from app.schema_migrations order by 1"), before);
    case.write("12_more.sql", "create table more(a int)");
    assert_eq!(case.program.run(&["plan", text(&case.source), "--json"]).expect(0).document()["plan"]["id"], planned["plan"]["id"]);
    let status = case.run(&["--status"]).expect(0).document();
    crate::schema::assert_valid("migrations", &status);
    assert_eq!(states(&status), ["9 skipped", "10 skipped", "11 skipped", "12 pending"]);
    assert_eq!(ask_one(&case.database, "select to_regclass('app.more') is null"), "t");
    let ran = case.run(&[]).expect(0).document();
    assert_eq!(states(&ran), ["9 skipped", "10 skipped", "11 skipped", "12 applied"]);
    case.program.run(&["verify", text(&case.source), &case.database.url()]).expect(0);
    let page = case.program.run(&["report", "--html"]).expect(0).out;
    assert!(page.contains("11_index.sql"), "{page}");
}

#[test]
fn where_files_and_ledger_disagree_nothing_is_run() {
    let case = Case::new("migrations_drift", POLICY, &[("2_a.sql", "create table a(x int)"), ("4_b.sql", "create table b(x int)")]);
    case.migrate().expect(0);
    case.write("5_c.sql", "create table c(x int)");
    let refused = |said: &str, state: &str| {
        for ended in [case.run(&[]).expect(3), case.migrate().expect(3)] {
            assert!(ended.err.contains(said), "{said}: {}", ended.err);
        }
        let status = states(&case.run(&["--status"]).expect(3).document());
        assert!(status.iter().any(|line| line == state), "{status:?}");
        assert_eq!(ask(&case.database, LEDGER), ["2|applied", "4|applied"]);
        assert_eq!(ask_one(&case.database, "select to_regclass('app.c') is null"), "t");
    };
    case.write("2_a.sql", "create table a(y int)");
    refused("2_a.sql says something else than when it was run", "2 changed");
    case.remove("2_a.sql");
    refused("2_a.sql was run, and its file is not there", "2 missing");
    case.write("2_a.sql", "create table a(x int)");
    case.write("3_late.sql", "create table late(x int)");
    refused("3_late.sql was not run, and one of a later version was", "3 out-of-order");
    std::fs::write(case.program.path("outgrow.toml"), format!("{POLICY}allow-out-of-order = true\n")).unwrap();
    assert_eq!(states(&case.run(&[]).expect(0).document()), ["2 skipped", "3 applied", "4 skipped", "5 applied"]);
    let commits = "select 1;\nselect 2; commit; select 3";
    for (name, text, said) in
        [("5_d.sql", "select 1", "same version"), ("x.sql", "select 1", "begin with a number"), ("6_e.sql", commits, "line 2")]
    {
        case.write(name, text);
        let ended = case.run(&[]).expect(2);
        assert!(ended.err.contains(said), "{name}: {}", ended.err);
        case.remove(name);
    }
}

#[test]
fn a_file_that_fails_is_rolled_back_and_named_with_its_line() {
    let files = [
        ("1_a.sql", "create table a(x int primary key)"),
        ("2_b.sql", "insert into a values (1);\ncreate table b(x int);\n\nselect 1,\n  nothing_of_the_kind from a;\n"),
        ("3_c.sql", "create table c(x int)"),
    ];
    let case = Case::new("migrations_fails", POLICY, &files);
    let report = case.migrate().expect(3).document();
    crate::schema::assert_valid("migrate", &report);
    assert_eq!((&report["outcome"], &report["verification"]["verdict"]), (&"blocked".into(), &"match".into()));
    assert_eq!(states(&report["migrations"]), ["1 applied", "2 failed", "3 pending"]);
    let failed = &report["migrations"]["failed"];
    assert_eq!((&failed["name"], &failed["line"]), (&"2_b.sql".into(), &5.into()), "{failed}");
    assert!(failed["message"].as_str().unwrap().contains("nothing_of_the_kind"), "{failed}");
    assert_eq!(ask(&case.database, LEDGER), ["1|applied"]);
    assert_eq!(ask_one(&case.database, "select to_regclass('app.b') is null and not exists(select from app.a)"), "t");
    let page = case.program.run(&["report"]).expect(0).out;
    assert!(page.contains("2_b.sql failed at line 5") && page.contains("a migration failed"), "{page}");
    // What is refused without a place has the line of its statement.
    case.write("2_b.sql", "create table b(x int);\n\n\ninsert into a values (1);\n insert into a\n values (1)");
    assert_eq!(case.run(&[]).expect(3).document()["failed"]["line"], 5);
    // What is checked at the end only is a failure as well.
    case.write("2_b.sql", "create table b(x int primary key deferrable initially deferred);\ninsert into b values (1), (1)");
    assert_eq!(case.run(&[]).expect(3).document()["failed"]["line"], 2);
    case.write("2_b.sql", "create table b(x int)");
    let mended = case.migrate().expect(0).document();
    assert_eq!(states(&mended["migrations"]), ["1 skipped", "2 applied", "3 applied"]);
}

#[test]
fn killed_in_a_migration_it_goes_on_or_says_what_it_can_not_know() {
    let none = "-- outgrow: no-transaction\ncreate index concurrently i on a(x)";
    let files = [("1_a.sql", "create table a(x int)"), ("2_i.sql", none), ("3_b.sql", "create table b(x int)")];
    let case = Case::new("migrations_killed", POLICY, &files);
    let url = case.database.url();
    // In a transaction: nothing is left, or all of it.
    let died = case.program.run_to("migration.done", &["migrate", text(&case.source), &url]);
    assert_eq!(died.code, None, "{}", died.err);
    assert!(ask(&case.database, LEDGER).is_empty());
    assert_eq!(ask_one(&case.database, "select to_regclass('app.a') is null"), "t");
    case.killed_at("migration.committed");
    assert_eq!(ask(&case.database, LEDGER), ["1|applied"]);
    // Without one, before and behind its statement: said, and settled by somebody.
    case.killed_at("migration.started");
    assert_eq!(ask(&case.database, LEDGER), ["1|applied", "2|started"]);
    for ended in [case.run(&[]).expect(3), case.migrate().expect(3)] {
        assert!(ended.err.contains("2_i.sql was begun without a transaction") && ended.err.contains("--again 2"), "{}", ended.err);
    }
    assert_eq!(states(&case.run(&["--status"]).expect(3).document()), ["1 skipped", "2 started", "3 pending"]);
    case.run(&["--again", "1"]).expect(2);
    let died = case.program.run_to("migration.done", &["migrations", &url, "--again", "2"]);
    assert_eq!(died.code, None, "{}", died.err);
    assert_eq!(ask(&case.database, LEDGER), ["1|applied", "2|started"]);
    assert_eq!(ask_one(&case.database, "select indisvalid from pg_index where indexrelid = 'app.i'::regclass"), "t");
    assert_eq!(states(&case.run(&["--applied", "2"]).expect(0).document()), ["1 skipped", "2 skipped", "3 applied"]);
    // One that fails may have left a part as well.
    case.write("4_j.sql", "-- outgrow: no-transaction\ncreate index concurrently j on a(x);\ncreate index concurrently k on a(nothing);");
    let failed = case.run(&[]).expect(3).document();
    assert_eq!((&failed["failed"]["line"], states(&failed).last().unwrap().as_str()), (&3.into(), "4 failed"));
    case.run(&[]).expect(3);
    tell(&case.database, "drop index app.j");
    case.write("4_j.sql", "-- outgrow: no-transaction\ncreate index concurrently j on a(x);");
    case.run(&["--again", "4"]).expect(0);
    assert_eq!(ask(&case.database, LEDGER), ["1|applied", "2|applied", "3|applied", "4|applied"]);
}

#[test]
fn a_table_of_that_name_that_is_somebody_elses_is_left_alone() {
    let case = Case::new("migrations_taken", "[migrations]\ndirectory = \"migrations\"\n", &[("1_a.sql", "create table a(x int)")]);
    tell(&case.database, "create table schema_migrations(version varchar primary key); insert into schema_migrations values ('20200101')");
    for ended in [case.migrate().expect(2), case.run(&[]).expect(2)] {
        assert!(ended.err.contains("looks like that of Rails") && ended.err.contains("outgrow_migrations"), "{}", ended.err);
    }
    assert_eq!(ask_one(&case.database, "select to_regclass('t') is null and to_regclass('a') is null"), "t", "nothing was changed");
    std::fs::write(case.program.path("outgrow.toml"), "[migrations]\ndirectory = \"migrations\"\ntable = \"outgrow_migrations\"\n")
        .unwrap();
    case.migrate().expect(0);
    assert_eq!(ask(&case.database, "select version from outgrow_migrations"), ["1"]);
    assert_eq!(ask(&case.database, "select version from schema_migrations"), ["20200101"]);
    // The source's own table would come across under that name.
    let rails = Case::new("migrations_source", POLICY, &[("1_a.sql", "create table a(x int)")]);
    rusqlite::Connection::open(&rails.source).unwrap().execute_batch("create table schema_migrations(version text primary key)").unwrap();
    let ended = rails.migrate().expect(2);
    assert!(ended.err.contains("one that the source has, too"), "{}", ended.err);
    assert_eq!(ask_one(&rails.database, "select to_regnamespace('app') is null"), "t");
}

#[test]
fn they_wait_until_the_load_is_whole_and_a_policy_without_them_has_none() {
    let case = Case::new("migrations_wait", POLICY, &[("1_a.sql", "create table a(x int)")]);
    case.migrate().expect(0);
    case.write("2_b.sql", "create table b(x int)");
    tell(&case.database, "update app.t set name = 'x' where id = 1");
    let report = case.migrate().expect(4).document();
    assert_eq!(states(&report["migrations"]), ["1 skipped", "2 pending"]);
    assert_eq!(ask_one(&case.database, "select to_regclass('app.b') is null"), "t");
    std::fs::write(case.program.path("outgrow.toml"), "").unwrap();
    let ended = case.run(&["--status"]).expect(2);
    assert!(ended.err.contains("[migrations]"), "{}", ended.err);
    std::fs::write(case.program.path("outgrow.toml"), "[migrations]\ndirectory = \"nowhere\"\n").unwrap();
    assert!(case.run(&[]).expect(2).err.contains("nowhere"));
}
