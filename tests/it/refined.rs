//! Types that the values prove and integers in narrow types, from the policy to the target and back.

use serde_json::{Value, json};

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{ask, books, equal};

fn types(database: &Database) -> Vec<String> {
    ask(
        database,
        "select attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute \
         where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r') and attnum > 0 order by 1",
    )
}

/// Moves a source under a policy, compares, and moves it again.
fn moved(name: &str, sql: &str, policy: &str) -> (Database, Value) {
    let program = Program::new();
    let source = program.source("app.db", sql);
    std::fs::write(program.path("outgrow.toml"), policy).unwrap();
    let database = Database::new(name);
    let report = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
    equal(&program, &source, &database);
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    let rehearsed = program.run(&["rehearse", text(&source), "--json"]).expect(0).document();
    assert_eq!(rehearsed["probes"]["surprises"], json!([]));
    (database, report)
}

const EVENTS: &str = "
    create table users(id text primary key, name text);
    create table events(id integer primary key, user_id text references users(id), at text, day text, clock text, seen_utc text,
        payload text, flag integer, ones integer, price text, zip text, yes text, nearly text, half text, bare_null text, bare text);
    create index by_flagged on events(ones);
    insert into users values ('0b0ae1a5-7c9c-4a51-9a0c-3e0d54c3f001', 'Ada'), ('0b0ae1a5-7c9c-4a51-9a0c-3e0d54c3f002', 'true');
    insert into events values
        (1, '0b0ae1a5-7c9c-4a51-9a0c-3e0d54c3f001', '2024-01-02 03:04:05', '2024-01-02', '03:04', '2024-01-02T03:04:05Z', '{\"b\": 1, \"a\": [1,2]}', 0, 1,
            '12.5', '0815', 'true', '2024-01-02', '{\"a\": \"\\u0000\"}', null, '1'),
        (2, null, null, '1899-12-31', '23:59', '1999-12-31T23:59:59Z', '[]', 1, 1, '-0.25', '4711', 'false', '2024-02-30', '{}', null, '\"x\"');";

#[test]
fn a_column_gets_the_type_that_every_value_proves() {
    let (database, report) = moved("refined", EVENTS, "[rules]\ntypes = \"refined\"\n");
    assert_eq!(
        types(&database),
        [
            "events.at timestamp without time zone",
            "events.bare text",
            "events.bare_null text",
            "events.clock time without time zone",
            "events.day date",
            "events.flag boolean",
            "events.half text",
            "events.id bigint",
            "events.nearly text",
            "events.ones bigint",
            "events.payload jsonb",
            "events.price numeric",
            "events.seen_utc timestamp with time zone",
            "events.user_id uuid",
            "events.yes boolean",
            "events.zip text",
            "users.id uuid",
            "users.name text",
        ]
    );
    let (exact, normalised, quarantined) = books(&report["cells"]);
    // One document comes back in jsonb's own form; `[]` is in it already.
    assert_eq!((normalised, quarantined), (1, 0), "{}", report["cells"]);
    assert_eq!(report["cells"]["normalised"]["jsonb-form"], 1);
    assert_eq!(exact, 2 * 2 + 2 * 16 - 1);
    assert_eq!(ask(&database, "select payload ->> 'b' from events where flag is false"), ["1"]);
}

#[test]
fn faithful_types_stay_where_nobody_asks_and_a_column_can_be_excepted() {
    let (database, _) = moved("refined_not", EVENTS, "");
    assert!(types(&database).iter().all(|line| line.ends_with(" text") || line.ends_with(" bigint")), "{:#?}", types(&database));
    let policy = "[tables.events]\nrefine = true\n[columns.\"events.day\"]\nrefine = false\n";
    let (database, _) = moved("refined_table", EVENTS, policy);
    let types = types(&database);
    // The other side of the key is not asked for, so that neither is touched.
    for line in ["events.at timestamp without time zone", "events.day text", "events.user_id text", "users.id text"] {
        assert!(types.iter().any(|known| known == line), "{line}: {types:#?}");
    }
}

const NUMBERS: &str = "
    create table parents(id integer primary key, small int, wide integer, far bigint, mixed integer, none integer, decided integer);
    create table children(id integer primary key autoincrement, parent_id integer references parents(id), level integer);
    create table far_parents(id integer primary key);
    create table far_children(parent integer references far_parents(id), n integer);
    create table bare(id integer primary key, n integer);
    create index by_level on children(level);
    insert into parents values (1, -32768, 2147483647, 2147483648, 1, null, 1), (2, 32767, -2147483648, 1, 2.5, null, 2);
    insert into children values (1, 1, 3), (7, 2, 40000), (8, null, null);
    insert into far_parents values (1), (3000000000);
    insert into far_children values (1, 5), (3000000000, 6);
    update sqlite_sequence set seq = 20;";

#[test]
fn case_24_integers_take_the_narrowest_type_that_holds_them() {
    let policy = "[rules]\nnarrow = true\n[columns.\"parents.decided\"]\ntype = \"bigint\"\n[columns.\"far_children.n\"]\nnarrow = false\n\
        [[waiver]]\nfinding = \"mixed-types\"\nat = \"*\"\nreason = \"so it is\"\nby = \"Ada\"\n";
    let (database, report) = moved("narrow", NUMBERS, policy);
    assert_eq!(
        types(&database),
        [
            "bare.id bigint",
            "bare.n bigint",
            "children.id integer",
            "children.level integer",
            "children.parent_id integer",
            "far_children.n bigint",
            "far_children.parent bigint",
            "far_parents.id bigint",
            "parents.decided bigint",
            "parents.far bigint",
            "parents.id integer",
            "parents.mixed double precision",
            "parents.none bigint",
            "parents.small smallint",
            "parents.wide integer",
        ]
    );
    assert_eq!(books(&report["cells"]).1 + books(&report["cells"]).2, 0);
    assert_eq!(ask(&database, "insert into children(parent_id) values (1) returning id"), ["21"]);
    assert_eq!(ask(&database, "insert into parents(small) values (1) returning id"), ["3"]);
    assert_eq!(
        ask(&database, "select count(*) from pg_constraint where connamespace = 'public'::regnamespace and contype = 'f' and convalidated"),
        ["2"]
    );
}
