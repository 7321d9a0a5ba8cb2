//! The comparison in parts: whatever differs in whichever part is found, under one view of the target.

use std::process::Stdio;

use serde_json::Value;

use crate::fixture::Database;
use crate::program::{Ended, Program, text};

/// More rows than two parts have.
const ROWS: i64 = 120_000;

/// A database that was moved.
struct Moved {
    program: Program,
    source: std::path::PathBuf,
    database: Database,
}

impl Moved {
    fn of(name: &str, tables: &str) -> Self {
        let (program, database) = (Program::new(), Database::new(name));
        let source = program.source("app.db", tables);
        program.run(&["migrate", text(&source), &database.url()]).expect(0);
        Self { program, source, database }
    }

    async fn tamper(&self, sql: &str) {
        self.database.session().await.client().batch_execute(sql).await.unwrap();
    }

    fn verify(&self, options: &[&str]) -> Ended {
        let url = self.database.url();
        let mut arguments = vec!["--json", "verify", text(&self.source), &url];
        arguments.extend(options);
        self.program.run(&arguments)
    }
}

/// A table of so many rows, each made of its number `n`.
fn filled(table: &str, values: &str, rows: i64) -> String {
    let name = table.split('(').next().unwrap();
    let numbers = format!("with recursive r(n) as (select 1 union all select n + 1 from r where n < {rows})");
    format!("create table {table}; insert into {name} {numbers} select {values} from r;")
}

/// What is shown of a table's differences: sign, row and column.
fn differences(document: &Value, table: &str) -> Vec<String> {
    let shown = document["tables"][table]["shown"].as_array().unwrap();
    shown.iter().map(|one| format!("{} {} {}", one["sign"], one["row"], one["column"]).replace('"', "")).collect()
}

#[tokio::test]
async fn what_differs_is_found_in_each_part_of_a_split_table() {
    let moved = Moved::of("parts_key", &filled("t(id integer primary key, a text, b real)", "n * 3, 'a' || n, n / 2.0", ROWS));
    let document = moved.verify(&[]).expect(0).document();
    assert_eq!((&document["verdict"], &document["level"]), (&"match".into(), &"full".into()));
    assert_eq!(document["tables"]["t"]["rows"], ROWS);
    assert_eq!(document["tables"]["t"]["cells"]["exact"], 3 * ROWS);
    // The first row, the last, and some of every third; a row below all others and one behind them.
    moved.tamper("update t set a = a || ' ' where id in (3, 90000, 180000, 270000, 360000)").await;
    moved.tamper("insert into t(id, a) values (-7, 'x'), (4, 'x'), (9000000, 'x'); delete from t where id in (6, 359997)").await;
    // A row that moved to another part is missing in the one and surplus in the other.
    moved.tamper("update t set id = 300001 where id = 30000").await;
    let found = differences(&moved.verify(&[]).expect(4).document(), "t");
    let expected = [
        "surplus -7 null",
        "changed 3 a",
        "surplus 4 null",
        "missing 6 null",
        "missing 30000 null",
        "changed 90000 a",
        "changed 180000 a",
        "changed 270000 a",
        "surplus 300001 null",
        "missing 359997 null",
        "changed 360000 a",
        "surplus 9000000 null",
    ];
    assert_eq!(found, expected);
    // One connection finds the same.
    let alone = moved.verify(&["--jobs", "1"]).expect(4).document();
    assert_eq!(differences(&alone, "t"), expected);
    // Without the index, and with NULLs in the key, the table is read in another way.
    moved.tamper("alter table t drop constraint t_pkey; alter table t alter id drop identity; alter table t alter id drop not null").await;
    moved.tamper("insert into t(a) values ('x')").await;
    let found = differences(&moved.verify(&[]).expect(4).document(), "t");
    assert_eq!(found[0], "surplus [null] null");
    assert_eq!(found[1..], expected);
}

#[tokio::test]
async fn what_differs_is_found_in_large_tables_without_an_integer_key() {
    let by_text = filled("named(name text primary key, size integer)", "'n' || n, n", ROWS);
    let heap = filled("heap(a text, b integer)", "'a' || (n % 5), n % 7", ROWS);
    let moved = Moved::of("parts_digest", &format!("{by_text}{heap}"));
    let document = moved.verify(&[]).expect(0).document();
    assert_eq!((&document["tables"]["named"]["rows"], &document["tables"]["heap"]["rows"]), (&ROWS.into(), &ROWS.into()));
    assert_eq!(document["tables"]["heap"]["cells"]["exact"], 2 * ROWS);
    moved.tamper("update named set size = size + 1 where name in ('n1', 'n60000', 'n120000'); delete from named where name = 'n77'").await;
    // As many rows as before, but not the same ones as often.
    moved.tamper("delete from heap where ctid = (select min(ctid) from heap where a = 'a1'); insert into heap values ('a2', 3)").await;
    let document = moved.verify(&[]).expect(4).document();
    let expected = [r"changed [\n1\] size", r"changed [\n120000\] size", r"changed [\n60000\] size", r"missing [\n77\] null"];
    assert_eq!(differences(&document, "named"), expected);
    let found = differences(&document, "heap");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("surplus") && found[1].starts_with("missing"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_sees_the_target_as_it_was_at_one_moment() {
    let moved = Moved::of("parts_moment", &filled("t(id integer primary key, a integer)", "n, 0", ROWS));
    // A row that is on its way from one end of the table to the other all the time is never seen twice, nor missed.
    let session = moved.database.session().await;
    let writing = tokio::spawn(async move {
        loop {
            let sql = "update t set id = case id when 1 then 120001 else 1 end where id in (1, 120001)";
            session.client().batch_execute(sql).await.unwrap();
        }
    });
    for _ in 0..3 {
        let document = moved.verify(&[]).document();
        let found = differences(&document, "t");
        assert!(found.is_empty() || found == ["missing 1 null", "surplus 120001 null"], "{found:?}");
    }
    writing.abort();
}

#[tokio::test]
async fn a_connection_that_is_killed_is_an_error_and_no_verdict() {
    let moved = Moved::of("parts_killed", &filled("t(id integer primary key, a text)", "n, 'a' || n", ROWS));
    let began = std::time::Instant::now();
    let url = moved.database.url();
    let killing = moved.database.session().await;
    let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                where datname = current_database() and state = 'active' and query like 'copy (select \"id\"%'";
    let mut verify = moved.program.command(&["--json", "verify", text(&moved.source), &url]);
    let child = verify.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut killed = 0_i64;
    while killed == 0 && began.elapsed().as_secs() < 120 {
        killed = killing.client().query_one(kill, &[]).await.unwrap().get(0);
    }
    assert!(killed > 0, "nobody was seen reading the table");
    let ended = crate::program::ended(child.wait_with_output().unwrap()).expect(7);
    assert_eq!(ended.document()["kind"], "target-lost", "{:#}", ended.document());
}

#[tokio::test]
async fn a_table_that_the_server_refuses_to_read_leaves_the_others_compared() {
    let tables = "create table a(id integer primary key, x text); create table b(id integer primary key, x text);
                  insert into a values (1, 'a'); insert into b values (1, 'b');";
    let moved = Moved::of("parts_refused", tables);
    moved.tamper("alter table a rename x to y").await;
    let document = moved.verify(&["--jobs", "1"]).expect(5).document();
    assert_eq!(document["tables"]["a"]["verdict"], "inconclusive");
    assert_eq!(document["tables"]["b"]["verdict"], "match");
}

#[tokio::test]
async fn wide_rows_are_fetched_one_by_one() {
    let moved = Moved::of(
        "parts_wide",
        "create table wide(id integer primary key, body blob, title text); \
         insert into wide values (1, randomblob(3000000), 'a'), (2, zeroblob(2000000), null), (3, x'', 'c');",
    );
    assert_eq!(moved.verify(&[]).expect(0).document()["tables"]["wide"]["cells"]["exact"], 9);
    moved.tamper("update wide set body = set_byte(body, 1999999, 1) where id = 2; insert into wide values (4, null, 'd')").await;
    assert_eq!(differences(&moved.verify(&[]).expect(4).document(), "wide"), ["changed 2 body", "surplus 4 null"]);
}

#[tokio::test]
async fn less_than_everything_is_never_called_equal() {
    let tables = format!(
        "{}create table few(a text); insert into few values ('x'), ('x');",
        filled("t(id integer primary key, a text)", "n * 2, 'a' || n", 5000)
    );
    let moved = Moved::of("levels", &tables);
    let document = moved.verify(&["--level", "counts"]).expect(5).document();
    assert_eq!((&document["level"], &document["verdict"]), (&"counts".into(), &"inconclusive".into()));
    assert_eq!((&document["tables"]["t"]["rows"], &document["tables"]["t"]["verdict"]), (&5000.into(), &"inconclusive".into()));
    let document = moved.verify(&["--level", "sample"]).expect(5).document();
    assert_eq!((&document["level"], &document["verdict"]), (&"sample".into(), &"inconclusive".into()));
    assert_eq!(document["tables"]["t"]["reason"], "a sample of 991 of 5000 rows was compared");
    assert_eq!(document["tables"]["t"]["cells"]["exact"], 1982);
    assert_eq!(document["tables"]["few"]["verdict"], "match", "all of a small table is compared");
    assert_eq!(moved.verify(&["--level", "full"]).expect(0).document()["level"], "full");
    // The first row is in every sample; a row that is too much is seen beside it.
    moved.tamper("update t set a = 'b' where id = 2; insert into t(id) values (3)").await;
    moved.verify(&["--level", "counts"]).expect(4);
    assert_eq!(differences(&moved.verify(&["--level", "sample"]).expect(4).document(), "t"), ["changed 2 a", "surplus 3 null"]);
    moved.tamper("delete from few").await;
    let document = moved.verify(&["--level", "counts"]).expect(4).document();
    assert_eq!(document["tables"]["few"]["reason"], "the source has 2 rows, and the target 0");
    assert_eq!((&document["tables"]["few"]["differences"], &document["tables"]["t"]["differences"]), (&2.into(), &1.into()));
    moved.verify(&["--level", "counts", "--schema"]).expect(2);
}
