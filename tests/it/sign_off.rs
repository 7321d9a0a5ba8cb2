//! Sign-offs: kept with what they are for, valid as long as nothing of that changes.

use outgrow::journal::{SignOff, WorkDirectory, missing, runs, sign_off, sign_offs, withdraw};
use outgrow::plan::Decisions;
use serde_json::json;

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::schema::assert_valid;

const ROLES: &str = "[sign-offs]\nroles = [\"tech-lead\", \"qa\"]\n";
const SOURCE: &str = "
    create table students(id integer primary key autoincrement, name text not null, born date);
    create table grades(id integer primary key, student integer references students(id), mark integer, made_at timestamp);
    create index by_student on grades(student);
    create view good as select id, mark from grades where mark > 3;
    insert into students(name, born) values ('Ada', '1815-12-10'), ('Ben', '1990-01-01');
    insert into grades(student, mark, made_at) values (1, 5, '2026-01-01 10:00:00'), (2, 4, '2026-01-02 11:30:00');";

/// What `sign-off --json` prints, with everything in it, and with nothing.
pub(crate) fn samples() -> Vec<serde_json::Value> {
    let format = outgrow::report::DOCUMENT_FORMAT;
    let hash = "0123456789abcdef".repeat(4);
    let line = |standing: &str, text: Option<&str>| {
        json!({ "role": "qa", "by": "Ada", "note": text, "at": "2026-03-01T18:00:00Z", "decisions": hash, "withdrawn-at": text.map(|_| "2026-03-02T18:00:00Z"),
            "standing": standing, "why": text })
    };
    vec![
        json!({ "format": format, "decisions": null, "roles": [], "sign-offs": [], "missing": null }),
        json!({ "format": format, "decisions": hash, "roles": ["qa"], "sign-offs": [line("valid", None), line("void", Some("…"))],
            "missing": [{ "role": "qa", "why": "nobody has signed" }] }),
    ]
}

/// A source, and what is signed about it.
struct Case {
    program: Program,
    source: std::path::PathBuf,
}

impl Case {
    fn new(policy: &str) -> Self {
        let program = Program::new();
        let source = program.source("app.db", SOURCE);
        let case = Self { program, source };
        case.policy(policy);
        case
    }

    fn policy(&self, policy: &str) {
        std::fs::write(self.program.path("outgrow.toml"), format!("{ROLES}{policy}")).unwrap();
    }

    fn change(&self, sql: &str) {
        let db = rusqlite::Connection::open(&self.source).unwrap();
        db.execute_batch("pragma foreign_keys = off").unwrap();
        db.execute_batch(sql).unwrap();
    }

    fn sign(&self, role: &str, by: &str) {
        self.program.run(&["sign-off", "--role", role, "--by", by, text(&self.source)]).expect(0);
    }

    fn list(&self) -> serde_json::Value {
        let ended = self.program.run(&["sign-off", "--list", text(&self.source), "--json"]);
        let document = ended.document();
        assert_valid("sign-off", &document);
        assert_eq!(ended.code, Some(if document["missing"] == json!([]) { 0 } else { 3 }), "{document:#}");
        document
    }
}

#[test]
fn data_may_change_and_decisions_may_not() {
    let case = Case::new("");
    case.sign("tech-lead", "Ada Lovelace");
    case.sign("qa", "Ben");
    let before = case.list();
    assert_eq!(before["missing"], json!([]), "{before:#}");
    // Rows come, go and change, counters go on, and the policy gets a comment.
    case.change("insert into students(name, born) values ('Cleo of a very much longer name than anybody had before', '2001-05-05')");
    case.change(
        "insert into grades(id, student, mark, made_at) values (900000, 3, 1, '2026-02-02 08:00:00'); delete from grades where id = 1",
    );
    case.change("update students set name = 'Benjamin' where id = 2");
    case.policy("# nothing is decided here\n\n");
    let after = case.list();
    assert_eq!((&after["decisions"], &after["missing"]), (&before["decisions"], &json!([])), "{after:#}");
    // Each of these is a decision.
    for (what, policy, part) in [
        ("another type", "[columns.\"students.name\"]\ntype = \"varchar(90)\"\n", "what becomes of tables and columns"),
        ("another name", "[tables.grades]\nname = \"marks\"\n", "the statements that are run"),
        ("another rule that no cell needs today", "[rules]\norphans = \"quarantine\"\n", "the rules of the policy"),
        ("a migration", "[migrations]\ndirectory = \"migrations\"\n", "the statements that are run"),
    ] {
        std::fs::create_dir_all(case.program.path("migrations")).unwrap();
        std::fs::write(case.program.path("migrations/001_x.sql"), "create table x(id int)").unwrap();
        case.policy(policy);
        let list = case.list();
        assert_ne!(list["decisions"], before["decisions"], "{what}");
        assert_eq!(list["missing"].as_array().unwrap().len(), 2, "{what}: {list:#}");
        let why = list["missing"][0]["why"].as_str().unwrap();
        assert!(why.contains("Ada Lovelace signed at") && why.contains(part), "{what}: {why}");
        assert_eq!(list["sign-offs"][0]["standing"], "void", "{what}");
    }
    case.policy("");
    assert_eq!(case.list()["missing"], json!([]), "what was decided is decided again");
    // A finding is one, and who answers for it.
    case.change("insert into grades(student, mark) values (77, 1)");
    let found = case.list();
    assert!(found["missing"][0]["why"].as_str().unwrap().contains("the findings or their waivers"), "{found:#}");
    case.change("insert into grades(student, mark) values (78, 1)");
    assert_eq!(case.list()["decisions"], found["decisions"], "how many rows a finding is about is no decision");
    case.policy("[[waiver]]\nfinding = \"orphan-rows\"\nat = \"*\"\nreason = \"they stay\"\nby = \"Ada\"\n");
    assert_ne!(case.list()["decisions"], found["decisions"]);
    case.policy("");
    case.change("delete from grades where student > 70");
    case.change("alter table students add column email text");
    let changed = case.list();
    assert!(changed["missing"][0]["why"].as_str().unwrap().contains("the schema of the source"), "{changed:#}");
}

#[test]
fn the_last_word_of_a_role_counts() {
    let case = Case::new("");
    let refused = case.program.run(&["sign-off", "--role", "ceo", "--by", "Eve", text(&case.source)]).expect(2);
    assert!(refused.err.contains("`ceo`") && refused.err.contains("tech-lead, qa"), "{}", refused.err);
    case.program.run(&["sign-off", "--role", "qa", "--by", " ", text(&case.source)]).expect(2);
    case.program.run(&["sign-off", "--role", "qa", "--by", "Ada"]).expect(2);
    case.program.run(&["sign-off", "--withdraw", "--role", "qa"]).expect(2);
    assert_eq!(case.list()["missing"][1], json!({ "role": "qa", "why": "nobody has signed" }));
    case.sign("qa", "Ben");
    case.program.run(&["sign-off", "--role", "qa", "--by", "Cleo", "--note", "after the rehearsal", text(&case.source)]).expect(0);
    let list = case.list();
    assert_eq!((&list["sign-offs"][0]["standing"], &list["sign-offs"][1]["standing"]), (&json!("replaced"), &json!("valid")));
    assert_eq!(list["sign-offs"][1]["note"], "after the rehearsal");
    assert_eq!(list["missing"].as_array().unwrap().len(), 1);
    case.program.run(&["sign-off", "--withdraw", "--role", "qa"]).expect(0);
    let list = case.list();
    assert!(list["missing"][1]["why"].as_str().unwrap().contains("Cleo withdrew it"), "{list:#}");
    // Without the source nothing can be said of those that were not taken back.
    case.sign("tech-lead", "Ada");
    let unknown = case.program.run(&["sign-off", "--list"]).expect(0);
    assert!(unknown.out.contains("unknown") && unknown.out.contains("VOID") && unknown.out.contains("Name the source"), "{}", unknown.out);
    let held = WorkDirectory::hold(&case.program.path(".outgrow")).unwrap();
    case.program.run(&["sign-off", "--role", "qa", "--by", "Ben", text(&case.source)]).expect(9);
    drop(held);
}

fn decisions(text: &str) -> Decisions {
    serde_json::from_value(json!({ "schema": text, "columns": "c", "steps": "s", "rules": "r", "findings": "f" })).unwrap()
}

#[test]
fn what_is_missing_is_said_of_each_role() {
    let one = |role: &str, schema: &str, withdrawn_at: Option<&str>| SignOff {
        role: role.to_owned(),
        by: "Ada".to_owned(),
        note: None,
        at: "2026-03-01T18:00:00Z".to_owned(),
        decisions: decisions(schema),
        withdrawn_at: withdrawn_at.map(str::to_owned),
    };
    let roles = ["a", "b", "c", "d"].map(str::to_owned);
    let given = [one("a", "1", None), one("b", "0", None), one("c", "1", Some("2026-03-02T18:00:00Z"))];
    let absent = missing(&roles, &given, &decisions("1"));
    assert_eq!(absent.iter().map(|one| one.role.as_str()).collect::<Vec<_>>(), ["b", "c", "d"]);
    assert!(absent[0].why.ends_with("something changed: the schema of the source"), "{absent:?}");
    assert_eq!(missing(&[], &given, &decisions("2")), []);
    assert_ne!(decisions("1").id().unwrap(), decisions("2").id().unwrap());
}

#[test]
fn journals_of_before_are_brought_up_to_date_and_those_of_later_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("journal.sqlite");
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch(
        "create table run(id integer primary key, verb text not null, version text not null, source text not null, target text not null,
           plan text, started_at text not null, ended_at text, exit_code integer, ending text);
         create table event(id integer primary key, run integer not null references run(id), at text not null, step text not null,
           kind text not null, seconds real, detail text not null);
         create index event_by_run on event(run, id);
         insert into run values (1, 'migrate', '0.1.0', 'app.db', 'db', null, '2026-01-01T00:00:00Z', null, null, null);
         insert into event values (1, 1, '2026-01-01T00:00:00Z', 'copy:t', 'done', 1.5, '{}');
         pragma user_version = 1;",
    )
    .unwrap();
    assert_eq!(sign_offs(directory.path()).unwrap(), [], "one that was never signed is read as it is");
    {
        let held = WorkDirectory::hold(directory.path()).unwrap();
        sign_off(&held, "qa", "Ada", Some("…"), &decisions("1")).unwrap();
        assert!(withdraw(&held, "qa").unwrap() && !withdraw(&held, "qa").unwrap() && !withdraw(&held, "tech-lead").unwrap());
    }
    let version: u32 = db.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 2);
    let kept = runs(directory.path()).unwrap();
    assert_eq!((kept.len(), kept[0].events.len()), (1, 1));
    assert_eq!(sign_offs(directory.path()).unwrap()[0].note.as_deref(), Some("…"));
    db.execute_batch("pragma user_version = 99").unwrap();
    let held = WorkDirectory::hold(directory.path()).unwrap();
    let refused = sign_off(&held, "qa", "Ada", None, &decisions("1")).unwrap_err();
    assert!(refused.to_string().contains("newer version"), "{refused}");
}

#[tokio::test]
async fn into_tables_that_are_there_data_may_change_too() {
    let case = Case::new("");
    let database = Database::new("sign_off_existing");
    let session = database.session().await;
    let tables = "create table students(id bigserial primary key, name text not null, born date);
        create table grades(id bigserial primary key, student bigint references students(id), mark integer, made_at timestamp);
        create index by_student on grades(student);";
    session.client().batch_execute(tables).await.unwrap();
    let list = || {
        let document = case.program.run(&["sign-off", "--list", text(&case.source), &database.url(), "--json"]).document();
        assert_valid("sign-off", &document);
        document
    };
    for role in ["tech-lead", "qa"] {
        case.program.run(&["sign-off", "--role", role, "--by", "Ada", text(&case.source), &database.url()]).expect(0);
    }
    let before = list();
    assert_eq!(before["missing"], json!([]), "{before:#}");
    case.change("insert into students(name, born) values ('Cleo', '2001-05-05'); delete from grades where id = 1");
    case.change("insert into grades(id, student, mark, made_at) values (900000, 3, 1, '2026-02-02 08:00:00')");
    let after = list();
    assert_eq!((&after["decisions"], &after["missing"]), (&before["decisions"], &json!([])), "{after:#}");
    // Another type in the target is another decision.
    session.client().batch_execute("alter table grades alter column mark type numeric(4, 1)").await.unwrap();
    let changed = list();
    assert!(changed["missing"][0]["why"].as_str().unwrap().contains("what becomes of tables and columns"), "{changed:#}");
}
