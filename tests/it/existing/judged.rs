//! What only the target can judge is known before a row is loaded.

use super::{migrate, sides};
use crate::program::text;
use crate::target::{ask_one, everything, tell};

const SOURCE: &str = "
    create table account(id integer primary key, email text, active bool not null, balance integer, note text);
    insert into account values (1, 'Ada@x', 1, 5, null), (2, 'ada@X', 1, -3, null), (3, 'bob@x', 0, -4, 'n'), (4, 'BOB@x', 0, 1, null);
    create table booking(id integer primary key, room integer, begins integer, ends integer);
    insert into booking values (1, 1, 10, 20), (2, 1, 15, 30), (3, 2, 15, 30), (4, 1, 30, 40);";

const TARGET: &str = "
    create function fine(n integer) returns boolean language sql immutable as 'select n > -4';
    create table account(id serial primary key, email varchar(20), active boolean not null, balance integer, note text,
        touched timestamp not null default now(),
        constraint funded check (fine(balance)), constraint told check (note is not null or balance <= 1000));
    create unique index one_active on account (lower(email)) where active;
    create table booking(id integer primary key, room integer, begins integer, ends integer,
        constraint alone exclude using gist (int4range(begins, ends) with &&, box(point(room, room), point(room, room)) with &&));";

#[test]
fn checks_and_indexes_with_conditions_are_judged_beforehand() {
    let (program, source, database) = sides("existing_judged", "", SOURCE, TARGET);
    let before = everything(&database);
    let planned = program.run(&["plan", text(&source), &database.url(), "--json"]).expect(3).document();
    crate::schema::assert_valid("plan", &planned);
    let refused = migrate(&program, &source, &database).expect(3);
    for words in [
        "account.balance  1 row that the target's check funded refuses (3)",
        "account.active+email  1 row with a key that another row has, under the target's unique index one_active (2)",
        "booking.begins+ends+room  at least 1 row that the target's exclusion constraint alone refuses beside another (2)",
    ] {
        assert!(refused.out.contains(words), "{words}\n{}", refused.out);
    }
    assert!(!refused.out.contains("told"), "{}", refused.out);
    assert_eq!(everything(&database), before, "nothing of it stays, the sequence included");

    // Once the rows are mended, they are loaded.
    let mended = SOURCE.replace("(3, 'bob@x', 0, -4, 'n')", "(3, 'bob@x', 0, 4, 'n')").replace("'ada@X', 1", "'ada@X', 0");
    let mended = program.source("mended.db", &mended.replace("(2, 1, 15, 30)", "(2, 1, 20, 30)"));
    migrate(&program, &mended, &database).expect(0);
    assert_eq!(ask_one(&database, "select count(*) from account"), "4");
}

#[test]
fn what_can_not_be_judged_beforehand_is_named() {
    let (program, source, database) = sides(
        "existing_unjudged",
        "",
        "create table t(id integer primary key, v integer); insert into t values (1, 0), (2, 5)",
        "create table t(id integer primary key, v integer, constraint odd check (10 / v > 0));",
    );
    // An expression that fails is no verdict.
    let planned = program.run(&["plan", text(&source), &database.url()]);
    assert!(planned.out.contains("misfit-cells") && planned.out.contains("odd: the server said: division by zero"), "{}", planned.out);
    tell(&database, "alter table t drop constraint odd, add constraint even check (v >= 0)");
    let role = format!("unjudged_{}", std::process::id());
    tell(&database, &format!("create role {role} login; alter table t owner to {role}; grant create on schema public to {role}"));
    tell(
        &database,
        &format!(
            "do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$; \
        do $$ begin execute format('grant create on database %I to {role}', current_database()); end $$"
        ),
    );
    let url = database.url().replace("postgres@", &format!("{role}@"));
    let bad = "create table t(id integer primary key, v integer); insert into t values (1, 0), (2, -5)";
    let refused = program.run(&["migrate", text(&program.source("bad.db", bad)), &url]);
    for words in ["violates check constraint \"even\"", "at the row of the source with the key 2", "with --fresh takes back"] {
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    }
    let loaded = program.run(&["migrate", text(&source), &url, "--fresh"]).expect(0);
    assert!(loaded.out.contains("could not be judged beforehand") && loaded.out.contains("even: "), "{}", loaded.out);
    tell(&database, &format!("reassign owned by {role} to postgres; drop owned by {role}; drop role {role}"));
}
