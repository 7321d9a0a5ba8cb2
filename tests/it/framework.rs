//! Frameworks on real databases: their ledgers on both sides, and what becomes of their own tables.

use std::collections::BTreeSet;

use outgrow::catalog::{FrameworkState, TargetCatalog};
use outgrow::inspect;
use outgrow::preset::{PRESETS, Role};
use outgrow::sqlite::SourceReader;

use crate::fixture::{Database, in_own_runtime};
use crate::program::{Program, text};
use crate::target::{ask, ask_one, everything, tell};

fn of_source(sql: &str) -> FrameworkState {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("app.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    let reader = SourceReader::open(&file).unwrap();
    let catalog = reader.catalog().unwrap();
    let state = inspect::applied_to_source(&reader, &catalog).unwrap();
    reader.finish().unwrap();
    state
}

fn of_target(database: &Database) -> TargetCatalog {
    in_own_runtime(async { inspect::target(&mut database.session().await, "public").await.unwrap() })
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// Each ledger as the framework makes it on either side, with rows that count and rows that don't.
#[test]
fn ledgers_are_read_alike_on_both_sides() {
    for (id, on_source, on_target, applied) in [
        (
            "goose",
            "create table goose_db_version(id integer primary key, version_id integer, is_applied integer, tstamp timestamp);
             insert into goose_db_version values (1, 0, 1, null), (2, 20240915, 1, null), (3, 20240916, 0, null)",
            "create table goose_db_version(id serial primary key, version_id bigint, is_applied boolean, tstamp timestamp);
             insert into goose_db_version values (1, 0, true, null), (2, 20240915, true, null), (3, 20240916, false, null)",
            vec!["0", "20240915"],
        ),
        (
            "golang-migrate",
            "create table schema_migrations(version uint64, dirty bool); insert into schema_migrations values (7, 0), (8, 1)",
            "create table schema_migrations(version bigint primary key, dirty boolean); insert into schema_migrations values (7, false), (8, true)",
            vec!["7"],
        ),
        (
            "flyway",
            "create table flyway_schema_history(installed_rank int primary key, version varchar(50), description text, success boolean);
             insert into flyway_schema_history values (1, '1', 'boats', 1), (2, null, 'views', 1), (3, '2', 'berths', 0)",
            "create table flyway_schema_history(installed_rank int primary key, version varchar(50), description text, success boolean);
             insert into flyway_schema_history values (0, null, '<< Flyway Schema Creation >>', true), (1, '1', 'boats', true), (3, '2', 'berths', false)",
            vec!["1 boats"],
        ),
        (
            "liquibase",
            "create table DATABASECHANGELOG(ID varchar(255), AUTHOR varchar(255), FILENAME varchar(255));
             insert into DATABASECHANGELOG values ('1', 'ada', 'changes.xml')",
            "create table databasechangelog(id varchar(255), author varchar(255), filename varchar(255));
             insert into databasechangelog values ('1', 'ada', 'changes.xml')",
            vec!["1 ada changes.xml"],
        ),
        (
            "ef-core",
            r#"create table "__EFMigrationsHistory"("MigrationId" text primary key, "ProductVersion" text);
             insert into "__EFMigrationsHistory" values ('20240915_First', '8.0.8')"#,
            r#"create table "__EFMigrationsHistory"("MigrationId" varchar(150) primary key, "ProductVersion" varchar(32));
             insert into "__EFMigrationsHistory" values ('20240915_First', '9.0.0')"#,
            vec!["20240915_First"],
        ),
        (
            "django",
            "create table django_migrations(id integer primary key, app text, name text, applied datetime);
             insert into django_migrations values (1, 'fleet', '0001_initial', '')",
            "create table django_migrations(id bigint primary key, app varchar(255), name varchar(255), applied timestamptz);
             insert into django_migrations values (1, 'fleet', '0001_initial', now())",
            vec!["fleet 0001_initial"],
        ),
    ] {
        let database = Database::new("framework_ledger");
        tell(&database, on_target);
        assert_eq!(of_source(on_source).applied.get(id), Some(&names(applied.clone())), "{id} on the source");
        assert_eq!(of_target(&database).framework.applied.get(id), Some(&names(applied)), "{id} on the target");
    }
}

#[test]
fn a_table_that_only_has_the_name_is_no_ledger() {
    let database = Database::new("framework_no_ledger");
    tell(&database, "create table goose_db_version(bird text); create view schema_migrations as select 1 as version, false as dirty");
    assert_eq!(of_target(&database).framework, FrameworkState::default());
    assert_eq!(of_source("create table goose_db_version(bird text)"), FrameworkState::default());
}

#[test]
fn what_a_preset_says_of_itself_holds_together() {
    for preset in PRESETS {
        let of_ledgers = preset.bookkeeping.iter().filter(|kept| kept.role == Role::Ledger).count();
        assert_eq!(of_ledgers, 1, "{}: one ledger", preset.id);
        if let Some(ledger) = &preset.ledger {
            assert_eq!(preset.role(&ledger.table.to_lowercase()), Some(Role::Ledger), "{}", preset.id);
        }
        assert_eq!(outgrow::preset::find(preset.id).map(|found| found.name), Some(preset.name));
        assert!(preset.described().contains(preset.command), "{}", preset.id);
    }
}

const RAILS: &str = "create table schema_migrations(version varchar not null primary key);
    create table ar_internal_metadata(key varchar not null primary key, value varchar, created_at datetime(6), updated_at datetime(6));
    create table boats(id integer primary key autoincrement not null, name varchar);
    insert into schema_migrations values ('20240915100000'), ('20240916100000');
    insert into ar_internal_metadata values ('environment', 'production', null, null);
    insert into boats values (1, 'Petrel'), (2, 'Tern');";

const RAILS_ON_POSTGRES: &str = "create table schema_migrations(version varchar not null primary key);
    create table ar_internal_metadata(key varchar not null primary key, value varchar, created_at timestamp(6), updated_at timestamp(6));
    create table boats(id bigserial primary key, name varchar);
    insert into ar_internal_metadata values ('environment', 'staging', now(), now());
    insert into schema_migrations values ('20240915100000');";

/// Case 59: the application's migrations have come further on one side than on the other.
#[test]
fn another_level_of_migrations_stops_the_move_and_the_same_one_does_not() {
    let (program, database) = (Program::new(), Database::new("framework_level"));
    let source = program.source("app.db", RAILS);
    tell(&database, RAILS_ON_POSTGRES);
    let before = everything(&database);
    let document = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(3).document();
    let findings = document["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["severity"] == "stop").unwrap_or_else(|| panic!("{document:#}"));
    assert_eq!((&finding["id"], &finding["place"]), (&"migration-level".into(), &"schema_migrations".into()));
    assert_eq!(finding["message"], "the source has 1 migration (20240916100000) that the target has not");
    assert_eq!(everything(&database), before, "nothing was changed");

    tell(&database, "insert into schema_migrations values ('20240916100000')");
    let document = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
    assert_eq!(document["verification"]["verdict"], "match", "{document:#}");
    let told = document["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == "migration-level").unwrap().clone();
    assert_eq!((&told["severity"], &told["count"]), (&"note".into(), &2.into()), "{told:#}");
    assert_eq!(ask(&database, "select id, name from boats order by id").len(), 2);
    assert_eq!(ask_one(&database, "select value from ar_internal_metadata"), "staging", "the framework's own books stay");

    // The comparison later on does not miss them either.
    program.run(&["verify", text(&source), &database.url()]).expect(0);
}

#[test]
fn the_policy_can_rule_the_framework_out() {
    let (program, database) = (Program::new(), Database::new("framework_none"));
    let source = program.source("app.db", RAILS);
    std::fs::write(program.path("outgrow.toml"), "[source]\nframework = \"none\"\n").unwrap();
    let document = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
    assert_eq!(document["source"]["framework"], serde_json::Value::Null);
    assert_eq!(ask_one(&database, "select count(*) from schema_migrations"), "2");
    std::fs::write(program.path("outgrow.toml"), "[source]\nframework = \"merb\"\n").unwrap();
    let refused = program.run(&["plan", text(&source)]).expect(2);
    assert!(refused.err.contains("merb") && refused.err.contains("laravel, django, rails"), "{}", refused.err);
}

/// In a schema of outgrow's own, with the types that the framework makes, where every cell fits.
#[test]
fn a_framework_s_types_come_back_exactly() {
    let (program, database) = (Program::new(), Database::new("framework_types"));
    let source = program.source("app.db", include_str!("../golden/plan-framework-types/source.sql"));
    let waived = "[[waiver]]\nfinding = \"manual\"\nat = \"*\"\nreason = \"looked at\"\nby = \"Ada\"\n";
    std::fs::write(program.path("outgrow.toml"), format!("[rules]\ntypes = \"framework\"\n{waived}")).unwrap();
    let document = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
    assert_eq!(document["verification"]["verdict"], "match", "{document:#}");
    let types = ask(
        &database,
        "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'fleet_boat'::regclass and attnum > 0 order by attnum",
    );
    let of = |column: &str| types.iter().find_map(|row| row.strip_prefix(&format!("{column}|"))).unwrap().to_owned();
    assert_eq!(of("name"), "character varying(20)");
    assert_eq!((of("berths"), of("masts"), of("equipment")), ("integer".to_owned(), "smallint".to_owned(), "jsonb".to_owned()));
    // One cell of each is too long, or too great.
    assert_eq!((of("nickname"), of("miles")), ("text".to_owned(), "bigint".to_owned()));
    assert_eq!(ask_one(&database, "select count(*) from outgrow.quarantine"), "0");
}
