//! No superuser is needed: what the role may not do is worked around, or said before anything is touched.

use super::sides;
use crate::fixture::{Database, schema_dump};
use crate::program::text;
use crate::target::{ask_one, tell};

const SOURCE: &str = "
    create table child(id integer primary key, parent integer references parent(id), up integer references child(id));
    create table parent(id integer primary key);
    insert into parent values(1), (2); insert into child values(1, 2, 3), (2, 1, 1), (3, 1, null);";

const TARGET: &str = "
    create table parent(id integer primary key);
    create table child(id serial primary key, parent integer references parent, up integer references child(id))";

/// The URL of the same database for another role.
fn as_role(database: &Database, role: &str) -> String {
    let url = database.url();
    let (scheme, rest) = url.split_once("://").unwrap();
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{role}@{host}")
}

#[test]
fn the_owner_of_the_tables_needs_to_be_no_superuser() {
    let (program, source, database) = sides("existing_owner", "", SOURCE, TARGET);
    let role = "existing_owner_role";
    tell(
        &database,
        &format!(
            "create role {role} login; alter table parent owner to {role}; alter table child owner to {role}; \
             do $$ begin execute format('grant create on database %I to {role}', current_database()); end $$; grant create on schema public to {role}"
        ),
    );
    let schema = schema_dump(&database);
    program.run(&["migrate", text(&source), &as_role(&database, role)]).expect(0);
    assert_eq!(schema_dump(&database), schema);
    program.run(&["verify", text(&source), &as_role(&database, role)]).expect(0);
    tell(&database, &format!("drop owned by {role}; drop role {role}"));
}

#[test]
fn a_role_that_may_only_write_loads_parents_first_and_is_told_what_it_lacks_otherwise() {
    let (program, source, database) = sides("existing_writer", "", SOURCE, TARGET);
    let role = "existing_writer_role";
    let url = as_role(&database, role);
    tell(
        &database,
        &format!(
            "create role {role} login; do $$ begin execute format('grant create on database %I to {role}', current_database()); end $$"
        ),
    );
    let refused = program.run(&["migrate", text(&source), &url]).expect(3);
    assert!(refused.out.contains("target-rights") && refused.out.contains("the role lacks SELECT, INSERT"), "{}", refused.out);
    assert!(refused.out.contains("the sequence child_id_seq can't be set"), "{}", refused.out);
    tell(
        &database,
        &format!("grant select, insert on parent, child to {role}; grant usage, select, update on sequence child_id_seq to {role}"),
    );
    let schema = schema_dump(&database);
    program.run(&["migrate", text(&source), &url]).expect(0);
    assert_eq!(schema_dump(&database), schema);
    assert_eq!(ask_one(&database, "select count(*) from child"), "3");
    tell(&database, &format!("drop owned by {role}; drop role {role}"));
}

#[test]
fn a_circle_and_a_trigger_need_the_owner_and_row_security_a_right_of_its_own() {
    let (program, source, database) = sides(
        "existing_circle",
        "",
        "create table a(id integer primary key, b integer); create table b(id integer primary key, a integer);
         create table watched(id integer primary key); create table fenced(id integer primary key);
         insert into a values(1, 1); insert into b values(1, 1); insert into watched values(1); insert into fenced values(1)",
        "create table a(id integer primary key, b integer); create table b(id integer primary key, a integer references a);
         alter table a add foreign key (b) references b;
         create table watched(id integer primary key); create table fenced(id integer primary key);
         create function noop() returns trigger language plpgsql as $$ begin return new; end $$;
         create trigger watching before insert on watched for each row execute function noop();
         alter table fenced enable row level security",
    );
    let role = "existing_circle_role";
    tell(
        &database,
        &format!(
            "create role {role} login; grant select, insert on all tables in schema public to {role}; \
             do $$ begin execute format('grant create on database %I to {role}', current_database()); end $$"
        ),
    );
    let refused = program.run(&["migrate", text(&source), &as_role(&database, role)]).expect(3);
    for expected in [
        "a  its foreign keys refer in a circle",
        "b  its foreign keys refer in a circle",
        "watched  the trigger watching would fire",
        "fenced  row security holds for this role",
    ] {
        assert!(refused.out.contains(expected), "{expected}\n{}", refused.out);
    }
    tell(&database, &format!("drop owned by {role}; drop role {role}"));
}
