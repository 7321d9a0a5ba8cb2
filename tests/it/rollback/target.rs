//! The target is cleared of what came with the load and of nothing else, and takes another load.

use std::path::Path;

use outgrow::journal::{Journal, WorkDirectory};
use outgrow::plan::TargetAfter;
use outgrow::rollback::{ChangeSet, Cleared, ClearedWhat};

use super::{cut_over, export};
use crate::fixture::{Database, in_own_runtime, schema_dump};
use crate::program::{Program, text};
use crate::target::{ask, ask_one, equal, everything, moved, settle, tell};

/// Of every kind of thing that a load makes.
const SOURCE: &str = "
    create table team(id integer primary key autoincrement, name text not null);
    create table player(id integer primary key, team integer references team(id), name text, born date, score real default (1 + 1),
        shout text generated always as (upper(name)) stored, check (length(name) < 50));
    create unique index player_name on player(name);
    create table audit(what text, at text default current_timestamp);
    create view grown as select name, round(score, 1) as score from player where born is not null;
    create view all_of_them as select * from grown;
    create trigger noted after insert on player begin insert into audit(what) values(new.name); end;
    insert into team values(1, 'a'), (2, 'b');
    insert into player(id, team, name, born) values(1, 1, 'Ada', '1990-01-01'), (2, 2, 'Bob', 'unknown');";

fn clear(program: &Program, database: &Database, after: TargetAfter, exported: Option<&ChangeSet>) -> outgrow::error::Result<Cleared> {
    let work = WorkDirectory::hold(&program.path("work")).unwrap();
    let journal = Journal::begin(&work, "rollback", "app.db", "target").unwrap();
    in_own_runtime(async { outgrow::rollback::clear(&database.session().await, "public", after, exported, &journal).await })
}

fn refused(program: &Program, database: &Database, after: TargetAfter, exported: Option<&ChangeSet>, words: &str) {
    let before = everything(database);
    let error = clear(program, database, after, exported).err().unwrap();
    assert!(error.to_string().contains(words), "{words}: {error}");
    assert!(error.hints().count() > 0, "{error}");
    assert_eq!(everything(database), before, "{words}");
}

fn has_room(program: &Program, source: &Path, database: &Database) {
    moved(program, source, database);
    equal(program, source, database);
}

#[test]
fn what_outgrow_made_is_dropped_and_nothing_else() {
    let (program, database) = (Program::new(), Database::new("rollback_drop"));
    let source = program.source("app.db", SOURCE);
    tell(&database, "create extension if not exists plpgsql; create table theirs(id int); insert into theirs values(1)");
    let empty = schema_dump(&database);
    let nothing = clear(&program, &database, TargetAfter::Drop, None).unwrap();
    assert_eq!(nothing.what, ClearedWhat::Nothing);
    let (plan, mark) = cut_over(&program, &source, &database);
    assert_eq!(clear(&program, &database, TargetAfter::Keep, None).unwrap().what, ClearedWhat::Kept);
    tell(&database, "insert into player(id, name) values(7, 'Eve')");
    refused(&program, &database, TargetAfter::Drop, None, "was written to since the load, and the changes are not exported");
    let set = export(&database, &plan, &mark, &source, &program.path("first"));
    tell(&database, "update team set name = 'c' where id = 1");
    refused(&program, &database, TargetAfter::Drop, Some(&set), "1 row of team were written after the changes were exported");
    let set = export(&database, &plan, &mark, &source, &program.path("second"));
    tell(
        &database,
        "create view \"their view\" as select * from grown; create function reads() returns setof team language sql begin atomic select * from team; end",
    );
    refused(&program, &database, TargetAfter::Drop, Some(&set), "view public.\"their view\" depends on view public.grown");
    tell(&database, "drop view \"their view\"");
    refused(&program, &database, TargetAfter::Drop, Some(&set), "function public.reads() depends on");
    tell(
        &database,
        "drop function reads(); create table ran(version text, name text, checksum text, applied_at timestamptz, applied_by text, \
         execution_ms bigint, state text); insert into ran values('1')",
    );
    refused(&program, &database, TargetAfter::Drop, Some(&set), "migrations of the policy were run in the schema public (ran names them)");
    tell(&database, "drop table ran");
    let foreign = ChangeSet { plan: "another".to_owned(), ..set.clone() };
    refused(&program, &database, TargetAfter::Drop, Some(&foreign), "those of another load");

    let dropped = clear(&program, &database, TargetAfter::Drop, Some(&set)).unwrap();
    assert_eq!(dropped.what, ClearedWhat::Dropped);
    for name in ["table team", "view grown", "view all_of_them", "function noted"] {
        assert!(dropped.names.contains(&name.to_owned()), "{name}: {dropped:?}");
    }
    assert_eq!(dropped.left, ["public.theirs stays: outgrow did not make it"]);
    assert_eq!(schema_dump(&database), empty);
    assert_eq!(ask_one(&database, "select to_regnamespace('outgrow') is null and to_regnamespace('outgrow_sqlite') is null"), "t");
    assert_eq!(ask(&database, "select * from theirs"), ["1"]);
    assert_eq!(clear(&program, &database, TargetAfter::Drop, Some(&set)).unwrap().what, ClearedWhat::Nothing);
    std::fs::remove_dir_all(program.path(".outgrow")).unwrap();
    has_room(&program, &source, &database);
    // What nobody wrote to needs no export.
    assert_eq!(clear(&program, &database, TargetAfter::Drop, None).unwrap().what, ClearedWhat::Dropped);
    assert_eq!(schema_dump(&database), empty);
}

#[test]
fn the_schema_gets_another_name_and_is_there_anew() {
    let (program, database) = (Program::new(), Database::new("rollback_rename"));
    let source = program.source("app.db", SOURCE);
    tell(
        &database,
        "comment on schema public is 'it''s ours'; grant usage on schema public to pg_monitor with grant option; \
        alter default privileges in schema public grant select on tables to pg_monitor; create extension citext",
    );
    let state = "select pg_get_userbyid(nspowner), obj_description(oid, 'pg_namespace'), \
        (select string_agg(a::text, ' ' order by a::text) from unnest(nspacl) a) from pg_namespace where nspname = 'public'";
    let before = ask(&database, state);
    let defaults = "select defaclacl from pg_default_acl where defaclnamespace = 'public'::regnamespace";
    let default_before = ask(&database, defaults);
    cut_over(&program, &source, &database);
    tell(&database, "insert into player(id, name) values(7, 'Eve')");
    let quarantined = ask_one(&database, "select count(*) from outgrow.quarantine");
    let renamed = clear(&program, &database, TargetAfter::Rename, None).unwrap();
    assert_eq!(renamed.what, ClearedWhat::Renamed);
    let name = |place: usize| renamed.names[place].split(" → ").nth(1).unwrap().to_owned();
    let (aside, ledger) = (name(0), name(1));
    assert!(aside.starts_with("public_2") && ledger.starts_with("outgrow_2"), "{renamed:?}");
    assert_eq!(ask(&database, state), before);
    assert_eq!(ask(&database, defaults), default_before);
    assert_eq!(ask_one(&database, "select extnamespace::regnamespace from pg_extension where extname = 'citext'"), "public");
    assert_eq!(ask_one(&database, &format!("select count(*) from {ledger}.quarantine")), quarantined);
    assert_eq!(ask(&database, &format!("select name from {aside}.player order by id")), ["Ada", "Bob", "Eve"]);
    assert_eq!(ask_one(&database, &format!("select count(*) from {aside}.all_of_them")), "2");
    assert_eq!(clear(&program, &database, TargetAfter::Rename, None).unwrap().what, ClearedWhat::Nothing);
    std::fs::remove_dir_all(program.path(".outgrow")).unwrap();
    has_room(&program, &source, &database);
    // Nothing that is written there reaches the new tables.
    let audited = ask_one(&database, "select count(*) from audit");
    tell(&database, &format!("insert into {aside}.player(id, name) values(8, 'Fay')"));
    assert_eq!(ask_one(&database, "select count(*) from audit"), audited);
}

#[test]
fn the_applications_own_tables_are_emptied_and_stay_as_they_were() {
    let (program, database) = (Program::new(), Database::new("rollback_empty"));
    let source = program.source(
        "app.db",
        "create table team(id integer primary key, name text, leader integer references player(id));
         create table player(id integer primary key, team integer references team(id), name text);
         create table role(id integer primary key, name text);
         insert into team values(1, 'a', 1); insert into player values(1, 1, 'Ada'), (2, 1, 'Bob'); insert into role values(1, 'admin')",
    );
    tell(
        &database,
        "create table team(id bigint generated by default as identity primary key, name varchar(40), leader bigint);
         create table player(id serial primary key, team bigint references team(id) on delete restrict, name text);
         alter table team add constraint leads foreign key (leader) references player(id); comment on constraint leads on team is 'one';
         create table role(id integer primary key, name text); insert into role values(1, 'admin');
         create table session(player integer references player(id), token text); create table django_log(line text);
         insert into django_log values('kept');
         create function refuse() returns trigger language plpgsql as $$ begin raise exception 'fired'; end $$;
         create trigger never before delete on player for each row execute function refuse();
         create trigger nor_this before truncate on player for each statement execute function refuse();",
    );
    let schema = schema_dump(&database);
    settle(&program, "[target]\nseeded = \"replace\"\n");
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    let (plan, mark) = (super::plan(&database), super::mark(&database));
    tell(&database, "insert into player(team, name) values(1, 'Eve'); update team set name = 'b'");
    refused(&program, &database, TargetAfter::Rename, None, "the application's own migrations made the tables");
    refused(&program, &database, TargetAfter::Drop, None, "the changes are not exported");
    let set = export(&database, &plan, &mark, &source, &program.path("changes"));
    tell(&database, "insert into session values(1, 'x')");
    refused(&program, &database, TargetAfter::Drop, Some(&set), "public.session holds rows that may refer to rows of the load");
    tell(&database, "delete from session");
    let next = ask_one(&database, "select last_value from player_id_seq");
    let emptied = clear(&program, &database, TargetAfter::Drop, Some(&set)).unwrap();
    assert_eq!((emptied.what, emptied.names.as_slice()), (ClearedWhat::Emptied, ["team".to_owned(), "player".to_owned()].as_slice()));
    assert!(emptied.left.iter().any(|left| left.starts_with("role stays")), "{emptied:?}");
    assert_eq!(schema_dump(&database), schema);
    assert_eq!(ask(&database, "select (select count(*) from player), (select count(*) from team), (select count(*) from role)"), ["0|0|1"]);
    assert_eq!(ask(&database, "select line from django_log"), ["kept"]);
    assert_eq!(ask_one(&database, "select last_value from player_id_seq"), next);
    assert_eq!(ask_one(&database, "select to_regnamespace('outgrow') is null"), "t");
    assert_eq!(clear(&program, &database, TargetAfter::Drop, Some(&set)).unwrap().what, ClearedWhat::Nothing);
    std::fs::remove_dir_all(program.path(".outgrow")).unwrap();
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    program.run(&["verify", text(&source), &database.url()]).expect(0);
}
