//! The first policy: made of what was found, deciding nothing, never overwritten.

use crate::program::{Program, text};
use crate::schema::assert_valid;

const SOURCE: &str = "
    create table students(id integer primary key);
    create table grades(id integer primary key, student integer references students(id), mark integer);
    insert into grades values (1, 9, 5), (2, null, 'secret word');";

#[test]
fn a_first_policy_says_what_was_found_and_decides_nothing() {
    let program = Program::new();
    let source = program.source("app.db", SOURCE);
    let before = program.run(&["plan", text(&source)]).expect(3);
    let document = program.run(&["init", text(&source), "--json"]).expect(0).document();
    assert_valid("init", &document);
    assert_eq!((&document["file"], &document["tables"]), (&"outgrow.toml".into(), &2.into()));
    assert!(document["to-decide"].as_u64().unwrap() >= 2, "{document}");
    let written = std::fs::read_to_string(program.path("outgrow.toml")).unwrap();
    for part in ["grades ", "2 rows", "orphan-rows", "grades.student → students.id", "mixed-types", "[[waiver]]", "# unmapped"] {
        assert!(written.contains(part), "{part} in\n{written}");
    }
    assert!(!written.contains("secret word"));
    let after = program.run(&["plan", text(&source)]).expect(3);
    assert_eq!(after.out, before.out, "what init writes decides nothing");
    // The waivers are ready: they lack a reason and a name.
    let answered = |written: &str| {
        let own = written.split_once("# To decide before the move").unwrap().1;
        let lines = own.lines().filter_map(|line| line.strip_prefix("# "));
        let waivers = lines.filter(|line| ["[[waiver]]", "finding =", "at =", "reason =", "by ="].iter().any(|key| line.starts_with(key)));
        waivers.collect::<Vec<_>>().join("\n").replace("\"\"", "\"Ada says so\"")
    };
    std::fs::write(program.path("outgrow.toml"), answered(&written)).unwrap();
    program.run(&["plan", text(&source)]).expect(0);
}

#[test]
fn a_policy_that_is_there_is_never_overwritten() {
    let program = Program::new();
    std::fs::write(program.path("outgrow.toml"), "# mine\n").unwrap();
    let refused = program.run(&["init"]).expect(2);
    assert!(refused.err.contains("never overwritten"), "{}", refused.err);
    assert_eq!(std::fs::read_to_string(program.path("outgrow.toml")).unwrap(), "# mine\n");
    program.run(&["init", "--policy", "other.toml"]).expect(0);
    let other = std::fs::read_to_string(program.path("other.toml")).unwrap();
    assert!(other.contains("# [rules]") && !other.contains("What was found"));
}
