//! The comparison: what is equal passes, and whatever is tampered with in the target is found, on a real server.
//!
//! The databases are those of the golden cases `verify-…`, one for each check.

use std::path::PathBuf;

use serde_json::Value;

use crate::fixture::Database;
use crate::program::{Ended, Program, text};

/// A database that was moved.
struct Moved {
    program: Program,
    source: PathBuf,
    database: Database,
}

impl Moved {
    fn of(case: &str) -> Self {
        let sql = std::fs::read_to_string(format!("{}/tests/golden/{case}/source.sql", env!("CARGO_MANIFEST_DIR"))).unwrap();
        Self::of_source(case, &sql)
    }

    fn of_source(name: &str, sql: &str) -> Self {
        let (program, database) = (Program::new(), Database::new(name));
        let source = program.source("app.db", sql);
        program.run(&["migrate", text(&source), &database.url()]).expect(0);
        Self { program, source, database }
    }

    async fn tamper(&self, sql: &str) {
        self.database.session().await.client().batch_execute(sql).await.unwrap();
    }

    fn verify(&self) -> Ended {
        self.program.run(&["--json", "verify", text(&self.source), &self.database.url()])
    }
}

/// The lines of a check's problems.
fn problems(document: &Value, check: &str) -> Vec<String> {
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().find(|result| result["check"] == check).unwrap_or_else(|| panic!("no check {check} in {document:#}"));
    found["problems"].as_array().unwrap().iter().map(|problem| problem.as_str().unwrap().to_owned()).collect()
}

/// What is shown of a table's differences: sign, row and column.
fn differences(document: &Value, table: &str) -> Vec<String> {
    let shown = document["tables"][table]["shown"].as_array().unwrap();
    shown.iter().map(|one| format!("{} {} {}", one["sign"], one["row"], one["column"]).replace('"', "")).collect()
}

#[tokio::test]
async fn relations_that_are_gone_or_invalid_are_found() {
    let moved = Moved::of("verify-relations");
    let document = moved.verify().expect(0).document();
    assert_eq!(document["verdict"], "match");
    assert_eq!(problems(&document, "relations"), Vec::<String>::new());
    // One more of the application's own is nobody's business.
    moved.tamper("create table later(id bigint); create index later_id on later(id)").await;
    moved.verify().expect(0);
    moved.tamper("drop view titles; drop index notes_title; alter table notes drop constraint notes_slug_key").await;
    let document = moved.verify().expect(4).document();
    let gone = ["notes_slug_key is not in the target", "notes_title is not in the target", "titles is not in the target"];
    assert_eq!(problems(&document, "relations"), gone);
    assert_eq!(document["tables"]["notes"]["verdict"], "match", "the cells are all there");
    // An index that was being built when somebody pulled the plug is there, and isn't.
    moved.tamper("create view titles as select title from notes; create index notes_title on notes(title)").await;
    moved.tamper("alter table notes add constraint notes_slug_key unique (slug)").await;
    moved.verify().expect(0);
    moved.tamper("update pg_index set indisvalid = false where indexrelid = 'notes_title'::regclass").await;
    assert_eq!(problems(&moved.verify().expect(4).document(), "relations"), ["notes_title is not in the target"]);
}

#[tokio::test]
async fn sequences_that_would_give_a_taken_key_are_found() {
    let moved = Moved::of("verify-sequences");
    let document = moved.verify().expect(0).document();
    assert_eq!(problems(&document, "sequences"), Vec::<String>::new());
    // A sequence that is ahead gives free keys all the same.
    moved.tamper("select setval('notes_id_seq', 500)").await;
    moved.verify().expect(0);
    moved.tamper("select setval('notes_id_seq', 20); select setval('plain_id_seq', 6)").await;
    let found = problems(&moved.verify().expect(4).document(), "sequences");
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("notes.id: the next value is 21, and SQLite would have given 42"), "{found:#?}");
    assert!(found[1].contains("plain.id: the next value is 7, and SQLite would have given 8"), "{found:#?}");
    assert!(found[2].contains("plain.id: the next value is 7, and the column holds a greater one or the same"), "{found:#?}");
}

#[tokio::test]
async fn cells_that_differ_are_found_by_key() {
    let sql = "create table notes(id integer primary key, title text, size integer, made datetime);
               create table heap(a text, b integer);
               insert into notes values (1, 'a', 1, '2024-01-01 00:00:00'), (2, 'b', null, null), (3, cast(x'610062' as text), 3, null), (4, '', 4, null);
               insert into heap values ('x', 1), ('x', 1), ('y', 2);";
    let program = Program::new();
    std::fs::write(
        program.path("outgrow.toml"),
        "[[waiver]]\nfinding = \"quarantined-cells\"\nat = \"notes.title\"\nreason = \"kept\"\nby = \"test\"\n",
    )
    .unwrap();
    let moved = Moved { source: program.source("app.db", sql), database: Database::new("verify_cells"), program };
    moved.program.run(&["migrate", text(&moved.source), &moved.database.url()]).expect(0);
    let document = moved.verify().expect(0).document();
    assert_eq!(document["tables"]["notes"]["cells"]["quarantined"]["nul"], 1);

    moved.tamper("update notes set size = size + 1 where id = 1; update notes set title = null where id = 4").await;
    moved.tamper("delete from notes where id = 2; insert into notes(id, title) values (9, 'z')").await;
    moved.tamper("delete from heap where ctid in (select min(ctid) from heap where a = 'x')").await;
    let document = moved.verify().expect(4).document();
    let expected = ["changed 1 size", "missing 2 null", "changed 4 title", "surplus 9 null"];
    assert_eq!(differences(&document, "notes"), expected);
    assert_eq!(document["tables"]["heap"]["differences"], 1);
    for secret in ["610062", "a\\u0000b"] {
        assert!(!document.to_string().contains(secret), "a cell is shown");
    }
}

#[tokio::test]
async fn a_quarantine_that_lacks_an_original_is_found() {
    let moved = Moved::of_quarantined("verify_quarantine");
    moved.verify().expect(0);
    moved.tamper("update outgrow.quarantine set original = '\\x00'").await;
    let document = moved.verify().expect(4).document();
    assert_eq!(differences(&document, "notes")[0], "not-quarantined 1 title");
    moved.tamper("delete from outgrow.quarantine").await;
    assert_eq!(differences(&moved.verify().expect(4).document(), "notes"), ["not-quarantined 1 title"]);
}

#[tokio::test]
async fn a_table_that_is_gone_is_a_mismatch_and_not_a_failure() {
    let moved = Moved::of("verify-relations");
    moved.tamper("drop view titles; drop table notes").await;
    let document = moved.verify().expect(4).document();
    assert_eq!(document["tables"]["notes"]["verdict"], "mismatch");
    assert!(problems(&document, "relations").iter().any(|problem| problem == "notes is not in the target"));
}

impl Moved {
    fn of_quarantined(name: &str) -> Self {
        let program = Program::new();
        let policy = "[[waiver]]\nfinding = \"quarantined-cells\"\nat = \"*\"\nreason = \"kept\"\nby = \"test\"\n";
        std::fs::write(program.path("outgrow.toml"), policy).unwrap();
        let source = program.source(
            "app.db",
            "create table notes(id integer primary key, title text); insert into notes values (1, cast(x'610062' as text)), (2, 'b')",
        );
        let moved = Self { source, database: Database::new(name), program };
        moved.program.run(&["migrate", text(&moved.source), &moved.database.url()]).expect(0);
        moved
    }
}
