//! Cases whose tables are there already, made by the application's own migrations.

use super::{Case, cells, found};

impl Case {
    /// A source of these statements, and a target with the application's own tables.
    fn existing(name: &str, source: &str, target: &str) -> Self {
        let case = Self::new(name, source);
        case.tell(target);
        case
    }
}

#[test]
fn case_19_guids_in_dotnets_byte_order() {
    let case = Case::existing(
        "case_19",
        "create table users(id blob primary key); create table posts(id integer primary key, user_id blob references users(id));
         insert into users values (x'33221100554477668899aabbccddeeff'); insert into posts values (1, x'33221100554477668899aabbccddeeff')",
        "create table users(id uuid primary key); create table posts(id bigint primary key, user_id uuid references users(id))",
    )
    .rules("[columns.\"users.id\"]\nuuid = \"dotnet\"\n[columns.\"posts.user_id\"]\nuuid = \"dotnet\"\n");
    case.moved();
    assert_eq!(case.ask("select p.user_id from posts p join users u on u.id = p.user_id"), ["00112233-4455-6677-8899-aabbccddeeff"]);
}

#[test]
fn case_20_every_overlong_row_is_listed_before_the_load() {
    let case = Case::existing(
        "case_20_existing",
        "create table t(id integer primary key, path text); insert into t values (1, 'short'), (2, printf('%.275c', 'x')), (3, printf('%.251c', 'y'))",
        "create table t(id bigint primary key, path varchar(250))",
    );
    let report = case.migrate().expect(3).document();
    let findings = report["findings"].as_array().unwrap();
    let long = findings.iter().find(|finding| finding["place"] == "t.path" && finding["count"] == 2);
    assert!(
        long.is_some_and(|finding| finding["rows"].to_string().contains('2') && finding["rows"].to_string().contains('3')),
        "{findings:#?}"
    );
    assert_eq!(case.ask("select count(*) from t"), ["0"], "nothing was loaded");
}

#[test]
fn case_23_zero_and_one_into_booleans_by_the_targets_type() {
    let case = Case::existing(
        "case_23",
        "create table alert_rule(id integer primary key, is_paused integer not null default 0, title text); insert into alert_rule values (1, 0, 'a'), (2, 1, 'b')",
        "create table alert_rule(id bigserial primary key, is_paused boolean not null default false, title varchar(190))",
    );
    case.moved();
    assert_eq!(case.ask("select is_paused from alert_rule order by id"), ["f", "t"]);
    assert_eq!(case.ask("insert into alert_rule(title) values ('c') returning id, is_paused"), ["3|f"]);
}

#[test]
fn case_24_an_integer_of_the_application_stays_one() {
    let case = Case::existing(
        "case_24",
        "create table users(id integer primary key, kdf integer); insert into users values (1, 600000)",
        "create table users(id integer primary key, kdf integer)",
    );
    case.moved();
    assert_eq!((case.type_of("users", "kdf"), case.ask_one("select kdf from users")), ("integer".to_owned(), "600000".to_owned()));
    let beyond = Case::existing(
        "case_24_beyond",
        "create table users(id integer primary key, kdf integer); insert into users values (1, 3000000000)",
        "create table users(id integer primary key, kdf integer not null)",
    );
    beyond.migrate().expect(3);
    assert_eq!(beyond.ask("select count(*) from users"), ["0"]);
}

#[test]
fn case_31_naive_times_into_timestamptz_are_those_of_the_zone_that_is_said() {
    let source = "create table t(id integer primary key, at datetime); insert into t values (1, '2024-01-01 12:00:00')";
    let target = "create table t(id bigint primary key, at timestamptz)";
    let utc = Case::existing("case_31_utc", source, target);
    utc.moved();
    assert_eq!(utc.ask("select at at time zone 'UTC' from t"), ["2024-01-01 12:00:00"]);
    let baku = Case::existing("case_31_zone", source, target).rules("[rules]\nzone = \"Asia/Baku\"\n");
    baku.moved();
    assert_eq!(baku.ask("select at at time zone 'UTC' from t"), ["2024-01-01 08:00:00"]);
}

#[test]
fn case_36_the_targets_own_sequences_are_above_what_is_loaded() {
    let case = Case::existing(
        "case_36_existing",
        "create table a(id integer primary key); insert into a values (41); create table b(id integer primary key autoincrement); insert into b values (9); delete from b;
         create table z(id integer primary key); insert into z values (-4), (0)",
        "create table a(id serial primary key); create table b(id bigint generated always as identity primary key); create table z(id serial primary key)",
    );
    case.moved();
    assert_eq!(case.ask("insert into a default values returning id"), ["42"]);
    assert_eq!(case.ask("insert into b default values returning id"), ["10"]);
    assert_eq!(case.ask("insert into z default values returning id"), ["1"]);
}

#[test]
fn case_37_a_sequence_of_less_room_than_its_column_is_named() {
    let case = Case::existing(
        "case_37_existing",
        "create table t(id integer primary key); insert into t values (2147483647)",
        "create sequence s as integer; create table t(id bigint primary key default nextval('s'))",
    );
    let report = case.migrate().document();
    assert!(found(&report, "sequence-at-its-end", ""), "{:#}", report["findings"]);
}

#[test]
fn case_58_rows_that_the_migrations_seeded_are_never_doubled() {
    let source = "create table roles(id integer primary key, name text); insert into roles values (1, 'admin'), (2, 'owner')";
    let target = "create table roles(id bigint primary key, name text); insert into roles values (1, 'admin'), (3, 'guest')";
    let stops = Case::existing("case_58_stops", source, target);
    let report = stops.migrate().expect(3).document();
    assert!(found(&report, "seeded-rows", "roles"));
    assert_eq!(stops.ask("select count(*) from roles"), ["2"], "nothing was touched");
    let case = Case::existing("case_58", source, target).rules("[target]\nseeded = \"replace\"\n");
    let report = case.moved();
    assert_eq!(cells(&report, "normalised", "none"), 0);
    assert_eq!(case.ask("select name from roles order by id"), ["admin", "owner"]);
}

#[test]
fn case_59_different_migrations_on_the_two_sides_stop_the_move() {
    let ledger = "create table django_migrations(id integer primary key, app text, name text, applied text)";
    let case = Case::existing(
        "case_59",
        &format!(
            "{ledger}; create table t(id integer primary key); insert into django_migrations values (1, 'shop', '0001_initial', 'x'), (2, 'shop', '0002_more', 'x')"
        ),
        &format!("{ledger}; create table t(id bigint primary key); insert into django_migrations values (1, 'shop', '0001_initial', 'x')"),
    );
    let report = case.migrate().expect(3).document();
    assert!(found(&report, "migration-level", ""), "{:#}", report["findings"]);
    case.tell("insert into django_migrations values (2, 'shop', '0002_more', 'x')");
    case.migrate().expect(0);
}

#[test]
fn case_66_no_superuser_is_needed() {
    let case = Case::existing(
        "case_66",
        "create table p(id integer primary key); create table c(id integer primary key, p integer references p(id)); insert into p values (1); insert into c values (1, 1)",
        "create table p(id bigint primary key); create table c(id bigint primary key, p bigint references p(id) on delete cascade)",
    );
    case.tell(
        "create role case_66_loader login; grant create on schema public to case_66_loader; grant create on database \"@\" to case_66_loader;
         alter table p owner to case_66_loader; alter table c owner to case_66_loader"
            .replace('@', &case.ask_one("select current_database()"))
            .as_str(),
    );
    let url = case.database.url().replace("postgres@", "case_66_loader@");
    let ended = case.program.run(&["migrate", crate::program::text(&case.source), &url, "--json"]);
    case.tell("reassign owned by case_66_loader to postgres; drop owned by case_66_loader; drop role case_66_loader");
    assert_eq!(ended.expect(0).document()["verification"]["verdict"], "match");
    assert_eq!(case.refused("insert into c values (2, 9)"), super::FOREIGN_KEY);
}

#[test]
fn case_55_the_applications_own_search_takes_the_place_of_a_full_text_table() {
    let case = Case::existing(
        "case_55_existing",
        "create table notes(id integer primary key, body text); insert into notes values (1, 'the quick fox');
         create virtual table search using fts5(body); insert into search values ('the quick fox')",
        "create table notes(id bigint primary key, body text); create table search(id bigint, tsv tsvector)",
    );
    let report = case.moved();
    assert!(found(&report, "virtual-table", "search"), "{:#}", report["findings"]);
    assert_eq!(case.ask("select (select count(*) from notes), (select count(*) from search)"), ["1|0"]);
}

#[test]
fn case_01_the_unit_is_said_where_the_cells_do_not_tell() {
    let source = "create table t(id integer primary key, at integer); insert into t values (1, 86400000), (2, 172800000)";
    let target = "create table t(id bigint primary key, at timestamptz)";
    let stops = Case::existing("case_01_stops", source, target);
    let report = stops.migrate().expect(3).document();
    assert!(found(&report, "no-place-in-target", "t.at"), "{:#}", report["findings"]);
    let case = Case::existing("case_01_unit", source, target).rules("[columns.\"t.at\"]\nunit = \"milliseconds\"\n");
    case.moved();
    assert_eq!(case.ask("select at at time zone 'UTC' from t order by id"), ["1970-01-02 00:00:00", "1970-01-03 00:00:00"]);
}
