//! Triggers on moved databases: the same statements leave the same rows on both sides.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tokio_postgres::SimpleQueryMessage;

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::settle;

/// A numbered choice that is the same in every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub(super) fn pick<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[usize::try_from(self.below(u64::try_from(values.len()).unwrap())).unwrap()]
    }
}

/// A moved database, and the source to go on with.
pub(super) struct Moved {
    source: Connection,
    database: Database,
    report: serde_json::Value,
}

impl Moved {
    pub(super) fn of(name: &str, sql: &str, policy: &str) -> Self {
        let (program, database) = (Program::new(), Database::new(name));
        let file = program.source("app.db", sql);
        settle(&program, policy);
        let report = program.run(&["--json", "migrate", text(&file), &database.url()]).expect(0).document();
        let source = in_memory(&file);
        Self { source, database, report }
    }

    /// What did not come across.
    pub(super) fn manual(&self) -> Vec<String> {
        let findings = self.report["findings"].as_array().unwrap().iter();
        let manual = findings.filter(|finding| finding["id"] == "manual");
        manual.map(|finding| format!("{}: {}", finding["place"].as_str().unwrap(), finding["message"].as_str().unwrap())).collect()
    }

    /// The same as `agree`, without triggers of the source that do not come across.
    pub(super) async fn agree_without(&self, triggers: &[&str], statements: &[String], tables: &[&str]) {
        for trigger in triggers {
            self.source.execute_batch(&format!("drop trigger {trigger}")).unwrap();
        }
        self.agree(statements, tables).await;
    }

    /// Runs the statements one by one on both sides and compares the tables after each.
    pub(super) async fn agree(&self, statements: &[String], tables: &[&str]) {
        let session = self.database.session().await;
        let client = session.client();
        let mut refused = 0;
        for statement in statements {
            let source = self.source.execute_batch(statement);
            let target = client.batch_execute(statement).await;
            assert_eq!(source.is_ok(), target.is_ok(), "{statement}: {source:?} {target:?}");
            refused += usize::from(source.is_err());
            for table in tables {
                let query = format!("select * from {table}");
                let mut expected = rows(&self.source, &query);
                let mut found = Vec::new();
                for message in client.simple_query(&query).await.unwrap() {
                    if let SimpleQueryMessage::Row(row) = message {
                        found.push((0..row.len()).map(|at| row.get(at).unwrap_or("null").to_owned()).collect::<Vec<_>>().join("|"));
                    }
                }
                expected.sort();
                found.sort();
                assert_eq!(expected, found, "{table} after {statement}");
            }
        }
        assert!(refused * 2 < statements.len(), "{refused} of {} statements are refused", statements.len());
    }
}

fn in_memory(file: &Path) -> Connection {
    let from = Connection::open(file).unwrap();
    let mut into = Connection::open_in_memory().unwrap();
    rusqlite::backup::Backup::new(&from, &mut into).unwrap().run_to_completion(100, std::time::Duration::ZERO, None).unwrap();
    into.execute_batch("pragma foreign_keys = on").unwrap();
    into
}

fn rows(source: &Connection, query: &str) -> Vec<String> {
    let mut statement = source.prepare(query).unwrap();
    let width = statement.column_count();
    let cell = |value: ValueRef<'_>| match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        ValueRef::Real(_) | ValueRef::Blob(_) => panic!("the tests have no such value"),
    };
    let rows = statement.query_map([], |row| Ok((0..width).map(|at| cell(row.get_ref(at).unwrap())).collect::<Vec<_>>().join("|")));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// Statements over `part` and `whole`, many of them over several rows.
fn part_statements(count: usize) -> Vec<String> {
    let mut dice = Dice(7);
    let mut next = 100;
    let mut statements = Vec::new();
    while statements.len() < count {
        let mut row = |dice: &mut Dice| {
            next += 1;
            let tag = dice.pick(&["'red'", "'blue'", "'green'", "'Red'"]);
            format!("({next}, {}, {}, {tag})", dice.pick(&["1", "2", "3", "4", "NULL"]), dice.below(9))
        };
        let statement = match dice.below(9) {
            0 => format!("insert into part values {}", row(&mut dice)),
            1 => format!("insert into part values {}, {}, {}", row(&mut dice), row(&mut dice), row(&mut dice)),
            2 => format!(
                "insert into part select id + 1000, whole_id, amount, tag from part where id % 5 = {} and id < 1000 order by id",
                dice.below(5)
            ),
            3 => format!("delete from part where whole_id = {} and amount < {}", dice.below(5), dice.below(5)),
            4 => format!("delete from part where id % 7 = {}", dice.below(7)),
            5 => format!("update part set amount = amount + 1 where whole_id = {}", dice.below(5)),
            6 => format!("insert into part values {}, (1, 1, 1, NULL)", row(&mut dice)),
            7 => format!("delete from part where tag = {} and id > 1000", dice.pick(&["'red'", "'blue'"])),
            _ => format!("delete from part where id >= {}", 1000 + dice.below(200)),
        };
        statements.push(statement);
    }
    statements
}

const PARTS: &str = "
    create table whole(id integer primary key, parts integer not null default 0, total integer);
    create table part(id integer primary key, whole_id integer, amount integer, tag text not null);
    create table tags(name text primary key not null, uses integer not null default 1);
    create table seen(name text not null unique, part integer, note text default 'new');
    create table latest(tag text primary key not null, part integer unique, at integer default 5);
    create table known(a integer not null, b integer, unique(a, b));
    create table log(what text, a integer, b text);
    insert into whole(id) values (1), (2), (3), (4);
    create trigger counted after insert on part begin
        update whole set parts = (select count(*) from part where part.whole_id = new.whole_id),
            total = (select sum(p.amount) from part p where p.whole_id = new.whole_id) where id = new.whole_id;
    end;
    create trigger uncounted after delete on part begin
        update whole set (parts, total) = ((select count(*) from part where whole_id = old.whole_id),
            (select sum(amount) from part where whole_id = old.whole_id)) where whole.id = old.whole_id;
    end;
    create trigger tagged after insert on part begin
        insert into tags(name) values (new.tag) on conflict(name) do update set uses = uses + 1, name = excluded.name where uses < 50;
        insert or ignore into seen(name, part) values (new.tag, new.id);
        insert or replace into latest(tag, part) values (new.tag, new.id % 3);
        insert into known select new.whole_id, amount from (select 1 as amount union all select new.amount) where new.whole_id > 1
            on conflict do nothing;
        insert or ignore into known(a, b) values (new.whole_id, 7), (new.amount, new.whole_id);
        select raise(abort, 'no ' || new.tag || ' of ' || new.amount) where new.amount = 8 and new.tag = 'green';
    end;
    create trigger logged after delete on part when old.amount > 2 begin insert into log values ('gone', old.id, old.tag); end;
    create trigger grown after update of amount on part begin
        update whole set total = total + new.amount - old.amount where id = new.whole_id;
    end;
    create trigger at_most before insert on part begin
        select raise(ignore) where new.amount = 7;
        select case when new.amount = 6 and new.tag = 'blue' then raise(abort, 'unlucky') when new.amount < 0 then 1 end;
    end;";

const PART_TABLES: &[&str] = &["part", "whole", "tags", "seen", "latest", "known", "log"];

#[tokio::test]
async fn triggers_leave_the_same_rows_after_statements_of_many_rows() {
    let moved = Moved::of("firing_parts", PARTS, "");
    // `total + …` builds on what is there, so `grown` keeps `counted` and `uncounted` from being equal.
    let refused = moved.manual();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused.iter().all(|object| object.contains("counted")), "{refused:?}");
    let alone = PARTS.replace("update of amount on part begin", "update of tag on part begin").replace(
        "update whole set total = total + new.amount - old.amount where id = new.whole_id;",
        "insert into log values ('tag', new.id, new.tag);",
    );
    let moved = Moved::of("firing_parts_alone", &alone, "");
    assert_eq!(moved.manual(), Vec::<String>::new());
    moved.agree(&part_statements(250), PART_TABLES).await;
}

const CHOICES: &str = "
    create table choice(id integer primary key, kind integer, chosen integer, note text);
    create table log(what text, a integer, b text);
    create view chosen as select id, kind, note from choice where chosen = 1;
    insert into choice values (1, 1, 1, 'a'), (2, 1, 0, 'b'), (3, 2, 0, 'c'), (4, 2, 1, 'd');
    create trigger one_only before insert on choice when new.chosen = 1 begin
        update choice set chosen = 0, note = note || '-' where kind = new.kind and chosen = 1;
        delete from choice where kind = new.kind and note like '%-----';
    end;
    create trigger chosen_insert instead of insert on chosen begin
        insert into log values ('insert', new.id, new.note);
    end;
    create trigger chosen_update instead of update of id, kind, note on chosen begin
        update choice set (kind, note) = (new.kind, new.note) where id = old.id;
        insert into log values ('update', old.id, old.note || ' ' || new.note);
    end;
    create trigger chosen_delete instead of delete on chosen begin
        select raise(ignore) where old.kind = 2;
        update choice set chosen = 0 where id = old.id;
    end;
    create trigger others after update of note on choice when new.note = 'first' begin
        update choice set kind = kind + 1 where id <> new.id and kind = new.kind;
    end;";

/// Statements over `choice` and its view; the last of each form changes one row only.
fn choice_statements(count: usize) -> Vec<String> {
    let mut dice = Dice(3);
    let mut next = 100;
    let mut statements = Vec::new();
    while statements.len() < count {
        let mut row = |dice: &mut Dice| {
            next += 1;
            format!("({next}, {}, {}, {})", dice.below(4), dice.pick(&["0", "1", "1", "NULL"]), dice.pick(&["'x'", "'y'", "NULL"]))
        };
        statements.push(match dice.below(8) {
            0 => format!("insert into choice values {}, {}, {}", row(&mut dice), row(&mut dice), row(&mut dice)),
            1 => format!(
                "insert into choice select id + 2000, kind, chosen, note from choice where id < 1000 and id % 6 = {} order by id",
                dice.below(6)
            ),
            2 => format!("insert into chosen(id, note) values ({}, 'v')", 5000 + statements.len()),
            3 => format!("update chosen set note = coalesce(note, '') || '+' where kind = {}", dice.below(4)),
            4 => format!("delete from chosen where kind = {}", dice.below(4)),
            5 => format!("delete from choice where id >= 1000 and kind = {}", dice.below(4)),
            6 => format!("update choice set note = 'first' where id = {}", 100 + dice.below(next - 99)),
            _ => format!("update chosen set id = id, kind = {} where id % 3 = {}", dice.below(4), dice.below(3)),
        });
    }
    statements
}

#[tokio::test]
async fn own_tables_and_views_are_written_alike() {
    let moved = Moved::of("firing_choices", CHOICES, "");
    let manual = moved.manual();
    assert!(manual.len() == 1 && manual[0].contains("trigger others"), "{manual:?}");
    let moved = Moved::of("firing_single", CHOICES, "[rules]\ntriggers = \"single-row\"\n");
    assert_eq!(moved.manual(), Vec::<String>::new());
    assert!(moved.report["findings"].as_array().unwrap().iter().any(|finding| finding["id"] == "single-row-trigger"));
    moved.agree(&choice_statements(200), &["choice", "log", "chosen"]).await;
}

#[tokio::test]
async fn a_generated_column_that_writes_a_moment_stays_one() {
    let moved = Moved::of(
        "firing_generated",
        "create table orders(id integer primary key, made datetime, year text as (strftime('%Y', made)) stored,
            day text generated always as (coalesce(date(made), '-')) virtual unique, at text as (made || ' to_char('), note text);
         create unique index months on orders(strftime('%Y-%m', made)) where strftime('%H', made) < '12';
         insert into orders(id, made) values (1, '2024-02-29 23:59:58'), (2, null);",
        "",
    );
    assert_eq!(moved.manual(), Vec::<String>::new());
    assert!(moved.report["findings"].as_array().unwrap().iter().all(|finding| finding["id"] != "computed-by-trigger"));
    let statements = [
        "insert into orders(id, made, note) values (3, '1999-12-31 00:00:00', 'x'), (4, '2001-01-01 01:01:01', null)",
        "update orders set made = '2030-05-06 07:08:09' where id = 2",
        "insert into orders(id, made) values (5, '2030-05-06 11:11:11')",
        "insert into orders(id, made) values (5, '2030-05-07 11:11:11')",
        "insert into orders(id, made) values (6, '2030-05-08 12:11:11')",
        "update orders set made = null where id = 3",
        "update orders set note = 'y'",
        "delete from orders where year > '2020'",
    ];
    moved.agree(&statements.map(str::to_owned), &["orders"]).await;
}

#[tokio::test]
async fn a_trigger_computes_with_integers_that_are_too_large_for_a_generated_column() {
    let moved = Moved::of(
        "firing_computed",
        "create table stars(id integer primary key, distance integer, kind text, doubled integer as (distance * 2) stored unique,
            tripled integer as (distance * 3) virtual);
         insert into stars(id, distance) values (1, 3000000000), (2, null);",
        "",
    );
    assert_eq!(moved.manual(), Vec::<String>::new());
    let findings = moved.report["findings"].as_array().unwrap();
    assert_eq!(findings.iter().filter(|finding| finding["id"] == "computed-by-trigger").count(), 2);
    let statements = [
        "insert into stars(id, distance) values (3, 4000000000), (4, 7)",
        "update stars set kind = 'a', distance = distance + 1",
        "insert into stars(id, distance) values (5, 8)",
        "delete from stars where tripled = 24",
    ];
    moved.agree(&statements.map(str::to_owned), &["stars"]).await;
}

/// What cannot break a constraint is the same with every conflict clause.
#[tokio::test]
async fn an_update_that_breaks_nothing_is_one_whatever_it_says_of_conflicts() {
    let moved = Moved::of(
        "firing_update_or",
        "create table whole(id integer primary key, code text unique, total integer not null default 0, note text);
         create table part(id integer primary key, whole_id integer, amount integer not null);
         insert into whole values (1, 'a', 0, null), (2, 'b', 0, null);
         create trigger added after insert on part begin
             update or ignore whole set total = coalesce(total + new.amount, 0), note = new.whole_id where id = new.whole_id;
         end;
         create trigger removed after delete on part begin
             update or replace whole set note = old.amount where id = old.whole_id;
         end;
         create trigger keyed after update on part begin
             update or ignore whole set code = new.amount where id = new.whole_id;
         end;",
        "",
    );
    let manual = moved.manual();
    assert!(manual.len() == 1 && manual[0].contains("trigger keyed"), "{manual:?}");
    let statements = [
        "insert into part values (1, 1, 5), (2, 1, 6), (3, 2, 7), (4, 9, 1)",
        "delete from part where amount > 5",
        "insert into part select id + 10, 2, amount from part",
        "delete from part",
    ];
    moved.agree(&statements.map(str::to_owned), &["whole", "part"]).await;
}
