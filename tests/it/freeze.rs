//! A frozen source is the same source: the same plan, the same content, for every verb.

use std::path::Path;
use std::time::Duration;

use outgrow::sqlite::{freeze, is_frozen, thaw};

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{ask_one, settle};

const APPLICATION: &str = "
    create table customer(id integer primary key autoincrement, name text not null unique);
    create table invoice(id integer primary key, customer integer references customer(id), total real);
    create trigger touched after update on customer begin update invoice set total = total + 0 where customer = new.id; end;
    create view open as select * from invoice where total > 0;
    insert into customer(name) values ('Ada'), ('Bob'); insert into invoice values (1, 1, 9.5), (2, 2, 0);";

fn frozen(path: &Path) {
    freeze(path, Duration::from_secs(5)).unwrap();
}

#[test]
fn the_plan_and_the_fingerprints_are_the_same_before_and_after() {
    let program = Program::new();
    let source = program.source("app.db", APPLICATION);
    let plan = || program.run(&["plan", text(&source), "--json"]).expect(0).out;
    let before = plan();
    frozen(&source);
    assert_eq!(plan(), before);
    let inspected = program.run(&["inspect", text(&source), "--json"]).expect(0);
    assert!(!inspected.out.contains("_outgrow_"), "{}", inspected.out);
    thaw(&source, Duration::from_secs(5)).unwrap();
    assert_eq!(plan(), before);
    assert!(!is_frozen(&source).unwrap());
}

#[test]
fn a_freeze_in_the_middle_of_a_move_is_no_change_of_the_source() {
    let (program, database) = (Program::new(), Database::new("freeze_in_the_middle"));
    let source = program.source("app.db", APPLICATION);
    settle(&program, "");
    let died = program.run_to("step.committed:2", &["migrate", text(&source), &database.url()]);
    assert_eq!(died.code, None, "{}", died.err);
    // The resumed run knows nothing of what happened to the file meanwhile, and looks at all of it again.
    frozen(&source);
    let document = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
    assert_eq!(document["source-moved-on"], false, "{document}");
    assert_eq!(ask_one(&database, "select count(*) from invoice"), "2");
    program.run(&["verify", text(&source), &database.url()]).expect(0);
    let count = "select count(*) from pg_class where relname like '%outgrow\\_%' and relnamespace = 'public'::regnamespace";
    assert_eq!(ask_one(&database, count), "0");
}

#[test]
fn a_frozen_source_is_rehearsed_with_its_triggers_and_probes() {
    let program = Program::new();
    let source = program.source("app.db", APPLICATION);
    settle(&program, "");
    frozen(&source);
    let document = program.run(&["rehearse", text(&source), "--json"]).expect(0).document();
    assert_eq!(document["probes"]["surprises"], serde_json::json!([]), "{document}");
    assert_eq!(document["probes"]["first-inserts"], 2, "{document}");
}
