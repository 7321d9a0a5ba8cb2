//! The gates before a cutover, as the program lists them.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use outgrow::gate::{Judgement, READINESS, Standing};
use outgrow::sqlite::freeze;
use rusqlite::Connection;

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::schema::assert_valid;
use crate::target::{settle, tell};

const APPLICATION: &str = "create table customer(id integer primary key, name text not null); insert into customer values (1, 'Ada');";

/// What nobody has looked for, with somebody who answers for it.
fn answered_for(ids: &[&str]) -> String {
    let waiver = |id: &&str| format!("[[waiver]]\nfinding = \"{id}\"\nat = \"*\"\nreason = \"seen to\"\nby = \"Ada\"\n");
    ids.iter().map(waiver).collect()
}

const NOT_LOOKED_FOR: [&str; 3] = ["backup-missing", "sqlite-override", "sign-offs"];

/// How each gate stands, whether nothing is in the way.
fn asked(program: &Program, source: &Path, url: Option<&str>) -> (Vec<Judgement>, bool) {
    let mut arguments = vec!["gate", text(source), "--json"];
    arguments.extend(url);
    let ended = program.run(&arguments);
    let document = ended.document();
    assert_valid("gate", &document);
    let ready = document["ready"].as_bool().unwrap();
    assert_eq!(ended.code, Some(if ready { 0 } else { 3 }), "{document}");
    let gates: Vec<Judgement> = serde_json::from_value(document["gates"].clone()).unwrap();
    let listed: Vec<&str> = gates.iter().map(|gate| gate.id.as_str()).collect();
    assert_eq!(listed, READINESS.iter().map(|gate| gate.id).collect::<Vec<_>>());
    (gates, ready)
}

fn in_the_way(gates: &[Judgement]) -> Vec<&str> {
    gates.iter().filter(|gate| gate.blocks()).map(|gate| gate.id.as_str()).collect()
}

fn of<'g>(gates: &'g [Judgement], id: &str) -> &'g Judgement {
    gates.iter().find(|gate| gate.id == id).unwrap()
}

#[test]
fn it_is_ready_once_it_is_rehearsed_and_the_server_is_known_and_not_after_a_change() {
    let (program, database) = (Program::new(), Database::new("quince"));
    let source = program.source("app.db", APPLICATION);
    let url = database.url();
    settle(&program, &answered_for(&NOT_LOOKED_FOR));
    let (gates, _) = asked(&program, &source, Some(&url));
    assert_eq!(in_the_way(&gates), ["rehearsal-stale", "other-server"]);
    assert_eq!(of(&gates, "other-server").state, Standing::Unknown);

    program.run(&["rehearse", text(&source)]).expect(0);
    program.run(&["check", &url]).expect(0);
    let (gates, ready) = asked(&program, &source, Some(&url));
    assert!(ready, "{gates:#?}");
    assert_eq!(of(&gates, "rehearsal-stale").state, Standing::Pass);
    assert_eq!(of(&gates, "sign-offs").state, Standing::NotApplicable);
    // Rows that come and a freeze are no other schema, and a waiver no other decision.
    Connection::open(&source).unwrap().execute_batch("insert into customer values (2, 'Bob')").unwrap();
    freeze(&source, Duration::from_secs(5)).unwrap();
    settle(&program, &answered_for(&[&NOT_LOOKED_FOR[..], &["writers"]].concat()));
    assert!(asked(&program, &source, Some(&url)).1);

    settle(&program, &format!("[rules]\norphans = \"not-valid\"\n{}", answered_for(&NOT_LOOKED_FOR)));
    assert_eq!(in_the_way(&asked(&program, &source, Some(&url)).0), ["rehearsal-stale"]);
    settle(&program, &answered_for(&NOT_LOOKED_FOR));
    Connection::open(&source).unwrap().execute_batch("alter table customer add column mail text").unwrap();
    assert_eq!(in_the_way(&asked(&program, &source, Some(&url)).0), ["schema-changed"]);

    let page = program.run(&["gate", text(&source), &url]).expect(3).out;
    assert!(page.contains("  BLOCKED  schema-changed"), "{page}");
    assert!(page.contains("→ Rehearse again") && page.contains("waived by Ada: seen to"), "{page}");
    assert!(page.contains("Not ready: 1 gate stands in the way."), "{page}");
}

#[test]
fn what_nobody_has_looked_at_passes_no_gate() {
    let program = Program::new();
    let source = program.source("app.db", APPLICATION);
    settle(&program, "");
    let (gates, ready) = asked(&program, &source, None);
    assert!(!ready);
    let passed: Vec<&str> = gates.iter().filter(|gate| gate.state == Standing::Pass).map(|gate| gate.id.as_str()).collect();
    assert_eq!(passed, ["writers"], "only the file itself could be looked at");
    assert!(of(&gates, "other-server").findings[0].message.contains("no target is named"), "{gates:#?}");
}

#[test]
fn another_server_and_what_it_brings_is_recognised() {
    let (program, database) = (Program::new(), Database::new("medlar"));
    let source = program.source("app.db", APPLICATION);
    let url = database.url();
    tell(&database, "create schema old; create table old.customer(id int); create table old.other(id int)");
    settle(&program, "[target.expect]\nsystem-identifier = \"7\"\npool = 100000\n");
    let (gates, _) = asked(&program, &source, Some(&url));
    let other = of(&gates, "other-server");
    assert_eq!((other.state, other.findings[0].place.as_str()), (Standing::Blocked, "system identifier"));
    let brought = of(&gates, "foreign-volume");
    assert_eq!(brought.state, Standing::Blocked);
    assert!(brought.findings[0].message.ends_with("old.customer"), "{brought:?}");
    assert!(brought.evidence.contains("its data directory was made on 20"), "{brought:?}");
    let target = of(&gates, "target-not-as-expected");
    assert_eq!(target.findings.iter().map(|found| found.place.as_str()).collect::<Vec<_>>(), ["the connections"]);
    tell(&database, "create table customer(id bigint primary key, name text)");
    settle(&program, "[target]\nmode = \"own\"\n");
    let target = asked(&program, &source, Some(&url)).0;
    assert!(of(&target, "target-not-as-expected").findings.iter().any(|found| found.place.contains("customer")), "{target:#?}");
}

#[test]
fn the_process_that_holds_the_port_is_named_where_no_postgresql_answers() {
    let program = Program::new();
    let source = program.source("app.db", APPLICATION);
    settle(&program, "");
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://app@127.0.0.1:{}/school?connect_timeout=1&sslmode=disable", held.local_addr().unwrap().port());
    let (gates, _) = asked(&program, &source, Some(&url));
    let other = of(&gates, "other-server");
    assert_eq!(other.state, Standing::Unknown);
    assert!(other.findings[0].message.contains(&format!("is held by process {} (", std::process::id())), "{other:?}");
}

#[test]
fn the_policy_s_own_checks_are_gates_too() {
    let (program, database) = (Program::new(), Database::new("persimmon"));
    let source = program.source("app.db", APPLICATION);
    let checks = "[[check]]\nname = \"the queue is drained\"\nrun = [\"false\"]\n\
                  [[check]]\nname = \"the server answers\"\nsql = \"select 1\"\nvalue = \"1\"\n";
    settle(&program, checks);
    let (gates, _) = asked(&program, &source, Some(&database.url()));
    let own = of(&gates, "user-checks");
    assert_eq!(own.state, Standing::Blocked);
    assert_eq!(own.findings.iter().map(|found| found.place.as_str()).collect::<Vec<_>>(), ["the queue is drained"], "{own:?}");
    settle(&program, &format!("{checks}{}", answered_for(&["user-checks"])));
    assert_eq!(of(&asked(&program, &source, Some(&database.url())).0, "user-checks").state, Standing::Waived);
}

#[test]
fn a_file_beside_the_switched_one_that_names_sqlite_is_found() {
    let (program, database) = (Program::new(), Database::new("bergamot"));
    let source = program.source("app.db", APPLICATION);
    std::fs::write(program.path(".env"), "DB_CONNECTION=sqlite\n").unwrap();
    settle(&program, "[[switch]]\nfile = \".env\"\nset = { DB_CONNECTION = \"pgsql\" }\n");
    let state = || of(&asked(&program, &source, Some(&database.url())).0, "sqlite-override").clone();
    assert_eq!(state().state, Standing::Pass, "what the switch changes itself is no obstacle");
    std::fs::write(program.path(".env.local"), "# mine\nDB_CONNECTION=sqlite\n").unwrap();
    let found = state();
    assert_eq!(found.state, Standing::Blocked, "{found:?}");
    assert_eq!(found.findings.iter().map(|found| found.place.as_str()).collect::<Vec<_>>(), [".env.local:2"]);
}

#[test]
fn whoever_has_the_source_open_is_named() {
    let program = Program::new();
    let source = program.source("app.db", APPLICATION);
    settle(&program, "[cutover]\nfreeze = \"stop\"\n");
    let held = crate::sqlite::holds("idle", &source);
    let writers = of(&asked(&program, &source, None).0, "writers").clone();
    assert_eq!(writers.state, Standing::Blocked);
    assert!(writers.findings.iter().any(|found| found.place == format!("process {}", held.child.id())), "{writers:?}");
    // A hook that stops it, or the guard, is there for that.
    settle(&program, "[cutover]\nfreeze = \"stop\"\n[[hook]]\nat = \"stop\"\nrun = [\"true\"]\n");
    assert_eq!(of(&asked(&program, &source, None).0, "writers").state, Standing::Pass);
    held.let_go();
}
