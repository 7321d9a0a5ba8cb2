//! What the target's own constraints would refuse is said before a row is loaded.

use super::{migrate, sides};
use crate::fixture::schema_dump;
use crate::program::text;
use crate::target::{ask, ask_one};

const SOURCE: &str = "
    create table parent(id integer primary key, code text);
    create table child(id integer primary key, parent integer, code text, short text, must text);
    insert into parent values(1, 'a'), (2, 'b');
    insert into child values(1, 1, 'x', 'abc', 'm'), (2, 9, 'x', 'abcdefgh', null), (3, null, null, 'ab', 'm'), (4, 2, 'y', null, 'm');";

const TARGET: &str = "
    create table parent(id integer primary key, code text);
    create table child(id integer primary key, parent integer constraint has_parent references parent, code text constraint once unique,
        short varchar(5), must text not null)";

#[test]
fn all_of_it_is_listed_with_counts_and_rows_and_nothing_is_loaded() {
    let (program, source, database) = sides("existing_misfits", "", SOURCE, TARGET);
    let schema = schema_dump(&database);
    let refused = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(3).document();
    let findings: Vec<String> = refused["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] != "note")
        .map(|finding| {
            format!(
                "{} {} {} {}",
                finding["severity"].as_str().unwrap(),
                finding["id"].as_str().unwrap(),
                finding["place"].as_str().unwrap(),
                finding["rows"]
            )
        })
        .collect();
    assert_eq!(
        findings,
        [
            r#"stop misfit-cells child.code ["2"]"#,
            r#"stop misfit-cells child.must ["2"]"#,
            r#"decide misfit-cells child.parent ["2"]"#,
            r#"decide quarantined-cells child.short ["2"]"#,
        ]
    );
    assert_eq!(ask_one(&database, "select count(*) from child"), "0");
    assert_eq!(schema_dump(&database), schema);
}

#[test]
fn orphans_come_across_where_the_policy_says_so_and_the_key_says_that_it_is_not_valid() {
    let source = "
        create table parent(id integer primary key);
        create table declared(id integer primary key, parent integer references parent(id));
        create table undeclared(id integer primary key, parent integer);
        insert into parent values(1); insert into declared values(1, 5); insert into undeclared values(1, 1), (2, 6);";
    let target = "
        create table parent(id integer primary key);
        create table declared(id integer primary key, parent integer constraint of_declared references parent);
        create table undeclared(id integer primary key, parent integer constraint of_undeclared references parent)";
    let (program, source, database) = sides("existing_orphans", "", source, target);
    let refused = migrate(&program, &source, &database).expect(3);
    assert!(refused.out.contains("orphan-rows") && refused.out.contains("misfit-cells             undeclared.parent"), "{}", refused.out);
    std::fs::write(program.path("outgrow.toml"), "[rules]\norphans = \"not-valid\"\n").unwrap();
    migrate(&program, &source, &database).expect(0);
    let keys = "select conname, convalidated from pg_constraint where contype = 'f' and conname like 'of%' order by 1";
    assert_eq!(ask(&database, keys), ["of_declared|f", "of_undeclared|f"]);
    program.run(&["verify", text(&source), &database.url()]).expect(0);
}

#[test]
fn what_has_no_place_stops_the_move_and_what_is_empty_does_not() {
    let source = "
        create table a(id integer primary key, kept text, dropped text); insert into a values(1, 'x', 'y');
        create table only_here(id integer primary key); insert into only_here values(1);
        create table empty_here(id integer primary key, b text)";
    let target = "create table a(id integer primary key, kept text, needed text not null, filled text default 'z')";
    let (program, source, database) = sides("existing_no_place", "", source, target);
    let refused = migrate(&program, &source, &database).expect(3);
    for place in [
        "a.dropped  the target's table a has no such column",
        "a.needed  only the target has it; it is NOT NULL",
        "only_here  the target has no such table",
    ] {
        assert!(refused.out.contains(place), "{place}\n{}", refused.out);
    }
    std::fs::write(
        program.path("outgrow.toml"),
        "[tables.only_here]\nskip = true\nreason = \"not needed\"\n[columns.\"a.dropped\"]\nskip = true\nreason = \"not needed\"\n",
    )
    .unwrap();
    crate::target::tell(&database, "alter table a alter column needed drop not null");
    migrate(&program, &source, &database).expect(0);
    assert_eq!(ask(&database, "select * from a"), ["1|x|∅|z"]);
    program.run(&["verify", text(&source), &database.url()]).expect(0);
}
