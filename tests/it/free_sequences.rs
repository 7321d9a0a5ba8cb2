//! Sequences that stand free, in a schema of outgrow's own.

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{ask, ask_one, equal, tell};

const COUNTERS: &str = "
    create table counters(name text primary key, value integer);
    create table last_invoice(n integer not null);
    create table invoices(id integer primary key, number integer);
    insert into counters values ('orders', 42), ('credits', -3), ('nothing', null);
    insert into last_invoice values (1000);
    insert into invoices values (1, 999);";

const POLICY: &str = "[[sequence]]\nname = \"{}_seq\"\ncounter = { table = \"Counters\", name = \"name\", next = \"value\" }\n\
    [[sequence]]\nname = \"invoice number\"\ncounter = { table = \"last_invoice\", next = \"n\" }\n\
    [[sequence]]\nname = \"tickets\"\nstart = 7\n";

#[test]
fn sequences_go_on_where_the_source_has_counted_to() {
    let program = Program::new();
    let source = program.source("app.db", COUNTERS);
    std::fs::write(program.path("outgrow.toml"), POLICY).unwrap();
    let database = Database::new("free_sequences");
    let migrate = || program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
    let report = migrate();
    let checks = report["verification"]["checks"].as_array().unwrap();
    let of_sequences = checks.iter().find(|check| check["check"] == "sequences").unwrap();
    // The identity of `invoices`, and four that stand free.
    assert_eq!((&of_sequences["verdict"], &of_sequences["looked-at"]), (&serde_json::json!("match"), &serde_json::json!(5)));
    let audit = || program.run(&["verify", text(&source), &database.url(), "--schema", "--json"]);
    audit().expect(0);
    assert_eq!(
        ask(
            &database,
            "select nextval('orders_seq'), nextval('orders_seq'), nextval('credits_seq'), nextval('\"invoice number\"'), nextval('tickets')"
        ),
        ["42|43|-3|1000|7"]
    );
    // What the application has taken since is no difference; going back is.
    equal(&program, &source, &database);
    migrate();
    tell(&database, "select setval('tickets', 3)");
    let back = program.run(&["verify", text(&source), &database.url()]).expect(4);
    assert!(back.out.contains("tickets") && back.out.contains("the next value is 4"), "{}", back.out);
    tell(&database, "drop sequence tickets");
    program.run(&["verify", text(&source), &database.url()]).expect(4);
    let gone = audit().expect(4);
    assert!(gone.out.contains("tickets"), "{}", gone.out);
    assert_eq!(ask_one(&database, "select count(*) from counters"), "3", "the counters come across as any table does");
}

#[test]
fn a_sequence_that_can_not_be_is_refused() {
    let program = Program::new();
    let source = program.source("app.db", COUNTERS);
    for (policy, said) in [
        ("[[sequence]]\nname = \"a\"\n", "begins nowhere"),
        ("[[sequence]]\nname = \"a\"\nstart = 1\ncounter = { table = \"counters\", next = \"value\" }\n", "not both"),
        ("[[sequence]]\nname = \"a\"\ncounter = { table = \"countres\", next = \"value\" }\n", "did you mean `counters`?"),
        ("[[sequence]]\nname = \"a\"\ncounter = { table = \"counters\", next = \"valeu\" }\n", "did you mean `value`?"),
        ("[[sequence]]\nname = \"a\"\ncounter = { table = \"counters\", name = \"name\", next = \"value\" }\n", "belong together"),
        ("[[sequence]]\nname = \"a\"\ncounter = { table = \"invoices\", next = \"nothing\" }\n", "no column nothing"),
        ("[[sequence]]\nname = \"counters\"\nstart = 1\n", "called counters already"),
        ("[[sequence]]\nname = \"a\"\nstrat = 1\n", "did you mean `start`?"),
    ] {
        std::fs::write(program.path("outgrow.toml"), policy).unwrap();
        let error = program.run(&["plan", text(&source)]).expect(2).err;
        assert!(error.contains(said), "{policy}: {error}");
    }
    // Where the application has made its tables, the sequences are its own, too.
    std::fs::write(program.path("outgrow.toml"), POLICY).unwrap();
    let database = Database::new("free_sequences_existing");
    tell(&database, "create table invoices(id bigint primary key, number bigint)");
    let error = program.run(&["migrate", text(&source), &database.url()]).expect(2).err;
    assert!(error.contains("[[target.counter]]"), "{error}");
}
