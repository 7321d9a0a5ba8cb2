//! Cases 1 to 32: values.

use super::{Case, cells, found};

#[test]
fn case_01_epoch_milliseconds_in_a_datetime_column() {
    let case = Case::new(
        "case_01",
        "create table t(id integer primary key, created_at datetime); insert into t(created_at) values (1627303906122), (1700000000000), (null);
         create table u(id integer primary key, at datetime); insert into u(at) values (1627303906122), (1627303906)",
    );
    let report = case.moved();
    assert_eq!(case.type_of("t", "created_at"), "timestamp with time zone");
    assert_eq!(case.ask("select created_at at time zone 'UTC' from t order by id")[0], "2021-07-26 12:51:46.122");
    // Two units in one column: nobody can tell what one integer means, and it stays what it is.
    assert_ne!(case.type_of("u", "at"), "timestamp with time zone");
    assert!(found(&report, "other-type", "u.at") || found(&report, "mixed-types", "u.at"), "{:#}", report["findings"]);
}

#[test]
fn case_02_a_moment_outside_of_any_sane_window_is_no_moment() {
    let case = Case::new(
        "case_02",
        "create table t(id integer primary key, at timestamp); insert into t(at) values (1647950409737000), (164795040973700000)",
    );
    case.moved();
    assert_eq!(case.ask("select count(*) from t where at::text > '2200' and at::text !~ '^[0-9]+$'"), ["0"], "no year 54191");
    assert_eq!(case.type_of("t", "at"), "bigint");
}

#[test]
fn case_03_texts_and_negative_epochs_in_one_column() {
    let sql = "create table t(id integer primary key, at datetime); insert into t(at) values ('1900-01-01 00:00:00 +00:00'), (-2208988800000), (1)";
    Case::new("case_03_stops", sql).stops("mixed-types", "t.at");
    let case = Case::new("case_03", sql);
    case.moved();
    assert_eq!(case.ask("select at from t order by id"), ["1900-01-01 00:00:00 +00:00", "-2208988800000", "1"]);
}

#[test]
fn case_04_text_and_reals_in_an_integer_column_cost_no_row() {
    let sql = "create table t(id integer primary key, n integer); insert into t(n) values (1), ('toto'), (12.3), (2.32), (5)";
    Case::new("case_04_stops", sql).stops("mixed-types", "t.n");
    let case = Case::new("case_04", sql);
    case.moved();
    assert_eq!(case.ask("select n from t order by id"), ["1", "toto", "12.3", "2.32", "5"]);
}

#[test]
fn case_05_an_empty_text_is_not_zero_and_not_null() {
    let case = Case::new(
        "case_05",
        "create table dashboard(id integer primary key, updated_by integer, day date); insert into dashboard(updated_by, day) values (1, '2024-01-01'), ('', '')",
    );
    case.moved();
    assert_eq!(case.ask("select updated_by is null, updated_by::text, day is null, day::text from dashboard order by id")[1], "f||f|");
}

#[test]
fn case_06_nothing_is_coerced() {
    let case = Case::new("case_06", "create table t(id integer primary key, n int); insert into t(n) values ('abc'), (2.5)");
    case.moved();
    assert_eq!(case.ask("select n from t order by id"), ["abc", "2.5"]);
}

#[test]
fn case_07_large_integers_get_a_bigint() {
    let case = Case::new(
        "case_07",
        "create table t(id integer primary key, capacity_bytes integer(8), tiny tinyint); insert into t values (1, 3000592982016, 1)",
    );
    case.moved();
    assert_eq!(case.type_of("t", "capacity_bytes"), "bigint");
    assert_eq!(case.ask_one("select capacity_bytes from t"), "3000592982016");
}

#[test]
fn case_08_the_greatest_integers_are_not_clamped_and_verification_would_see_it() {
    let case = Case::new(
        "case_08",
        "create table t(id integer primary key, n integer); insert into t values (1, 9223372036854775807), (2, -9223372036854775808)",
    );
    case.moved();
    assert_eq!(case.ask("select n from t order by id"), ["9223372036854775807", "-9223372036854775808"]);
    case.tell("update t set n = 2147483647 where id = 1");
    let ended = case.program.run(&["verify", crate::program::text(&case.source), &case.database.url()]).expect(4);
    assert!(ended.out.contains('1'), "{}", ended.out);
}

#[test]
fn case_09_reals_keep_every_bit() {
    let case =
        Case::new("case_09", "create table t(id integer primary key, r real); insert into t(r) values (16777217.0), (1731888000.5), (0.1)");
    case.moved();
    assert_eq!(case.type_of("t", "r"), "double precision");
    assert_eq!(case.ask("select r from t order by id"), ["16777217", "1731888000.5", "0.1"]);
}

#[test]
fn case_10_seventeen_digits_survive() {
    let case = Case::new(
        "case_10",
        "create table t(id integer primary key, r real); insert into t(r) values (0.46556071130937093), (0.1), (1e-320)",
    );
    case.moved();
    assert_eq!(case.ask("select r from t order by id")[0], "0.46556071130937093");
}

#[test]
fn case_11_decimals_wider_than_declared() {
    let case = Case::new(
        "case_11",
        "create table t(id integer primary key, price decimal(5,2), ok decimal(5,2)); insert into t values (1, 1230.99, 10.25), (2, 5, 999.99)",
    );
    let report = case.moved();
    assert_eq!(case.type_of("t", "ok"), "numeric(5,2)");
    assert_eq!(case.type_of("t", "price"), "numeric");
    assert_eq!(case.ask("select price from t order by id"), ["1230.99", "5"]);
    assert!(found(&report, "mixed-types", "t.price") || found(&report, "other-type", "t.price"), "{:#}", report["findings"]);
}

#[test]
fn case_12_infinities() {
    let case = Case::new(
        "case_12",
        "create table t(id integer primary key, r real, n numeric); insert into t values (1, 9e999, 9e999), (2, -9e999, 1), (3, 0.5, 2.5)",
    );
    case.moved();
    assert_eq!(case.ask("select r from t order by id"), ["Infinity", "-Infinity", "0.5"]);
    assert_eq!(case.ask("select n::text from t order by id")[0], "Infinity");
}

#[test]
fn case_13_text_with_a_nul_byte() {
    let sql = "create table t(id integer primary key, s text); insert into t(s) values ('a' || char(0) || 'b'), ('c')";
    let case = Case::new("case_13", sql);
    let report = case.moved();
    assert_eq!(cells(&report, "quarantined", "nul"), 1);
    assert_eq!(case.ask("select s from t order by id"), ["a\u{2400}b", "c"]);
    assert_eq!(case.ask("select encode(original, 'hex') from outgrow.quarantine"), ["610062"], "kept byte for byte");
    for (rule, class, name, expected) in [
        ("strip", "normalised", "strip-nul", "ab"),
        ("replace", "normalised", "replace-nul", "a\u{2400}b"),
        ("quarantine", "quarantined", "nul", "a\u{2400}b"),
    ] {
        let case = Case::new("case_13_rule", sql).rules(&format!("[rules]\ntext = {{ nul = \"{rule}\" }}\n"));
        assert_eq!(cells(&case.moved(), class, name), 1, "{rule}");
        assert_eq!(case.ask("select s from t order by id")[0], expected, "{rule}");
    }
}

#[test]
fn case_14_an_escaped_nul_in_json_is_found_before_the_search_fails() {
    let sql = r#"create table chat(id integer primary key, chat json); insert into chat(chat) values ('{"content": "a\u0000b"}'), ('{"content": "\ud800"}'), ('{}')"#;
    let case = Case::new("case_14", sql);
    let report = case.moved();
    assert!(found(&report, "unreadable-json", "chat.chat"));
    assert_eq!(case.ask("select chat from chat order by id")[0], r#"{"content": "a\u0000b"}"#);
}

#[test]
fn case_15_text_that_is_not_utf8() {
    let sql = "create table t(id integer primary key, name text); insert into t(name) values (cast(x'636166e9' as text)), ('ok')";
    let case = Case::new("case_15", sql);
    let report = case.moved();
    assert_eq!(cells(&report, "quarantined", "invalid-utf8"), 1);
    assert_eq!(case.ask("select name from t order by id")[0], "caf\u{fffd}");
    assert_eq!(case.ask("select encode(original, 'hex') from outgrow.quarantine"), ["636166e9"]);
    for (rule, expected) in [("replace", "caf\u{fffd}"), ("strip", "caf")] {
        let case = Case::new("case_15_rule", sql).rules(&format!("[rules]\ntext = {{ invalid-utf8 = \"{rule}\" }}\n"));
        case.moved();
        assert_eq!(case.ask("select name from t order by id")[0], expected);
    }
}

#[test]
fn case_16_text_in_a_blob_column_is_its_bytes() {
    let pem = "-----BEGIN KEY-----";
    let case = Case::new(
        "case_16",
        &format!("create table t(id integer primary key, data blob); insert into t(data) values ('{pem}'), ('{pem}')"),
    );
    case.moved();
    assert_eq!(case.type_of("t", "data"), "bytea");
    assert_eq!(case.ask("select convert_from(data, 'UTF8') from t where id = 1"), [pem]);
}

#[test]
fn case_17_utf8_in_blobs_of_a_text_column() {
    let case = Case::new("case_17", "create table t(id integer primary key, html text); insert into t(html) values (x'3c703e'), (x'c3bc')");
    case.moved();
    assert_eq!(case.ask("select html from t order by id"), ["<p>", "ü"]);
}

#[test]
fn case_18_sixteen_bytes_in_a_uuid_column() {
    let case = Case::new(
        "case_18",
        "create table sql_metrics(id integer primary key, uuid uuid); insert into sql_metrics(uuid) values (x'6ba7b8109dad11d180b400c04fd430c8')",
    );
    case.moved();
    assert_eq!(case.type_of("sql_metrics", "uuid"), "uuid");
    assert_eq!(case.ask_one("select uuid from sql_metrics"), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
}

#[test]
fn case_20_declared_lengths_cut_nothing() {
    let long = "x".repeat(1679);
    let case = Case::new(
        "case_20",
        &format!("create table t(id integer primary key, private_key varchar(1024)); insert into t values (1, '{long}')"),
    );
    case.moved();
    assert_eq!(case.type_of("t", "private_key"), "text");
    assert_eq!(case.ask_one("select length(private_key) from t"), "1679");
}

#[test]
fn case_21_no_length_of_two_milliards() {
    let case = Case::new("case_21", "create table t(id integer primary key, s varchar(2000000000)); insert into t values (1, 'a')");
    case.moved();
    assert_eq!(case.type_of("t", "s"), "text");
}

#[test]
fn case_22_defaults_follow_the_columns_type() {
    let case = Case::new(
        "case_22",
        "create table t(id integer primary key, is_fork bool default 0 not null, open boolean default true, n numeric default false);
         insert into t values (1, 1, 0, 2)",
    );
    case.moved();
    case.tell("insert into t default values");
    assert_eq!(case.ask("select is_fork, open, n from t where id = 2"), ["f|t|0"]);
}

#[test]
fn case_25_odd_texts_in_typed_columns() {
    let case = Case::new(
        "case_25",
        "create table t(id integer primary key, col_integer integer not null, b boolean, unixtime timestamp);
         insert into t values (1, 'nan', 1, 1598313600), (2, 5, 0, 1598313601)",
    );
    case.moved();
    assert_eq!(case.ask("select col_integer from t order by id"), ["nan", "5"]);
    assert_eq!(case.type_of("t", "b"), "boolean");
    assert_eq!(case.ask("select unixtime at time zone 'UTC' from t order by id")[0], "2020-08-25 00:00:00");
}

#[test]
fn case_26_dates_at_the_edges() {
    let case = Case::new(
        "case_26",
        "create table t(id integer primary key, d date, odd date);
         insert into t values (1, null, null), (2, '1969-12-31', '10000-01-01'), (3, '1900-01-01', '-0044-03-15'), (4, '0001-01-01', '2024-01-01'), (5, '9999-12-31', null)",
    );
    case.moved();
    assert_eq!(case.type_of("t", "d"), "date");
    assert_eq!(
        case.ask("select coalesce(d::text, 'null') from t order by id"),
        ["null", "1969-12-31", "1900-01-01", "0001-01-01", "9999-12-31"]
    );
    assert_eq!(case.ask("select odd::text from t where id in (2, 3) order by id"), ["10000-01-01", "-0044-03-15"]);
}

#[test]
fn case_27_no_thirtieth_of_february() {
    let case =
        Case::new("case_27", "create table t(id integer primary key, d date); insert into t(d) values ('2024-02-30'), ('2024-02-29')");
    case.moved();
    assert_eq!(case.ask("select d from t order by id"), ["2024-02-30", "2024-02-29"], "nothing rolls over");
}

#[test]
fn case_28_backslashes_in_blobs() {
    let case = Case::new(
        "case_28",
        r"create table oc_cards(id integer primary key, carddata blob); insert into oc_cards(carddata) values ('N:\\;a\000'), (cast('\x41\' as blob))",
    );
    case.moved();
    assert!(case.ask("select convert_from(carddata, 'UTF8') from oc_cards order by id").contains(&r"\x41\".to_owned()));
}

#[test]
fn case_29_json_that_is_none_stays_what_it_is() {
    let case = Case::new("case_29", "create table t(id integer primary key, j json); insert into t(j) values ('{broken'), ('{}')");
    case.moved();
    assert_eq!(case.ask("select j from t order by id"), ["{broken", "{}"]);
}

#[test]
fn case_30_sqlites_private_jsonb_is_kept_byte_for_byte() {
    let case = Case::new("case_30", r#"create table t(id integer primary key, j blob); insert into t(j) values (jsonb('{"a":[1,2]}'))"#);
    case.moved();
    let stored: Vec<u8> = rusqlite::Connection::open(&case.source).unwrap().query_row("select j from t", [], |row| row.get(0)).unwrap();
    let hex = stored.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert_eq!(case.ask_one("select encode(j, 'hex') from t"), hex);
}

#[test]
fn case_31_naive_times_do_not_shift() {
    let case = Case::new("case_31", "create table t(id integer primary key, at datetime, z datetime); insert into t values (1, '2024-03-31 02:30:00', '2024-03-31T02:30:00Z')")
        .rules("");
    case.tell(&format!("alter database \"{}\" set timezone = 'Asia/Kolkata'", case.ask_one("select current_database()")));
    let mut command = case.program.command(&["migrate", crate::program::text(&case.source), &case.database.url(), "--json"]);
    let ended = crate::program::ended(command.env("TZ", "Asia/Kolkata").output().unwrap());
    ended.expect(0);
    assert_eq!(case.type_of("t", "at"), "timestamp without time zone");
    assert_eq!(case.ask("select at, z at time zone 'UTC' from t"), ["2024-03-31 02:30:00|2024-03-31 02:30:00"]);
    crate::target::equal(&case.program, &case.source, &case.database);
}

#[test]
fn case_32_empty_texts_and_what_copy_means_by_null() {
    let case = Case::new(
        "case_32",
        r"create table t(a text, b text, primary key (a, b)); insert into t values ('', 'x'), ('\N', ''), ('\\N', 'NULL')",
    );
    case.moved();
    assert_eq!(case.ask("select count(*) from t where a is null or b is null"), ["0"]);
    assert_eq!(case.ask("select a from t order by a collate \"C\""), ["", r"\N", r"\\N"]);
}
