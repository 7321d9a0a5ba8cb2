//! `--json`: standard output is one document, whatever happens; standard error is lines of JSON while it works.

use serde_json::Value;

use crate::fixture::Database;
use crate::program::{Ended, Program, text};
use crate::target::{settle, tell};

const SOURCE: &str = "create table p(id integer primary key, v text); insert into p values(1, 'a'), (2, 'b' || char(0)), (3, null);
    create table c(id integer primary key, p integer references p(id)); insert into c values(1, 1), (2, 7);
    create index c_p on c(p); create view w as select id from p; create table loose(a, b blob); insert into loose values(1, 'x'), ('y', x'00');";

/// One object on standard output; every line of standard error an event, unless the run ended in an error.
fn document(ended: Ended, verb: &str) -> Value {
    let document = ended.document();
    // `report` prints the document of the verb that it tells of; a few small ones have no schema.
    let schema = document.get("verb").and_then(Value::as_str).unwrap_or(verb);
    if document.get("error").is_some() {
        crate::schema::assert_valid("error", &document);
    } else if ["rehearse", "migrate", "inspect", "plan", "verify", "migrations", "check", "status"].contains(&schema)
        || document.get("text").is_some()
    {
        crate::schema::assert_valid(schema, &document);
    }
    for line in ended.err.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{verb}: {error} in {line}"));
        let name = event["event"].as_str().unwrap_or_default();
        assert!(["begins", "advanced", "ended", "said"].contains(&name), "{verb}: {line}");
    }
    document
}

#[test]
fn each_verb_prints_one_document() {
    let (program, database) = (Program::new(), Database::new("json"));
    let source = program.source("app.db", SOURCE);
    let (file, url) = (text(&source), database.url());
    let run = |arguments: &[&str], code: i32| document(program.run(&[arguments, &["--json"]].concat()).expect(code), arguments[0]);

    let inspection = run(&["inspect", file], 0);
    assert_eq!(inspection["format"], 1);
    assert_eq!(inspection["catalog"]["tables"].as_array().unwrap().len(), 3);
    assert_eq!(inspection["profile"]["tables"]["p"]["rows"], 3);

    let plan = run(&["plan", file], 3);
    assert_eq!(plan["plan"]["tables"].as_array().unwrap().len(), 3);
    assert!(plan["findings"].as_array().unwrap().iter().any(|finding| finding["id"] == "orphan-rows"));
    // The same inputs give the same bytes.
    assert_eq!(program.run(&["plan", file, "--json"]).out, program.run(&["plan", file, "--json"]).out);

    let rehearsal = run(&["rehearse", file, "--no-fetch"], 3);
    assert_eq!(rehearsal["verb"], "rehearse");
    assert_eq!(rehearsal["outcome"], "blocked");
    assert_eq!(rehearsal["verification"]["verdict"], "match");
    assert!(rehearsal["probes"].is_object());

    let blocked = run(&["migrate", file, &url], 3);
    assert_eq!(blocked["outcome"], "blocked");
    assert_eq!(blocked["verification"], Value::Null);
    settle(&program, "[rules]\norphans = \"not-valid\"\n");
    let moved = run(&["migrate", file, &url], 0);
    assert_eq!(moved["verb"], "migrate");
    assert_eq!(moved["outcome"], "done");

    assert_eq!(run(&["verify", file, &url], 0)["verdict"], "match");
    tell(&database, "update p set v = 'other' where id = 1");
    let differs = run(&["verify", file, &url], 4);
    assert_eq!(differs["verdict"], "mismatch");
    assert_eq!(differs["tables"]["p"]["shown"][0]["column"], "v");

    let check = run(&["check", &url], 0);
    assert!(check["items"].as_array().unwrap().len() >= 20);

    let status = run(&["status"], 0);
    assert_eq!(status["runs"].as_array().unwrap().len(), 3);
    assert_eq!(status["runs"][2]["exit-code"], 0);
    assert_eq!(status["unfinished"], false);
    assert_eq!(run(&["report"], 0), moved);

    assert_eq!(run(&["explain", "orphan-rows"], 0)["id"], "orphan-rows");
    let all = run(&["explain"], 0);
    assert!(all["findings"].as_array().unwrap().iter().any(|gate| gate["id"] == "orphan-rows"), "{all:#}");

    let demo = run(&["demo", "--only", "--dir", "school"], 0);
    assert_eq!(demo["tables"], 158);
}

#[test]
fn even_an_empty_work_directory_has_a_status() {
    let status = document(Program::new().run(&["status", "--json"]).expect(0), "status");
    assert_eq!(status["runs"], serde_json::json!([]));
}

#[test]
fn a_command_line_that_makes_no_sense_is_a_document_too() {
    let program = Program::new();
    for arguments in [&["--json", "migrat"][..], &["inspect", "--json", "--loud", "app.db"], &["inspect", "--json"]] {
        let document = program.run(arguments).expect(2).document();
        assert_eq!((&document["kind"], &document["exit-code"]), (&Value::from("usage"), &Value::from(2)), "{document:#}");
    }
}

#[test]
fn an_interruption_is_a_document_too() {
    let (program, database) = (Program::new(), Database::new("json_interrupted"));
    let source = program.source("app.db", "create table t(id integer primary key)");
    let ended = program.run_to("step.committed=error", &["migrate", text(&source), &database.url(), "--json"]).expect(8);
    assert_eq!(ended.document()["kind"], "interrupted");
    assert_eq!(ended.document()["exit-code"], 8);
}
