//! Tables of cases for everything but views, which the integration tests run on both databases.

use crate::catalog::{Affinity, Index, IndexOrigin, IndexPart, Trigger, View};
use crate::value::{Conversion, Epoch, Fraction, Offset, Separator, TextRules, TimeForm, TimestampForm, UuidForm};

use super::{CheckDdl, ColumnScope, ConflictClause, RelationKind, Scope, TableScope, Translator, read_table};

fn form(separator: Separator, fraction: Fraction, offset: Offset) -> TimestampForm {
    TimestampForm { separator, time: TimeForm { seconds: true, fraction }, offset }
}

/// A table whose last column is computed.
fn computed() -> TableScope {
    let mut columns = vec![
        ColumnScope::new("id", Conversion::IntegerToBigint, Affinity::Integer),
        ColumnScope::new("n", Conversion::IntegerToBigint, Affinity::Integer),
        ColumnScope::new("m", Conversion::IntegerToBigint, Affinity::Integer),
        ColumnScope::new("twice", Conversion::IntegerToBigint, Affinity::Integer),
    ];
    columns[0].rowid_alias = true;
    columns[1].not_null = true;
    columns[3].generated = true;
    let (source, target) = ("computed".to_owned(), "computed".to_owned());
    TableScope { source, schema: Some("app".to_owned()), target, columns, primary_key: vec!["id".to_owned()], kind: RelationKind::Table }
}

fn scope() -> Scope {
    let text = Conversion::TextToText(TextRules::default());
    let plain = form(Separator::Space, Fraction::None, Offset::Naive);
    let zulu = form(Separator::T, Fraction::Fixed(3), Offset::Z);
    let columns: Vec<ColumnScope> = [
        ("id", Conversion::IntegerToBigint, Affinity::Integer),
        ("n", Conversion::IntegerToBigint, Affinity::Integer),
        ("flag", Conversion::IntegerToBoolean, Affinity::Numeric),
        ("r", Conversion::RealToDouble, Affinity::Real),
        ("price", Conversion::NumberToDecimal { precision: 10, scale: 2 }, Affinity::Numeric),
        ("num", Conversion::NumberToNumeric, Affinity::Numeric),
        ("s", text, Affinity::Text),
        ("mail", text, Affinity::Text),
        ("ts", Conversion::TextToTimestamp(plain), Affinity::Numeric),
        ("tz", Conversion::TextToTimestamptz(zulu), Affinity::Numeric),
        ("d", Conversion::TextToDate, Affinity::Numeric),
        ("ms", Conversion::IntegerToTimestamptz(Epoch::Milliseconds), Affinity::Integer),
        ("u", Conversion::TextToUuid(UuidForm::Hyphenated), Affinity::Text),
        ("j", Conversion::TextToJson, Affinity::Text),
        ("b", Conversion::BlobToBytea, Affinity::Blob),
        ("any", Conversion::AnyToText(TextRules::default()), Affinity::Blob),
    ]
    .map(|(name, conversion, affinity)| ColumnScope::new(name, conversion, affinity))
    .into_iter()
    .map(|column| match column.source.as_str() {
        "id" => ColumnScope { rowid_alias: true, not_null: true, ..column },
        "mail" => ColumnScope { collation: "NOCASE".to_owned(), ..column },
        "n" => ColumnScope { target: "number".to_owned(), ..column },
        _ => column,
    })
    .collect();
    let mut scope = Scope::new();
    scope.add(computed());
    scope.add(TableScope {
        source: "Thing".to_owned(),
        schema: Some("app".to_owned()),
        target: "thing".to_owned(),
        columns,
        primary_key: vec!["id".to_owned()],
        kind: RelationKind::Table,
    });
    scope
}

#[test]
fn defaults_take_the_type_of_their_column() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    for (column, source, expected) in [
        ("n", "0", "0"),
        ("n", "'17'", "17"),
        ("n", "-1", "(-1)"),
        ("n", "0x10", "16"),
        ("n", "1_000", "1000"),
        ("n", "1+1", "(1::bigint + 1)"),
        ("n", "TRUE", "1"),
        ("n", "-9223372036854775808", "'-9223372036854775808'::bigint"),
        ("n", "strftime('%s','now')", "extract(epoch from date_trunc('second', (now() at time zone 'utc')))::bigint"),
        ("flag", "0", "false"),
        ("flag", "'1'", "true"),
        ("r", "1", "'1.0'::float8"),
        ("r", "'0.5'", "'0.5'::float8"),
        ("price", "'0.00'", "0"),
        ("price", "12.5", "12.5"),
        ("s", "NULL", "NULL"),
        ("s", "'NULL'", "'NULL'"),
        ("s", "\"it's\"", "'it''s'"),
        ("s", "word", "'word'"),
        ("s", "5", "'5'"),
        ("s", "CURRENT_TIMESTAMP", "to_char(date_trunc('second', (now() at time zone 'utc')), 'YYYY-MM-DD HH24:MI:SS')"),
        ("ts", "CURRENT_TIMESTAMP", "date_trunc('second', (now() at time zone 'utc'))"),
        ("ts", "'2024-01-01 00:00:00'", "'2024-01-01 00:00:00'"),
        ("tz", "datetime('now')", "(date_trunc('second', (now() at time zone 'utc')) at time zone 'UTC')"),
        ("tz", "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", "(date_trunc('milliseconds', (now() at time zone 'utc')) at time zone 'UTC')"),
        ("d", "CURRENT_DATE", "(now() at time zone 'utc')::date"),
        ("d", "'2024-02-29'", "'2024-02-29'"),
        ("ms", "0", "timestamptz '1970-01-01 00:00:00.000000+00'"),
        ("j", "'{}'", "'{}'"),
        ("b", "x'00FF'", "'\\x00ff'::bytea"),
        ("any", "'text'", "'text'"),
    ] {
        assert_eq!(translator.default("thing", column, source).as_deref(), Ok(expected), "{column} {source}");
    }
    let random = translator.default("thing", "s", "lower(hex(randomblob(16)))").unwrap();
    assert!(random.contains("gen_random_uuid()") && random.starts_with("lower("), "{random}");
}

#[test]
fn defaults_that_do_not_fit_are_refused() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    for (column, source) in [
        ("n", "'abc'"),
        ("n", "1.5"),
        ("flag", "2"),
        ("flag", "'yes'"),
        ("price", "0.125"),
        ("price", "123456789.5"),
        ("d", "CURRENT_TIMESTAMP"),
        ("d", "'2023-02-29'"),
        ("ts", "'2024-01-01T00:00:00'"),
        ("ts", "datetime('now','localtime')"),
        ("u", "'none'"),
        ("j", "'{'"),
        ("any", "'5'"),
        ("s", "last_insert_rowid()"),
        ("s", "'a"),
        ("missing", "1"),
    ] {
        assert!(translator.default("thing", column, source).is_err(), "{column} {source}");
    }
}

#[test]
fn checks_are_conditions_in_the_terms_of_the_target() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    for (source, expected) in [
        ("n >= 0", "(\"number\" >= 0)"),
        ("flag IN (0, 1)", "(\"flag\" IN (false, true))"),
        ("flag = 0 OR flag", "((NOT \"flag\") OR \"flag\")"),
        ("s IN ('a', \"c\")", "(\"s\" IN ('a', 'c'))"),
        ("length(s) < 10 AND s GLOB 'a*'", "((length(\"s\")::bigint < 10) AND (\"s\" LIKE 'a%' ESCAPE '\\'))"),
        ("mail = 'X'", "(lower(\"mail\" collate \"C\") = 'x')"),
        ("s LIKE 'A_%'", "(lower(\"s\" collate \"C\") LIKE 'a_%' ESCAPE '')"),
        ("ts > '2020-01-01 00:00:00'", "(\"ts\" > timestamp '2020-01-01 00:00:00')"),
        ("n IS NOT NULL", "(\"number\" IS NOT NULL)"),
        ("json_valid(j)", "(CASE WHEN \"j\" IS NOT NULL THEN true END)"),
        ("n > 0.5", "(\"number\" > 0.5)"),
        ("price >= 0", "(\"price\" >= 0)"),
        ("s > 5 AND n = s", "((\"s\" > '5') AND (\"number\"::numeric = outgrow_sqlite.comparable_text(\"s\")))"),
        ("n = r", "(\"number\"::numeric = outgrow_sqlite.comparable(\"r\"))"),
        ("s", "(outgrow_sqlite.real_of_text(\"s\") <> 0)"),
        (
            "price * n > 1",
            "(outgrow_sqlite.comparable_number(outgrow_sqlite.multiply(outgrow_sqlite.number_of_decimal(\"price\"), \"number\"::numeric)) > '1'::numeric)",
        ),
    ] {
        let check = CheckDdl { name: None, column: None, source: source.to_owned() };
        assert_eq!(translator.check("Thing", &check).as_deref(), Ok(expected), "{source}");
    }
    for source in ["any = 1", "any", "n IN (SELECT 1)", "regexp('a', s)", "n MATCH 'a'", "b -> '$'"] {
        let check = CheckDdl { name: None, column: None, source: source.to_owned() };
        assert!(translator.check("Thing", &check).is_err(), "{source}: {:?}", translator.check("Thing", &check));
    }
}

#[test]
fn generated_columns_must_be_immutable() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    assert_eq!(translator.generated("Thing", "s", "n || '-x'").as_deref(), Ok("(\"number\"::text || '-x'::text)"));
    assert_eq!(translator.generated("Thing", "n", "n * 2").as_deref(), Ok("(\"number\" * 2)"));
    assert_eq!(translator.generated("Thing", "d", "date(ts)").as_deref(), Ok("\"ts\"::date"));
    let year = translator.generated("Thing", "s", "strftime('%Y', ts) || ' to_char('");
    assert_eq!(year.as_deref(), Ok("(outgrow_sqlite.formatted(\"ts\", 'YYYY') || ' to_char('::text)"));
    assert!(translator.generated("Thing", "flag", "n").is_err());
}

#[test]
fn indexes_keep_order_collation_and_condition() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    let index = |sql: Option<&str>, parts: Vec<IndexPart>| Index {
        name: "i".to_owned(),
        sql: sql.map(str::to_owned),
        unique: true,
        origin: IndexOrigin::Created,
        partial: false,
        parts,
    };
    let made = index(Some("CREATE UNIQUE INDEX i ON thing(lower(s), n DESC, mail, ts) WHERE flag = 0"), Vec::new());
    let sql = translator.index(&made, "thing").unwrap();
    assert_eq!(sql.parts, ["(lower(\"s\" collate \"C\") collate \"C\")", "\"number\" DESC", "(lower(\"mail\" collate \"C\"))", "\"ts\""]);
    assert_eq!((sql.predicate.as_deref(), sql.unique, sql.plain), (Some("(NOT \"flag\")"), true, false));
    let part =
        |column: &str, collation: &str| IndexPart { column: Some(column.to_owned()), descending: false, collation: collation.to_owned() };
    let automatic = index(None, vec![part("n", "BINARY"), part("s", "BINARY")]);
    assert!(translator.index(&automatic, "thing").unwrap().plain);
    let nocase = index(None, vec![part("s", "NOCASE")]);
    assert_eq!(translator.index(&nocase, "thing").unwrap().parts, ["(lower(\"s\" collate \"C\"))"]);
    assert!(translator.index(&index(Some("CREATE INDEX i ON thing(date('now'))"), Vec::new()), "thing").is_err());
    let year = translator.index(&index(Some("CREATE INDEX i ON thing(strftime('%Y', ts))"), Vec::new()), "thing").unwrap();
    assert_eq!(year.parts, ["(outgrow_sqlite.formatted(\"ts\", 'YYYY') collate \"C\")"]);
}

#[test]
fn tables_are_read() {
    let table = read_table(
        "CREATE TABLE \"a b\" (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, e TEXT COLLATE NOCASE CHECK(e <> '') DEFAULT (lower('A')), \
         g INT AS (id * 2) STORED, x INT NOT NULL ON CONFLICT IGNORE, CONSTRAINT c CHECK ( x > 0 ), UNIQUE (e, \"x\") ON CONFLICT FAIL) STRICT",
    )
    .unwrap();
    assert_eq!(table.name, "a b");
    assert!(table.strict && !table.without_rowid);
    let checks: Vec<_> = table.checks.iter().map(|check| (check.name.as_deref(), check.column.as_deref(), check.source.as_str())).collect();
    assert_eq!(checks, [(None, Some("e"), "e <> ''"), (Some("c"), None, "x > 0")]);
    let uniques: Vec<_> = table.uniques.iter().map(|unique| (unique.primary, unique.columns.join(","), unique.conflict)).collect();
    assert_eq!(uniques, [(true, "id".to_owned(), Some(ConflictClause::Replace)), (false, "e,x".to_owned(), Some(ConflictClause::Fail))]);
    assert_eq!(table.columns[1].collation.as_deref(), Some("NOCASE"));
    assert_eq!(table.columns[2].generated.as_ref().map(|generated| generated.source.as_str()), Some("id * 2"));
    assert_eq!(table.columns[3].not_null_conflict, Some(ConflictClause::Ignore));
    assert!(read_table("CREATE INDEX i ON t(a)").is_err());
}

#[test]
fn triggers_become_functions() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    let trigger = |sql: &str| translator.trigger(&Trigger { name: "tr".to_owned(), table: "Thing".to_owned(), sql: sql.to_owned() });
    let sql = trigger(
        "CREATE TRIGGER tr AFTER UPDATE OF s, n ON thing WHEN new.s <> old.s BEGIN \
         UPDATE thing SET flag = CASE WHEN new.n > 3 THEN 1 ELSE 0 END WHERE thing.rowid = new.id; END",
    )
    .unwrap();
    assert!(sql.function.contains(
        "IF (NEW.\"s\" <> OLD.\"s\") THEN\n    PERFORM set_config('outgrow.trigger_tr', 'on', true);\n    UPDATE \"app\".\"thing\" SET \"flag\" = \
         ((CASE WHEN (NEW.\"number\" > 3) THEN 1::bigint ELSE 0::bigint END) <> 0) WHERE (\"thing\".\"id\" = NEW.\"id\");"
    ));
    assert_eq!(
        sql.trigger,
        "CREATE TRIGGER \"tr\" AFTER UPDATE OF \"s\", \"number\" ON \"app\".\"thing\" FOR EACH ROW EXECUTE FUNCTION \"app\".\"tr\"()"
    );
    assert_eq!(sql.writes.into_iter().collect::<Vec<_>>(), ["Thing"]);
    for refused in [
        "CREATE TRIGGER tr AFTER DELETE ON thing BEGIN DELETE FROM thing WHERE n NOT IN (SELECT n FROM thing); END",
        "CREATE TRIGGER tr AFTER INSERT ON thing BEGIN INSERT OR REPLACE INTO thing(id) VALUES (1); END",
        "CREATE TRIGGER tr AFTER INSERT ON thing BEGIN SELECT notify(new.id); END",
        "CREATE TRIGGER tr AFTER INSERT ON thing BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER tr BEFORE INSERT ON thing BEGIN SELECT RAISE(ABORT, 'no') WHERE new.id > 5; END",
        "CREATE TRIGGER tr BEFORE UPDATE ON thing BEGIN UPDATE thing SET n = 1; END",
        "CREATE TRIGGER tr BEFORE INSERT ON thing BEGIN INSERT INTO thing(n) VALUES (1); END",
        "CREATE TRIGGER tr AFTER INSERT ON thing BEGIN UPDATE thing SET flag = new.n WHERE id = new.id; END",
        "CREATE TRIGGER tr AFTER INSERT ON thing BEGIN INSERT INTO search(body) VALUES (new.s); END",
        "CREATE TRIGGER tr INSTEAD OF INSERT ON thing BEGIN SELECT 1; END",
    ] {
        assert!(trigger(refused).is_err(), "{refused}");
    }
}

#[test]
fn an_after_trigger_reads_its_own_table_by_one_key_only() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    let trigger = |sql: &str| Trigger { name: "tr".to_owned(), table: "Thing".to_owned(), sql: sql.to_owned() };
    let count = "(SELECT count(*) FROM thing t WHERE t.n = new.n)";
    for (event, taken) in [
        (format!("INSERT ON thing BEGIN UPDATE computed SET m = {count} WHERE id = new.n"), true),
        (
            "DELETE ON thing BEGIN DELETE FROM computed WHERE id = old.n AND NOT EXISTS (SELECT 1 FROM thing WHERE n = old.n)".to_owned(),
            true,
        ),
        (format!("INSERT ON thing BEGIN UPDATE computed SET m = m + {count} WHERE id = new.n"), false),
        (format!("INSERT ON thing BEGIN UPDATE computed SET m = {count} WHERE id = new.n AND m < 9"), false),
        (format!("INSERT ON thing BEGIN UPDATE computed SET m = {count} WHERE id = new.id"), false),
        (format!("INSERT ON thing WHEN new.n > 1 BEGIN UPDATE computed SET m = {count} WHERE id = new.n"), true),
        (format!("INSERT ON thing WHEN new.id > 1 BEGIN UPDATE computed SET m = {count} WHERE id = new.n"), false),
        ("INSERT ON thing BEGIN DELETE FROM computed WHERE id = new.n AND EXISTS (SELECT 1 FROM thing WHERE n = new.n)".to_owned(), false),
        (
            "DELETE ON thing BEGIN DELETE FROM computed WHERE id = old.n AND m > (SELECT count(*) FROM thing WHERE n = old.n)".to_owned(),
            false,
        ),
        ("DELETE ON thing BEGIN UPDATE computed SET m = 1 FROM thing t WHERE t.n = old.n AND computed.id = old.n".to_owned(), false),
        ("DELETE ON thing BEGIN DELETE FROM computed WHERE NOT EXISTS (SELECT 1 FROM thing WHERE n = old.n GROUP BY n)".to_owned(), false),
        (format!("INSERT ON thing BEGIN INSERT INTO computed(n, m) VALUES (new.n, {count})"), false),
        (format!("UPDATE ON thing BEGIN UPDATE computed SET m = {count} WHERE id = new.n"), false),
        ("INSERT ON thing BEGIN UPDATE computed SET m = (SELECT count(*) FROM thing) WHERE id = new.n".to_owned(), false),
        ("INSERT ON thing BEGIN UPDATE computed SET m = (SELECT count(*) FROM thing WHERE n <= new.n) WHERE id = new.n".to_owned(), false),
        (
            "INSERT ON thing BEGIN UPDATE computed SET m = (SELECT max(id) FROM thing WHERE mail = new.mail) WHERE new.mail = 'a'"
                .to_owned(),
            false,
        ),
        (format!("INSERT ON thing BEGIN UPDATE computed SET m = {count} WHERE id = new.n; DELETE FROM computed WHERE m = 3"), false),
        ("INSERT ON thing BEGIN UPDATE thing SET n = 1 WHERE n = new.n".to_owned(), false),
        ("INSERT ON thing BEGIN INSERT INTO thing(n) VALUES (new.n)".to_owned(), false),
    ] {
        let trigger = trigger(&format!("CREATE TRIGGER tr AFTER {event}; END"));
        let made = translator.trigger(&trigger);
        assert_eq!(made.is_ok(), taken, "{event}: {made:?}");
        let single = translator.for_single_rows().trigger(&trigger).unwrap_or_else(|why| panic!("{event}: {why}"));
        assert_eq!(single.single_row.is_none(), taken, "{event}");
        assert_eq!(single.ahead.contains("computed"), taken, "{event}");
    }
}

#[test]
fn a_before_trigger_does_not_see_what_the_server_computes_later() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    let trigger = |head: &str, column: &str| {
        let sql = format!("CREATE TRIGGER tr {head} ON computed WHEN {column} > 5 BEGIN SELECT RAISE(ABORT, 'no'); END");
        translator.trigger(&Trigger { name: "tr".to_owned(), table: "computed".to_owned(), sql })
    };
    assert!(trigger("BEFORE INSERT", "new.twice").is_err());
    assert!(trigger("BEFORE UPDATE", "new.twice").is_err());
    for (head, column) in [("BEFORE UPDATE", "old.twice"), ("BEFORE DELETE", "old.twice"), ("AFTER INSERT", "new.twice")] {
        assert!(trigger(head, column).is_ok(), "{head} {column}");
    }
    assert!(trigger("BEFORE INSERT", "new.n").is_ok());
}

#[test]
fn a_trigger_leaves_a_number_that_is_null_to_the_identity() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    let inserting = |values: &str| {
        let sql = format!("CREATE TRIGGER tr AFTER INSERT ON thing BEGIN INSERT INTO computed {values}; END");
        translator.trigger(&Trigger { name: "tr".to_owned(), table: "Thing".to_owned(), sql }).map(|made| made.function)
    };
    for (values, expected) in [
        ("VALUES (NULL, new.n, 1)", "INSERT INTO \"app\".\"computed\" (\"n\", \"m\") SELECT NEW.\"number\" AS"),
        ("(rowid, n) VALUES (NULL, 1), (NULL, 2)", "(\"n\") SELECT 1 AS"),
        ("(m, id, n) SELECT n, NULL, 1 FROM computed WHERE n > 3", "(\"m\", \"n\") SELECT"),
        ("VALUES (new.id, 2, 3)", "(\"id\", \"n\", \"m\") SELECT NEW.\"id\""),
        ("VALUES (new.id + 7, 2, 3)", "(\"id\", \"n\", \"m\") SELECT"),
        ("VALUES (coalesce(new.n, 7), 2, 3)", "(\"id\", \"n\", \"m\") SELECT coalesce("),
        ("SELECT c.n, 1, 2 FROM computed c", "(\"id\", \"n\", \"m\") SELECT"),
    ] {
        let function = inserting(values).unwrap_or_else(|why| panic!("{values}: {why}"));
        assert!(function.contains(expected), "{values}: {function}");
    }
    for refused in [
        "VALUES (new.n, 2, 3)",
        "VALUES (NULL, 2, 3), (7, 2, 3)",
        "(id) VALUES (NULL)",
        "SELECT m, 1, 2 FROM computed",
        "SELECT max(id), 1, 2 FROM computed",
        "SELECT b.id, 1, 2 FROM thing a LEFT JOIN computed b ON b.id = a.id",
        "SELECT a.id, 1, 2 FROM thing a RIGHT JOIN computed b ON b.id = a.id",
        "VALUES (CASE WHEN new.n > 3 THEN 5 END, 2, 3)",
    ] {
        assert!(inserting(refused).is_err(), "{refused}: {:?}", inserting(refused));
    }
}

#[test]
fn views_that_can_not_be_exact_are_refused() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    for select in [
        "SELECT s, count(*) FROM thing GROUP BY n",
        "SELECT s, max(n), min(n) FROM thing",
        "SELECT s, max(n) FILTER (WHERE flag) FROM thing",
        "SELECT mail, count(*) FROM thing GROUP BY mail",
        "SELECT random() FROM thing",
        "SELECT id FROM thing LIMIT n",
        "SELECT e.id FROM thing a, json_each(a.j) e",
        "SELECT * FROM thing a, json_tree(a.s)",
        "SELECT json_extract(b, '$.a') AS a FROM thing",
        "SELECT json_extract(j, '$.a') AS a, count(*) FROM thing GROUP BY 1",
        "SELECT json_array((SELECT json_array(s))) AS x FROM thing",
        "SELECT json_array(coalesce(json(s), s)) AS x FROM thing",
        "SELECT json_array(max(json(s), json(s))) AS x FROM thing",
        "SELECT json_array(CAST(json_extract(s, '$.a') AS TEXT)) AS x FROM thing",
        "SELECT x = 1 AS y FROM (SELECT json_extract(s, '$.a') AS x FROM thing)",
        "SELECT json_object(n, 1) AS x FROM thing",
        "SELECT json_extract(any, '$.a') AS x FROM thing",
        "SELECT jsonb(s) FROM thing",
        "SELECT missing FROM thing",
        "SELECT id FROM nowhere",
        "SELECT id, id FROM thing",
        "SELECT n FROM thing UNION SELECT s FROM thing",
    ] {
        let view = View { name: "v".to_owned(), sql: format!("CREATE VIEW v AS {select}"), columns: Vec::new() };
        assert!(translator.view(&view).is_err(), "{select}: {:?}", translator.view(&view));
    }
}

#[test]
fn texts_of_queries_are_ordered_whatever_the_database_collates_by() {
    let scope = scope();
    let sql = "CREATE VIEW v AS SELECT x FROM (SELECT typeof(n) AS x FROM thing) WHERE x > 'a' ORDER BY x";
    let view = View { name: "v".to_owned(), sql: sql.to_owned(), columns: Vec::new() };
    let select = Translator::new(&scope, 15).view(&view).unwrap().select;
    assert_eq!(select.matches("collate \"C\"").count(), 2, "{select}");
}

#[test]
fn a_generated_column_with_digits_of_the_library_is_computed_by_a_trigger() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    for (source, by_the_library) in
        [("sin(n)", true), ("pow(n, 2) + 1", true), ("atan2(n, 1)", true), ("sqrt(n)", false), ("n / 2.0", false)]
    {
        assert_eq!(translator.generated("thing", "r", source).is_err(), by_the_library, "{source}");
        assert!(translator.generated_by_trigger("thing", "r", source).is_ok(), "{source}");
    }
}

/// A generator of numbers that needs no crate: the cases are the same in each run.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

#[test]
fn no_text_makes_it_panic() {
    let scope = scope();
    let translator = Translator::new(&scope, 15);
    let seeds = [
        "CREATE TABLE t (a INT DEFAULT (1 + 1) CHECK (a > 0), b AS (a || 'x') STORED, PRIMARY KEY (a, b DESC)) WITHOUT ROWID",
        "CREATE VIEW v AS WITH c AS (SELECT id, s FROM thing) SELECT s, count(*) AS k FROM c LEFT JOIN thing USING (id) WHERE flag GROUP BY 1 ORDER BY 2 LIMIT 3",
        "CREATE TRIGGER tr AFTER UPDATE OF s ON thing WHEN new.n IN (1, 0x2, 3e1) BEGIN UPDATE thing SET s = 'a' || new.n WHERE id = old.id; END",
        "CREATE INDEX i ON thing(lower(s) COLLATE NOCASE DESC, strftime('%Y-%m', ts, '+1 day')) WHERE s GLOB '[a-z]*' AND flag",
    ];
    let pieces = [
        "'",
        "\"",
        "(",
        ")",
        "%",
        "[",
        "]",
        "-",
        ";",
        "NULL",
        "new.",
        "0x",
        "é",
        "\0",
        "/*",
        "--",
        "SELECT",
        "9223372036854775808",
        "X'0'",
        ".",
    ];
    let mut state = 7;
    for round in 0..20_000 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..=next(&mut state) % 4 {
            let at = next(&mut state) % text.len();
            match next(&mut state) % 3 {
                0 => drop(text.remove(at)),
                1 => text.splice(at..at, pieces[next(&mut state) % pieces.len()].chars()).for_each(drop),
                _ => text[at] = text[next(&mut state) % text.len()],
            }
        }
        let sql: String = text.into_iter().collect();
        let name = String::from("x");
        let results = [
            read_table(&sql).is_ok(),
            translator.view(&View { name: name.clone(), sql: sql.clone(), columns: Vec::new() }).is_ok(),
            translator.trigger(&Trigger { name, table: "thing".to_owned(), sql: sql.clone() }).is_ok(),
            translator.default("thing", "s", &sql).is_ok(),
        ];
        assert!(results.iter().filter(|result| **result).count() <= 2, "one text, several statements: {sql}");
    }
}
