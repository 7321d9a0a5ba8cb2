//! What people decide in `outgrow.toml`, from the file to the target and back: planned, loaded, compared and reported.

use crate::fixture::Database;
use crate::program::{Ended, Program, text};
use crate::target::{ask, ask_one, equal};

/// The move of a source under a policy.
struct Move {
    program: Program,
    database: Database,
    source: std::path::PathBuf,
}

impl Move {
    fn new(name: &str, sql: &str, policy: &str) -> Self {
        let program = Program::new();
        let source = program.source("app.db", sql);
        std::fs::write(program.path("outgrow.toml"), policy).unwrap();
        Self { program, database: Database::new(name), source }
    }

    fn run(&self) -> Ended {
        self.program.run(&["migrate", text(&self.source), &self.database.url(), "--json"])
    }

    /// Moves, compares, moves again (which changes nothing), and rehearses.
    fn wholly(&self) -> serde_json::Value {
        let report = self.run().expect(0).document();
        assert_eq!(report["outcome"], "done");
        assert_eq!(report["verification"]["verdict"], "match");
        equal(&self.program, &self.source, &self.database);
        let again = self.run().expect(0);
        assert!(again.err.contains("carried out already"), "{}", again.err);
        let rehearsed = self.program.run(&["rehearse", text(&self.source), "--json"]).expect(0).document();
        assert_eq!(rehearsed["probes"]["surprises"], serde_json::json!([]));
        report
    }

    /// The refusal of a policy that can't be followed.
    fn refused(&self) -> String {
        let ended = self.program.run(&["plan", text(&self.source)]).expect(2);
        ended.err
    }
}

fn finding<'a>(report: &'a serde_json::Value, id: &str, place: &str) -> &'a serde_json::Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["id"] == id && finding["place"] == place).unwrap_or_else(|| panic!("{id} at {place}: {report:#}"))
}

const SHOP: &str = "
    create table kunden(id integer primary key, name text not null unique);
    create table bestellungen(id integer primary key, kunde integer not null references kunden(id), menge integer default 1 check (menge > 0),
        doppelt integer generated always as (menge * 2) virtual, \"a.b\" text);
    create index nach_kunde on bestellungen(kunde);
    create view grosse as select id, menge from bestellungen where menge > 1;
    create trigger zaehlt after insert on bestellungen begin update kunden set name = name || '!' where id = new.kunde; end;
    insert into kunden values (1, 'Ada'), (2, 'Ben');
    insert into bestellungen(id, kunde, menge, \"a.b\") values (1, 1, 2, 'x'), (2, 2, 1, null);";

#[test]
fn tables_and_columns_take_new_names() {
    let renames = "[tables.bestellungen]\nname = \"orders\"\n[tables.kunden]\nname = \"customers\"\n\
        [columns.\"bestellungen.kunde\"]\nname = \"customer_id\"\n[columns.\"Bestellungen.MENGE\"]\nname = \"quantity\"\n\
        [columns.'bestellungen.\"a.b\"']\nname = \"note\"\n";
    let case = Move::new("policy_renames", SHOP, renames);
    let report = case.wholly();
    assert_eq!(finding(&report, "renamed", "table bestellungen")["severity"], "note");
    assert_eq!(ask(&case.database, "select id, customer_id, quantity, doppelt, note from orders order by 1"), ["1|1|2|4|x", "2|2|1|2|∅"]);
    assert_eq!(ask(&case.database, "select * from grosse"), ["1|2"]);
    assert_eq!(ask_one(&case.database, "insert into orders(customer_id) values (1) returning id || ' ' || quantity"), "3 1");
    assert_eq!(ask_one(&case.database, "select name from customers where id = 1"), "Ada!!", "the source's trigger fired once");
    assert_eq!(ask_one(&case.database, "select to_regclass('bestellungen') is null"), "t");
}

#[test]
fn names_that_clash_are_refused_with_both() {
    let sql = "create table a(x integer, y integer); create table b(x integer); create view v as select x from a; create index i on a(x);";
    for (policy, both) in [
        ("[tables.a]\nname = \"b\"\n", ["table a", "table b"]),
        ("[tables.a]\nname = \"v\"\n", ["table a", "view v"]),
        ("[tables.b]\nname = \"i\"\n", ["table b", "index i"]),
        ("[columns.\"a.x\"]\nname = \"y\"\n", ["columns y and x of a", "called y"]),
        ("[columns.\"a.x\"]\nname = \"ctid\"\n", ["a.x", "ctid"]),
    ] {
        let error = Move::new("policy_clash", sql, policy).refused();
        assert!(both.iter().all(|part| error.contains(part)) && error.contains("line 1"), "{policy}: {error}");
    }
}

#[test]
fn what_the_source_does_not_have_is_refused_with_the_nearest_name_and_the_line() {
    let sql = "create table orders(id integer primary key, status text); create view open_orders as select id from orders;";
    for (policy, line, said) in [
        ("[tables.ordres]\nname = \"x\"\n", "line 1", "did you mean `orders`?"),
        ("\n\n[columns.\"orders.statsu\"]\nname = \"x\"\n", "line 3", "did you mean `status`?"),
        ("[columns.\"order.status\"]\nname = \"x\"\n", "line 1", "did you mean `orders`?"),
        ("[columns.\"a.b.c\"]\nname = \"x\"\n", "line 1", "double quotes"),
        ("[tables.open_orders]\nskip = true\nreason = \"x\"\n", "line 1", "a view"),
        ("[tables.orders]\nskpi = true\n", "line 2", "did you mean `skip`?"),
        ("[rules]\norphans = \"nto-valid\"\n", "line 2", "did you mean `not-valid`?"),
        ("[tabels.orders]\nskip = true\n", "line 1", "did you mean `tables`?"),
        ("[tables.orders]\nskip = true\n", "line 1", "without a reason"),
        ("[columns.\"orders.id\"]\nskip = true\nreason = \"x\"\n", "line 1", "primary key"),
        ("[tables.orders]\nrows = \"status > date('now')\"\n", "line 1", "another answer each time"),
        ("[tables.orders]\nrows = \"stauts = 1\"\n", "rows of orders", "no such column"),
    ] {
        let error = Move::new("policy_unknown", sql, policy).refused();
        assert!(error.contains(line) && error.contains(said), "{policy}: {error}");
    }
}

#[test]
fn what_is_left_out_is_counted_and_neither_loaded_nor_missed() {
    let sql = "
        create table customers(id integer primary key, name text, fax text not null);
        create table orders(id integer primary key, customer integer references customers(id), made text not null);
        create table lines(id integer primary key, order_id integer references orders(id), sku text);
        create table cache(key text primary key, value blob);
        create table tags(name text primary key, old integer) without rowid;
        create index by_fax on customers(fax);
        create view latest as select id, made from orders;
        insert into customers values (1, 'Ada', '1'), (2, 'Ben', '2');
        insert into orders values (1, 1, '2019-05-01'), (2, 1, '2020-05-01'), (9, 2, '2019-01-01'), (3, 2, '2022-01-01');
        insert into lines values (1, 1, 'a'), (2, 2, 'b'), (3, 9, 'c'), (4, null, 'd');
        insert into tags values ('a', 1), ('b', 0), ('c', null);
        insert into cache values ('k', x'00'), ('l', x'01');";
    let policy = "[rules]\norphans = \"not-valid\"\n[tables.cache]\nskip = true\nreason = \"filled again by itself\"\n\
        [tables.orders]\nrows = \"made >= '2020-01-01' -- and later\"\n[tables.tags]\nrows = \"old = 1 or old is null\"\n\
        [columns.\"customers.fax\"]\nskip = true\nreason = \"nobody has one\"\n";
    let case = Move::new("policy_left_out", sql, policy);
    let report = case.wholly();
    for (place, count) in [("table cache", 2), ("rows of orders", 2), ("rows of tags", 1), ("column customers.fax", 2)] {
        assert_eq!(finding(&report, "left-out", place)["count"], count, "{place}");
    }
    let page = case.program.run(&["report"]).expect(0).out;
    assert!(page.contains("Left out by the policy"), "{page}");
    assert_eq!(finding(&report, "orphan-rows", "lines.order_id → orders.id")["rows"], serde_json::json!(["1", "3"]));
    assert_eq!(report["cells"]["exact"], report["source"]["cells"]);
    assert_eq!(ask(&case.database, "select id from orders order by 1"), ["2", "3"]);
    assert_eq!(ask(&case.database, "select name from tags order by 1"), ["a", "c"]);
    assert_eq!(ask_one(&case.database, "select to_regclass('cache') is null"), "t");
    assert_eq!(ask_one(&case.database, "insert into orders(made) values ('x') returning id"), "10", "above what was left out, too");
    let source = rusqlite::Connection::open(&case.source).unwrap();
    // What is left out may change; what is moved may not.
    source.execute_batch("insert into orders values (1000, 1, '2018'); delete from cache;").unwrap();
    crate::target::tell(&case.database, "delete from orders where id = 10");
    equal(&case.program, &case.source, &case.database);
    source.execute_batch("insert into orders values (1001, 1, '2023')").unwrap();
    case.program.run(&["verify", text(&case.source), &case.database.url()]).expect(4);
}

#[test]
fn rows_that_are_left_out_leave_orphans_that_must_be_decided() {
    let sql = "create table p(id integer primary key, old integer); create table c(id integer primary key, p integer references p(id));
        insert into p values (1, 1), (2, 0); insert into c values (1, 1), (2, 2);";
    let case = Move::new("policy_filter_orphans", sql, "[tables.p]\nrows = \"not old\"\n");
    let report = case.run().expect(3).document();
    assert_eq!(finding(&report, "orphan-rows", "c.p → p.id")["severity"], "decide");
}

#[test]
fn a_waiver_that_covers_nothing_is_said() {
    let sql = "create table t(id integer primary key)";
    let waiver = "[[waiver]]\nfinding = \"orphan-rows\"\nat = \"a.b → c.d\"\nreason = \"x\"\nby = \"Ada\"\n";
    let report = Move::new("policy_unused_waiver", sql, waiver).run().expect(0).document();
    assert_eq!(finding(&report, "unused-waiver", "a.b → c.d")["severity"], "note");
}

#[test]
fn values_take_other_names_and_come_back() {
    let sql = "
        create table orders(id integer primary key, status text not null default 'gözləyir', kind integer default 0, grade text, unique (status, id));
        create view states as select id, status from orders;
        insert into orders values (1, 'aktiv', 0, 'a'), (2, 'gözləyir', 1, 'b'), (3, 'aktiv', 7, null), (4, 'aktiv', 1, 'bravo'), (5, 'gözləyir', null, 'z');";
    let maps = "[columns.\"orders.status\"]\nvalues = { \"aktiv\" = \"active\", \"gözləyir\" = \"pending\" }\n\
        [columns.\"orders.kind\"]\nvalues = { \"0\" = \"new\", \"1\" = \"paid\" }\nunmapped = \"quarantine\"\n\
        [columns.\"orders.grade\"]\nvalues = { \"a\" = \"alpha\", \"b\" = \"bravo\" }\nunmapped = \"keep\"\n";
    let case = Move::new("policy_values", sql, maps);
    let report = case.wholly();
    let rows = ask(&case.database, "select id, status, kind, grade from orders order by 1");
    assert_eq!(rows, ["1|active|new|alpha", "2|pending|paid|bravo", "3|active|∅|∅", "4|active|paid|bravo", "5|pending|∅|z"]);
    assert_eq!(ask_one(&case.database, "insert into orders(grade) values ('x') returning status || ' ' || kind"), "pending new");
    assert_eq!(report["cells"]["normalised"]["value-map"], 1);
    assert_eq!(report["cells"]["quarantined"]["unmapped"], 1);
    assert_eq!(finding(&report, "value-map", "orders.grade")["count"], 2);
    assert_eq!(ask(&case.database, "select status from states where id = 1"), ["active"]);
    // A value that somebody changed in the target is a difference, whatever it is called there.
    crate::target::tell(&case.database, "delete from orders where id > 5; update orders set status = 'pending' where id = 1");
    case.program.run(&["verify", text(&case.source), &case.database.url()]).expect(4);
}

#[test]
fn a_value_that_no_map_names_stops_the_move_before_it_begins() {
    let sql =
        "create table orders(id integer primary key, status text not null); insert into orders values (1, 'aktiv'), (2, 'secret word');";
    let case = Move::new("policy_unmapped", sql, "[columns.\"orders.status\"]\nvalues = { \"aktiv\" = \"active\" }\n");
    let ended = case.run().expect(3);
    let report = ended.document();
    let unmapped = finding(&report, "unmapped-values", "orders.status");
    assert_eq!((&unmapped["severity"], &unmapped["rows"]), (&"decide".into(), &serde_json::json!(["2"])));
    assert!(!ended.out.contains("secret word") && !ended.err.contains("secret word"), "no cell is shown");
    let sql = "create table p(k integer primary key); create table c(id integer primary key, p integer references p(k), n integer); insert into c values(1, null, 1)";
    for (column, said) in [("p.k", "primary key"), ("c.p", "refers to another table"), ("c.n", "is none")] {
        let error = Move::new("policy_unmappable", sql, &format!("[columns.\"{column}\"]\nvalues = {{ \"x\" = \"y\" }}\n")).refused();
        assert!(error.contains(said), "{column}: {error}");
    }
}

#[test]
fn case_24_columns_take_the_types_that_the_policy_gives() {
    let sql = "
        create table users(id integer primary key, guid text not null, price decimal(10,2), visits integer, made datetime, name varchar(20), data text);
        create table logs(id integer primary key, visits integer, price decimal(10, 2));
        insert into users values (1, '6f1c2f5e-8a56-4c0c-9d56-0f6fbb6d2b11', 12.5, 7, '2024-01-01 10:00:00', 'Ada', '{\"a\": 1}'),
            (2, '00000000-0000-0000-0000-000000000000', 3, -1, '2024-01-02 10:00:00', 'Ben', '[]');
        insert into logs values (1, 5, 9.25);";
    let types = "[types]\n\"DECIMAL(10,2)\" = \"numeric(12,2)\"\n[tables.users.types]\ninteger = \"int4\"\n\
        [columns.\"users.guid\"]\ntype = \"uuid\"\n[columns.\"users.name\"]\ntype = \"varchar(3)\"\n[columns.\"users.data\"]\ntype = \"jsonb\"\n";
    let case = Move::new("policy_types", sql, types);
    let report = case.wholly();
    let shapes = "select string_agg(format_type(atttypid, atttypmod), ', ' order by attnum) from pg_attribute where attrelid = 'users'::regclass and attnum > 0";
    let expected = "integer, uuid, numeric(12,2), integer, timestamp without time zone, character varying(3), jsonb";
    assert_eq!(ask_one(&case.database, shapes), expected);
    assert_eq!(ask_one(&case.database, "select pg_typeof(visits) || ' ' || price from logs"), "bigint 9.25");
    assert_eq!(ask_one(&case.database, "insert into users(guid) values (gen_random_uuid()) returning id"), "3");
    assert!(report["cells"]["quarantined"].as_object().unwrap().is_empty());
}

#[test]
fn a_type_that_cells_do_not_fit_is_a_finding_and_one_that_is_none_an_error() {
    let sql = "create table t(id integer primary key, name text, n integer, b blob); insert into t values (1, 'Ada', 5, x'00'), (2, 'Benjamin', 9999999999, null);";
    let case = Move::new("policy_misfits", sql, "[columns.\"t.name\"]\ntype = \"varchar(3)\"\n[columns.\"t.n\"]\ntype = \"integer\"\n");
    let report = case.run().expect(3).document();
    for place in ["t.name", "t.n"] {
        let found = finding(&report, "quarantined-cells", place);
        assert_eq!((&found["severity"], &found["rows"]), (&"decide".into(), &serde_json::json!(["2"])), "{place}");
    }
    for (policy, said) in [
        ("[columns.\"t.n\"]\ntype = \"intger\"\n", "did you mean `integer`?"),
        ("[types]\n\"INTEGR\" = \"integer\"\n", "did you mean `INTEGER`?"),
        ("[columns.\"t.b\"]\ntype = \"integer\"\n", "t.b can't be integer"),
        ("[columns.\"t.id\"]\ntype = \"text\"\n", "numbered by the database"),
        ("[columns.\"t.name\"]\ntype = \"text\"\nvalues = { \"a\" = \"b\" }\n", "not both"),
    ] {
        let error = Move::new("policy_types_refused", sql, policy).refused();
        assert!(error.to_lowercase().contains(&said.to_lowercase()), "{policy}: {error}");
    }
}

#[test]
fn case_4_and_5_cells_that_are_not_of_the_declared_type_follow_the_rule() {
    let sql = "
        create table t(id integer primary key, n integer not null, updated_by integer);
        insert into t values (1, 5, 7), (2, 'toto', ''), (3, 12.5, null), (4, 6, '');";
    let policy = "[rules]\nempty = \"null\"\n[columns.\"t.n\"]\nmisfits = \"quarantine\"\n\
        [[waiver]]\nfinding = \"null-against-declaration\"\nat = \"t.n\"\nreason = \"two rows have no number\"\nby = \"Ada\"\n";
    let case = Move::new("policy_declared", sql, policy);
    let report = case.wholly();
    let rows = ask(&case.database, "select id, n, updated_by from t order by 1");
    assert_eq!(rows, ["1|5|7", "2|∅|∅", "3|∅|∅", "4|6|∅"]);
    assert_eq!(report["cells"]["normalised"]["empty-to-null"], 2);
    assert_eq!(finding(&report, "quarantined-cells", "t.n")["severity"], "note");
    let kept = "select source_column || ' ' || row_key || ' ' || storage_class from outgrow.quarantine order by 1";
    assert_eq!(ask(&case.database, kept), ["n 2 text", "n 3 real"]);
}

#[test]
fn sql_of_ones_own_is_run_once_at_its_moment() {
    let sql = "create table t(id integer primary key, name text); insert into t values (1, 'Ada'), (2, 'Ben');";
    let hooks = "[target]\nschema = \"app\"\n[sql]\nbefore-tables = [\"sql/first.sql\"]\nafter-tables = [\"sql/rows.sql\"]\n\
        after-data = [\"sql/rows.sql\"]\nafter-keys = [\"sql/keys.sql\"]\nfinally = [\"sql/last.sql\"]\n";
    let case = Move::new("policy_sql", sql, hooks);
    std::fs::create_dir(case.program.path("sql")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(case.program.path("sql").join(name), text).unwrap();
    write("first.sql", "create table public.seen(what text, rows bigint);\ninsert into public.seen values ('first', 0);");
    write("rows.sql", "insert into public.seen select 'rows', count(*) from t;");
    write("keys.sql", "insert into public.seen select 'keys', count(*) from pg_index where indrelid = 'app.t'::regclass;");
    write("last.sql", "-- the last word\ncreate view v as select id from t;\ninsert into public.seen values ('last', 0);");
    for failpoint in ["step.done", "step.committed", "copy.chunk.noted"] {
        case.program.run_to(failpoint, &["migrate", text(&case.source), &case.database.url()]);
    }
    case.wholly();
    let seen = ask(&case.database, "select what || ' ' || rows from public.seen order by ctid");
    assert_eq!(seen, ["first 0", "rows 0", "rows 2", "keys 1", "last 0"]);
    assert_eq!(ask(&case.database, "select id from app.v order by 1"), ["1", "2"]);
    // Another text is another plan: it does not mix with what is there.
    write("last.sql", "select 2;");
    case.program.run(&["migrate", text(&case.source), &case.database.url()]).expect(3);
    write("last.sql", "select 1;\ncommit;");
    assert!(case.refused().contains("line 2"));
    std::fs::remove_file(case.program.path("sql/last.sql")).unwrap();
    assert!(case.refused().contains("sql/last.sql"));
}
