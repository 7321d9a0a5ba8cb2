//! What happens around a move that was made before: the source grew, another move follows, something was taken away.

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{settle, tell};

fn change(source: &std::path::Path, sql: &str) {
    rusqlite::Connection::open(source).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn what_came_to_the_source_after_the_load_is_a_difference() {
    let (program, database) = (Program::new(), Database::new("migrate_grown"));
    let source = program.source("app.db", "create table t(id integer primary key, v text); insert into t values(1, 'a');");
    settle(&program, "");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    program.run(&["verify", text(&source), &database.url()]).expect(0);
    change(&source, "create table later(id integer primary key)");
    let ended = program.run(&["verify", text(&source), &database.url()]).expect(4);
    assert!(ended.out.contains("later") && ended.out.contains("came to the source after the load"), "{}", ended.out);
    change(&source, "drop table later; alter table t add column more text");
    let ended = program.run(&["verify", text(&source), &database.url()]).expect(4);
    assert!(ended.out.contains("the column more came to the source"), "{}", ended.out);
    change(&source, "drop table t; create table u(a)");
    let ended = program.run(&["verify", text(&source), &database.url()]).expect(4);
    assert!(ended.out.contains("is not in the source any more"), "{}", ended.out);
}

#[test]
fn two_moves_into_two_schemas_are_compared_apart() {
    let (program, database) = (Program::new(), Database::new("migrate_two"));
    let one = program.source("one.db", "create table t(id integer primary key, v text); insert into t values(1, 'a');");
    let two = program.source("two.db", "create table other(id integer primary key); insert into other values(7);");
    for (source, schema) in [(&one, "first"), (&two, "second")] {
        settle(&program, &format!("[target]\nschema = \"{schema}\"\n"));
        program.run(&["migrate", text(source), &database.url()]).expect(0);
    }
    for source in [&one, &two] {
        program.run(&["verify", text(source), &database.url()]).expect(0);
    }
}

#[test]
fn a_quarantine_that_is_gone_is_a_difference() {
    let (program, database) = (Program::new(), Database::new("migrate_no_quarantine"));
    let source = program.source("app.db", "create table t(id integer primary key, v text); insert into t values(1, 'a' || char(0));");
    settle(&program, "");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    tell(&database, "drop table outgrow.quarantine");
    let ended = program.run(&["verify", text(&source), &database.url()]).expect(4);
    assert!(ended.out.contains("not in the quarantine"), "{}", ended.out);
}

#[test]
fn what_the_server_could_not_do_just_now_is_done_by_the_next_run() {
    let (program, database) = (Program::new(), Database::new("migrate_busy"));
    let source = program.source("app.db", "create table t(id integer primary key, v text unique); insert into t values(1, 'a');");
    settle(&program, "");
    // The first index is cancelled by an event trigger as a deadlock is: not the statement's fault.
    tell(
        &database,
        "create function busy() returns event_trigger language plpgsql as $$ begin raise exception using errcode = '40P01', message = 'deadlock detected'; end $$;
         create event trigger busy on ddl_command_start when tag in ('ALTER TABLE') execute function busy()",
    );
    let ended = program.run(&["migrate", text(&source), &database.url()]).expect(7);
    assert!(ended.err.contains("it resumes"), "{}", ended.err);
    tell(&database, "drop event trigger busy");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
}

#[test]
fn a_schema_that_is_somebody_elses_is_refused() {
    let program = Program::new();
    let source = program.source("app.db", "create table t(a)");
    for schema in ["outgrow", "pg_catalog", "information_schema", ""] {
        std::fs::write(program.path("outgrow.toml"), format!("[target]\nschema = \"{schema}\"\n")).unwrap();
        program.run(&["plan", text(&source)]).expect(2);
    }
}
