//! The dialect against both databases: what is translated gives on PostgreSQL what it gave on SQLite.

use outgrow::catalog::{Affinity, Index, IndexOrigin, Trigger, View};
use outgrow::dialect::{CheckDdl, ColumnScope, RelationKind, Scope, TableScope, Translator};
use outgrow::value::{Conversion, Epoch, Fraction, Offset, Separator, TextRules, TimeForm, TimestampForm, UuidForm};
use rusqlite::types::ValueRef;
use tokio_postgres::SimpleQueryMessage;

use crate::fixture::Database;

const PLAIN: TimestampForm =
    TimestampForm { separator: Separator::Space, time: TimeForm { seconds: true, fraction: Fraction::None }, offset: Offset::Naive };

fn column(name: &str, conversion: Conversion, affinity: Affinity) -> ColumnScope {
    ColumnScope::new(name, conversion, affinity)
}

fn text() -> Conversion {
    Conversion::TextToText(TextRules::default())
}

fn items() -> TableScope {
    let mut columns = vec![
        column("id", Conversion::IntegerToBigint, Affinity::Integer),
        column("i", Conversion::IntegerToBigint, Affinity::Integer),
        column("j", Conversion::IntegerToBigint, Affinity::Integer),
        column("r", Conversion::RealToDouble, Affinity::Real),
        column("s", text(), Affinity::Text),
        column("n", text(), Affinity::Text),
        column("flag", Conversion::IntegerToBoolean, Affinity::Numeric),
        column("dt", Conversion::TextToTimestamp(PLAIN), Affinity::Numeric),
        column("d", Conversion::TextToDate, Affinity::Numeric),
        column("b", Conversion::BlobToBytea, Affinity::Blob),
    ];
    columns[0].rowid_alias = true;
    "NOCASE".clone_into(&mut columns[5].collation);
    TableScope {
        source: "items".to_owned(),
        schema: Some("public".to_owned()),
        target: "items".to_owned(),
        columns,
        primary_key: vec!["id".to_owned()],
        kind: RelationKind::Table,
    }
}

const SOURCE: &str = "create table items (id integer primary key, i integer, j int, r real, s text, n text collate nocase, \
     flag boolean, dt datetime, d date, b blob)";
const TARGET: &str = "create table items (id bigint primary key, i bigint, j bigint, r float8, s text collate \"C\", \
     n text collate \"C\", flag boolean, dt timestamp, d date, b bytea)";

/// Rows as SQLite takes them; PostgreSQL differs in booleans and blobs only.
const ROWS: &[&str] = &[
    "1, 5, 2, 1.5, 'abc', 'Abc', @1, '2024-02-29 23:59:58', '2024-02-29', #00ff#",
    "2, -7, 2, -0.25, 'ABC', 'abc', @0, '1969-12-31 00:00:00', '1969-12-31', ##",
    "3, 0, -3, 0.0, '', 'É', NULL, NULL, NULL, NULL",
    "4, NULL, NULL, NULL, NULL, NULL, @1, '2001-01-01 12:30:00', '2001-01-01', #61#",
    "5, 9007199254740993, 1, 1e300, 'a%b_c\\d', 'zß', @0, '9999-12-31 23:59:59', '9999-12-31', #00#",
    "6, 42, 0, 3.0, '  x ', 'é', @1, '2024-03-01 00:00:00', '2024-03-01', #ffff#",
    "7, 3, 3, 2.5, '12', 'b''q', @0, '2024-03-10 00:00:00', '2023-01-01', #0a#",
];

fn source_row(row: &str) -> String {
    let row = row.replace('@', "");
    let mut parts = row.split('#');
    let mut out = parts.next().unwrap().to_owned();
    if let (Some(hex), Some(rest)) = (parts.next(), parts.next()) {
        out = format!("{out}x'{hex}'{rest}");
    }
    out
}

fn target_row(row: &str) -> String {
    let row = row.replace("@1", "true").replace("@0", "false");
    let mut parts = row.split('#');
    let mut out = parts.next().unwrap().to_owned();
    if let (Some(hex), Some(rest)) = (parts.next(), parts.next()) {
        out = format!("{out}'\\x{hex}'{rest}");
    }
    out
}

/// A cell of either side in one spelling.
fn source_cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(value) => value.to_string(),
        ValueRef::Real(value) => format!("{value:?}"),
        ValueRef::Text(bytes) => format!("'{}", std::str::from_utf8(bytes).unwrap()),
        ValueRef::Blob(bytes) => format!("\\x{}", bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))),
    }
}

fn target_cell(text: Option<&str>, pg_type: &str) -> String {
    match (text, pg_type) {
        (None, _) => "null".to_owned(),
        (Some(text), "double precision") => format!("{:?}", text.parse::<f64>().unwrap()),
        (Some("t"), "boolean") => "1".to_owned(),
        (Some("f"), "boolean") => "0".to_owned(),
        (Some(text), "text" | "timestamp without time zone" | "date" | "time without time zone") => format!("'{text}"),
        (Some(text), _) => text.to_owned(),
    }
}

struct Both {
    source: rusqlite::Connection,
    session: outgrow::postgres::Session,
    scope: Scope,
}

impl Both {
    async fn new(database: &Database) -> Self {
        let source = rusqlite::Connection::open_in_memory().unwrap();
        let session = database.session().await;
        source.execute_batch(SOURCE).unwrap();
        session.client().batch_execute(TARGET).await.unwrap();
        for row in ROWS {
            source.execute_batch(&format!("insert into items values ({})", source_row(row))).unwrap();
            session.client().batch_execute(&format!("insert into items values ({})", target_row(row))).await.unwrap();
        }
        let mut scope = Scope::new();
        scope.add(items());
        Self { source, session, scope }
    }

    /// Both results of a query, or none if it is not translated; rows in one order.
    async fn run(&self, select: &str) -> Option<(Vec<String>, Vec<String>, String)> {
        let view = View { name: "v".to_owned(), sql: format!("create view v as {select}"), columns: Vec::new() };
        let translated = Translator::new(&self.scope, 15).view(&view).ok()?;
        let mut statement = self.source.prepare(select).unwrap_or_else(|error| panic!("{select}: {error}"));
        let count = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut expected = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            // A column of integers and reals is one of doubles: 5 and 5.0 are one number there.
            let cell = |at: usize| match (row.get_ref(at).unwrap(), translated.columns[at].conversion) {
                (ValueRef::Integer(value), Some(Conversion::NumberToDouble)) => format!("{value}.0"),
                (value, _) => source_cell(value),
            };
            expected.push((0..count).map(cell).collect::<Vec<_>>().join("|"));
        }
        let client = self.session.client();
        let failed = |error: &tokio_postgres::Error| {
            vec![format!("refused by the server: {:?}", error.as_db_error().map(tokio_postgres::error::DbError::message))]
        };
        let create = format!("create temp view checked as {}", translated.select);
        if let Err(error) = client.batch_execute(&create).await {
            return Some((expected, failed(&error), translated.select));
        }
        let types = client
            .query(
                "select format_type(atttypid, null) from pg_attribute where attrelid = 'checked'::regclass and attnum > 0 order by attnum",
                &[],
            )
            .await
            .unwrap();
        let types: Vec<String> = types.iter().map(|row| row.get(0)).collect();
        let declared: Vec<String> = translated.columns.iter().map(|column| column.pg_type.to_string()).collect();
        let plain = |name: &String| name.replace(" without time zone", "").replace("timestamp with time zone", "timestamptz");
        if types.iter().map(plain).collect::<Vec<_>>() != declared {
            client.batch_execute("drop view checked").await.unwrap();
            return Some((expected, vec![format!("types {types:?} instead of {declared:?}")], translated.select));
        }
        let messages = match client.simple_query("select * from checked").await {
            Ok(messages) => messages,
            Err(error) => {
                client.batch_execute("drop view checked").await.unwrap();
                return Some((expected, failed(&error), translated.select));
            }
        };
        let mut found = Vec::new();
        for message in messages {
            if let SimpleQueryMessage::Row(row) = message {
                found.push((0..row.len()).map(|at| target_cell(row.get(at), &types[at])).collect::<Vec<_>>().join("|"));
            }
        }
        client.batch_execute("drop view checked").await.unwrap();
        Some((expected, found, translated.select))
    }
}

const OPERANDS: &[&str] = &[
    "i",
    "j",
    "r",
    "s",
    "n",
    "flag",
    "dt",
    "d",
    "b",
    "5",
    "0",
    "1",
    "-3",
    "2.5",
    "'abc'",
    "'5'",
    "''",
    "'2024-03-01'",
    "NULL",
    "x'00'",
    "(i > 2)",
    "dt || ''",
];

const OPERATORS: &[&str] =
    &["+", "-", "*", "/", "%", "||", "=", "<>", "<", ">=", "IS", "IS NOT", "AND", "OR", "&", "|", "<<", ">>", "LIKE", "GLOB", "NOT LIKE"];

const FUNCTIONS: &[&str] =
    &["abs", "length", "lower", "upper", "trim", "ltrim", "rtrim", "hex", "typeof", "unicode", "date", "datetime", "time", "round"];

/// Expressions of one operand.
const UNARY: &[&str] = &[
    "substr({}, 2)",
    "substr({}, 1, 2)",
    "substr({}, -2)",
    "- {}",
    "~ {}",
    "NOT {}",
    "+{}",
    "{} IS NULL",
    "{} NOTNULL",
    "{} IS TRUE",
    "{} IS NOT FALSE",
    "CAST({} AS TEXT)",
    "CAST({} AS INTEGER)",
    "CAST({} AS REAL)",
    "{} COLLATE NOCASE = 'ABC'",
    "{} COLLATE RTRIM = 'abc  '",
    "{} GLOB '*[a-c]?'",
    "{} GLOB '[^a]*'",
    "{} LIKE 'A^%%' ESCAPE '^'",
    "trim({}, 'ac')",
    "strftime('%Y', {})",
    "strftime('%s', {})",
    "strftime('%Y-%m', {})",
    "strftime('%H:%M %j %w', {})",
    "strftime('%w', {})",
    "strftime('%d.%m.%Y %H:%M:%S', {})",
    "unixepoch({})",
    "julianday({})",
    "date({}, '+1 day')",
    "date({}, 'start of month')",
    "datetime({}, '-90 minutes')",
    "(SELECT {})",
    "EXISTS (SELECT 1 FROM items q WHERE q.i = {})",
];

/// Expressions of two operands.
const BINARY: &[&str] = &[
    "coalesce(<, >)",
    "nullif(<, >)",
    "CASE WHEN < THEN > END",
    "CASE < WHEN > THEN 1 ELSE 0 END",
    "< IN (>, 1)",
    "< NOT IN (>)",
    "< BETWEEN > AND 42",
    "< IN (SELECT > FROM items)",
    "max(<, >)",
    "instr(<, >)",
    "replace(<, >, 'q')",
];

/// Expressions made of columns, literals, operators and functions.
fn expressions() -> Vec<String> {
    let mut all = Vec::new();
    for left in OPERANDS {
        for right in OPERANDS {
            all.extend(OPERATORS.iter().map(|operator| format!("{left} {operator} {right}")));
            // The marks go through letters, as operands have comparison signs of their own.
            all.extend(BINARY.iter().map(|form| form.replace('<', "LEFT").replace('>', right).replace("LEFT", left)));
        }
        all.extend(FUNCTIONS.iter().map(|function| format!("{function}({left})")));
        all.extend(UNARY.iter().map(|form| form.replace("{}", left)));
    }
    all
}

#[tokio::test]
async fn what_is_translated_gives_the_same_on_both_sides() {
    let database = Database::new("dialect_expressions");
    let both = Both::new(&database).await;
    let (mut translated, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for expression in expressions() {
        let overflows = expression.contains('*') && !expression.contains("GLOB");
        let filter = if overflows || expression.contains("<<") { " where id <> 5" } else { "" };
        let select = format!("SELECT id, {expression} AS x FROM items{filter}");
        match both.run(&select).await {
            None => refused += 1,
            Some((mut expected, mut found, sql)) => {
                translated += 1;
                expected.sort();
                found.sort();
                if expected != found {
                    wrong.push(format!("{expression}\n  {sql}\n  {expected:?}\n  {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(translated > 2000, "{translated} translated, {refused} refused");
}

/// Texts that keep the collation of a column, lose it, or take that of a COLLATE operator within.
const COLLATED: &[&str] = &[
    "n",
    "+n",
    "(n)",
    "CAST(n AS TEXT)",
    "likely(n)",
    "unlikely(n)",
    "coalesce(n, '')",
    "ifnull(n, s)",
    "nullif(n, 'q')",
    "iif(id > 0, n, '')",
    "CASE WHEN id > 0 THEN n END",
    "CASE WHEN s COLLATE NOCASE = 'abc' THEN n ELSE s END",
    "(SELECT n)",
    "(SELECT q.n FROM items q WHERE q.id = items.id)",
    "(SELECT n COLLATE NOCASE)",
    "n || ''",
    "s COLLATE NOCASE",
    "likely(s COLLATE NOCASE)",
    "coalesce(s, n COLLATE NOCASE)",
    "CAST(s COLLATE NOCASE AS TEXT)",
    "(s COLLATE NOCASE) || ''",
    "substr(s COLLATE NOCASE, 1)",
    "lower(s) COLLATE RTRIM",
];

#[tokio::test]
async fn collations_go_as_far_as_in_sqlite() {
    let database = Database::new("dialect_collations");
    let both = Both::new(&database).await;
    let mut wrong = Vec::new();
    let mut translated = 0;
    for text in COLLATED {
        for form in [
            "SELECT id, {} = 'aBC' AS x FROM items",
            "SELECT id, 'aBC' <> {} AS x FROM items",
            "SELECT id, {} IS 'aBC' AS x FROM items",
            "SELECT id, {} < 'AZ' AS x FROM items",
            "SELECT id, {} BETWEEN 'aBA' AND 'aBD' AS x FROM items",
            "SELECT id, {} IN ('aBC', 'q') AS x FROM items",
            "SELECT id, 'aBC' IN ({}, 'q') AS x FROM items",
            "SELECT id, 'aBC' IN ({}) AS x FROM items",
            "SELECT id, {} IN ('aBC' COLLATE NOCASE) AS x FROM items",
            "SELECT id, 'aBC' IN (SELECT {}) AS x FROM items",
            "SELECT id, s = {} AS x FROM items",
            "SELECT id, {} = s AS x FROM items",
            "SELECT id, CASE {} WHEN 'aBC' THEN 1 ELSE 0 END AS x FROM items",
            "SELECT id, nullif({}, 'aBC') IS NULL AS x FROM items",
            "SELECT id, x = 'aBC' AS y FROM (SELECT id, {} AS x FROM items)",
            "SELECT count(DISTINCT {}) AS x FROM items",
        ] {
            let select = form.replace("{}", text);
            let Some((mut expected, mut found, sql)) = both.run(&select).await else { continue };
            translated += 1;
            expected.sort();
            found.sort();
            if expected != found {
                wrong.push(format!("{select}\n  {sql}\n  {expected:?}\n  {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(translated > 280, "{translated} translated");
}

#[tokio::test]
async fn queries_give_the_same_rows_in_the_same_order() {
    let database = Database::new("dialect_queries");
    let both = Both::new(&database).await;
    for select in [
        "SELECT * FROM items ORDER BY i DESC, id",
        "SELECT id, s FROM items ORDER BY s, 1",
        "SELECT id, n FROM items ORDER BY n DESC, id LIMIT 2, 3",
        "SELECT id AS k, flag FROM items WHERE flag AND k > 1 ORDER BY k",
        "SELECT flag, count(*) AS c, count(i) AS ci, sum(j) AS sj, max(dt) AS m, min(s) AS ms, total(r) AS t FROM items GROUP BY flag ORDER BY flag",
        "SELECT flag = 1 AS f, avg(j) AS a FROM items GROUP BY 1 ORDER BY 1",
        "SELECT s, i, count(*) AS c FROM items GROUP BY id ORDER BY id",
        "SELECT count(DISTINCT n) AS c, max(flag) AS m, min(i) AS i FROM items",
        "SELECT group_concat(s, \"|\") AS g FROM (SELECT s FROM items WHERE id = 1)",
        "SELECT a.id, b.id AS other FROM items a LEFT JOIN items b ON b.i = a.j ORDER BY a.id, b.id",
        "SELECT a.id FROM items a, items b JOIN items c ON c.id = b.id WHERE a.id = b.id ORDER BY 1",
        "SELECT id FROM items a NATURAL JOIN (SELECT id, s FROM items WHERE s <> '') ORDER BY id",
        "SELECT a.id, b.j, c.j AS k FROM items a JOIN items b ON b.id = a.id JOIN items c USING (id) ORDER BY a.id",
        "SELECT group_concat(a.s) AS g FROM items a JOIN items b ON a.rowid = b.rowid WHERE b.id = 2",
        "SELECT i FROM items UNION SELECT j FROM items ORDER BY 1 DESC",
        "SELECT flag FROM items UNION ALL SELECT i > 3 FROM items ORDER BY 1",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5) SELECT x FROM c ORDER BY x",
        "SELECT DISTINCT d FROM items WHERE d > '1990-01-01' ORDER BY d",
        "SELECT id FROM items WHERE dt BETWEEN '2001-01-01 12:30:00' AND '2024-03-01 00:00:00' ORDER BY dt",
        "SELECT id FROM items WHERE dt < '2024-03' ORDER BY rowid",
        "SELECT id, row_number() OVER (PARTITION BY flag ORDER BY i DESC) AS k FROM items ORDER BY id",
        "SELECT id, (SELECT max(q.i) FROM items q WHERE q.j = items.j) AS m FROM items ORDER BY id",
        "SELECT s, sum(i) AS t FROM items WHERE id <> 5 GROUP BY s HAVING sum(i) > 0 ORDER BY s",
        "VALUES (1, 'a'), (2, 'b')",
    ] {
        let result = both.run(select).await;
        let (expected, found, sql) = result.unwrap_or_else(|| panic!("not translated: {select}"));
        assert_eq!(expected, found, "{select}\n{sql}");
    }
}

/// The whole table on both sides.
async fn rows_of(both: &Both) -> (Vec<String>, Vec<String>) {
    let (expected, found, _) = both.run("SELECT * FROM items ORDER BY id").await.unwrap();
    (expected, found)
}

#[tokio::test]
async fn triggers_do_the_same_to_both_sides() {
    let database = Database::new("dialect_triggers");
    let both = Both::new(&database).await;
    for sql in [
        "create trigger touched after update of s on items when new.s is not old.s begin \
           update items set flag = (case when new.s = 'x' then 1 else 0 end), j = j + 1 where items.id = new.id; end",
        "create trigger no_negative before insert on items begin \
           select raise(abort, 'no negative i') where new.i < 0; \
           select case when new.j = 13 then raise(abort, 'unlucky') end; end",
        "create trigger echo after insert on items when new.i = 100 begin \
           insert into items (i, s, flag, dt) values (101, 'echo ' || new.id, not new.flag, datetime('now', 'start of year')); \
           delete from items where rowid = new.rowid and new.s = 'gone'; end",
    ] {
        both.source.execute_batch(sql).unwrap();
        let name = sql.split(' ').nth(2).unwrap().to_owned();
        let trigger = Trigger { name, table: "items".to_owned(), sql: sql.to_owned() };
        let translated = Translator::new(&both.scope, 15).trigger(&trigger).unwrap_or_else(|why| panic!("{sql}: {why}"));
        both.session.client().batch_execute(&format!("{};\n{}", translated.function, translated.trigger)).await.unwrap();
    }
    both.session.client().batch_execute("create sequence k start 8; alter table items alter id set default nextval('k')").await.unwrap();
    for statement in [
        "update items set s = 'x' where id < 3",
        "insert into items (i, s, flag) values (100, 'first', @1)",
        "insert into items (i, s, flag) values (100, 'gone', @0)",
        "update items set s = s, r = 1.25",
        "insert into items (i) values (-1)",
        "insert into items (j) values (13)",
    ] {
        let source = both.source.execute_batch(&statement.replace('@', ""));
        let target = both.session.client().batch_execute(&statement.replace("@1", "true").replace("@0", "false")).await;
        assert_eq!(source.is_ok(), target.is_ok(), "{statement}: {source:?} {target:?}");
        let (expected, found) = rows_of(&both).await;
        assert_eq!(expected, found, "{statement}");
    }
}

#[tokio::test]
async fn the_server_takes_what_is_made_for_a_table() {
    let database = Database::new("dialect_objects");
    let session = database.session().await;
    let mut scope = Scope::new();
    let mut table = items();
    table.columns.push(ColumnScope { generated: true, ..column("g", text(), Affinity::Text) });
    scope.add(table);
    let translator = Translator::new(&scope, 15);
    let mut parts = Vec::new();
    for (name, pg_type, default) in [
        ("id", "bigint", "strftime('%s', 'now', '+1 day')"),
        ("i", "bigint", "random()"),
        ("j", "bigint", "'7'"),
        ("r", "float8", "julianday('now')"),
        ("s", "text collate \"C\"", "lower(hex(randomblob(40)))"),
        ("n", "text collate \"C\"", "strftime('%d.%m.%Y', 'now')"),
        ("flag", "boolean", "1"),
        ("dt", "timestamp", "CURRENT_TIMESTAMP"),
        ("d", "date", "(date('now', 'start of month'))"),
        ("b", "bytea", "randomblob(16)"),
    ] {
        parts.push(format!("\"{name}\" {pg_type} default {}", translator.default("items", name, default).unwrap()));
    }
    let generated = translator.generated("items", "g", "upper(s) || '-' || length(s) || date(dt)");
    assert!(generated.is_err(), "to_char is not immutable");
    let generated = translator.generated("items", "g", "upper(s) || '-' || length(s)").unwrap();
    parts.push(format!("g text generated always as ({generated}) stored"));
    for source in [
        "j > 0 and flag in (0, 1)",
        "s glob '[0-9a-f]*' or s like 'A%'",
        "typeof(i) = 'integer'",
        "dt < '9999-x' and d >= '2000-01-01'",
        "length(b) = 16",
    ] {
        let check = CheckDdl { name: None, column: None, source: source.to_owned() };
        parts.push(format!("check ({})", translator.check("items", &check).unwrap()));
    }
    session.client().batch_execute(&format!("create table items ({})", parts.join(", "))).await.unwrap();
    for sql in [
        "create unique index x on items(id, s desc)",
        "create index x on items(n, lower(s), i % 3 desc, dt) where flag and s <> '' or d is null",
        "create index x on items(unixepoch(dt), date(dt), flag, hex(b))",
        "create index x on items(s collate nocase, coalesce(j, 0), i > 3)",
    ] {
        let index = Index {
            name: "x".to_owned(),
            sql: Some(sql.to_owned()),
            unique: false,
            origin: IndexOrigin::Created,
            partial: false,
            parts: Vec::new(),
        };
        let made = translator.index(&index, "items").unwrap_or_else(|why| panic!("{sql}: {why}"));
        let condition = made.predicate.map(|condition| format!(" where {condition}")).unwrap_or_default();
        let statement = format!("create index on items using {} ({}){condition}", made.method, made.parts.join(", "));
        session.client().batch_execute(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
    session.client().batch_execute("insert into items default values").await.unwrap();
    let row =
        session.client().query_one("select length(s), j, flag, g = upper(s) || '-80', octet_length(b) from items", &[]).await.unwrap();
    assert_eq!((row.get::<_, i32>(0), row.get::<_, i64>(1), row.get::<_, bool>(2), row.get::<_, bool>(3)), (80, 7, true, true));
    assert_eq!(row.get::<_, i32>(4), 16);
}

/// A column of every conversion, and its declaration on the server.
fn every_column() -> Vec<(ColumnScope, &'static str)> {
    let form = |separator, seconds, fraction, offset| TimestampForm { separator, time: TimeForm { seconds, fraction }, offset };
    let zulu = form(Separator::T, true, Fraction::Fixed(3), Offset::Z);
    let east = form(
        Separator::T,
        true,
        Fraction::DigitsOrNone { count: 6, trailing_zero: true },
        Offset::Minutes { east: 90, colon: true, space: false },
    );
    let short = form(Separator::Space, false, Fraction::None, Offset::Naive);
    let clock = TimeForm { seconds: true, fraction: Fraction::Trimmed };
    [
        ("i", Conversion::IntegerToBigint, Affinity::Integer, "bigint"),
        ("flag", Conversion::IntegerToBoolean, Affinity::Numeric, "boolean"),
        ("secs", Conversion::IntegerToTimestamptz(Epoch::Seconds), Affinity::Integer, "timestamptz"),
        ("millis", Conversion::IntegerToTimestamptz(Epoch::Milliseconds), Affinity::Numeric, "timestamptz"),
        ("r", Conversion::RealToDouble, Affinity::Real, "float8"),
        ("num", Conversion::NumberToDouble, Affinity::Numeric, "float8"),
        ("dec", Conversion::NumberToNumeric, Affinity::Numeric, "numeric"),
        ("price", Conversion::NumberToDecimal { precision: 10, scale: 2 }, Affinity::Numeric, "numeric(10,2)"),
        ("s", text(), Affinity::Text, "text collate \"C\""),
        ("t", text(), Affinity::Blob, "text collate \"C\""),
        ("js", Conversion::TextToJson, Affinity::Text, "json"),
        ("u", Conversion::TextToUuid(UuidForm::SimpleUpper), Affinity::Text, "uuid"),
        ("d", Conversion::TextToDate, Affinity::Numeric, "date"),
        ("tm", Conversion::TextToTime(clock), Affinity::Numeric, "time"),
        ("dt", Conversion::TextToTimestamp(PLAIN), Affinity::Numeric, "timestamp"),
        ("dts", Conversion::TextToTimestamp(short), Affinity::Text, "timestamp"),
        ("tz", Conversion::TextToTimestamptz(zulu), Affinity::Numeric, "timestamptz"),
        ("tze", Conversion::TextToTimestamptz(east), Affinity::Text, "timestamptz"),
        ("b", Conversion::BlobToBytea, Affinity::Blob, "bytea"),
        ("bu", Conversion::BlobToUuid, Affinity::Blob, "uuid"),
        ("bt", Conversion::BlobToText, Affinity::Blob, "text collate \"C\""),
        ("tb", Conversion::TextToBytea, Affinity::Blob, "bytea"),
        ("any", Conversion::AnyToText(TextRules::default()), Affinity::Blob, "text collate \"C\""),
    ]
    .map(|(name, conversion, affinity, declared)| (column(name, conversion, affinity), declared))
    .into()
}

/// Expressions over one column.
const COMPUTED: &[&str] = &[
    "{}",
    "{} + 3600",
    "{} - 1",
    "{} * 1000",
    "{} / 2",
    "- {}",
    "{} || 'x'",
    "{} || {}",
    "{} IS NULL",
    "{} > 5",
    "{} < 'm'",
    "{} < '2024-01-01'",
    "{} = {}",
    "{} BETWEEN '2024-01-01' AND '2024-12-31'",
    "{} IN (1, 2)",
    "{} LIKE 'a%'",
    "{} GLOB '[a-c]*'",
    "{} COLLATE NOCASE = 'x'",
    "CAST({} AS TEXT)",
    "CAST({} AS INTEGER)",
    "CAST({} AS REAL)",
    "coalesce({}, 0)",
    "coalesce({}, '2024-01-01')",
    "nullif({}, 0)",
    "CASE WHEN {} THEN 1 ELSE 0 END",
    "CASE WHEN {} IS NULL THEN 'a' ELSE 'b' END",
    "abs({})",
    "max({}, 1)",
    "round({})",
    "lower({})",
    "upper({})",
    "trim({})",
    "length({})",
    "substr({}, 1, 7)",
    "replace({}, 'a', 'b')",
    "instr({}, 'a')",
    "hex({})",
    "typeof({})",
    "unicode({})",
    "json_valid({})",
    "date({})",
    "date({}, '+1 day')",
    "date({}, 'unixepoch')",
    "time({})",
    "datetime({})",
    "datetime({}, 'unixepoch')",
    "datetime({}, 'unixepoch', '+1 hour')",
    "datetime({}, 'start of month')",
    "unixepoch({})",
    "unixepoch({}) + 60",
    "julianday({})",
    "strftime('%Y', {})",
    "strftime('%s', {})",
    "strftime('%w', {})",
    "CAST(strftime('%Y', {}) AS INTEGER)",
    "strftime('%Y-%m-%dT%H:%M:%fZ', {})",
    "strftime('%s', {}, 'unixepoch')",
    "date('now')",
    "CURRENT_TIMESTAMP",
    "random()",
];

/// The server takes every generated column, every CHECK and every index whose expression is translated: one that it
/// doesn't call immutable would be refused with the whole table.
#[tokio::test]
async fn the_server_takes_every_computed_expression() {
    let database = Database::new("dialect_computed");
    let session = database.session().await;
    let columns = every_column();
    let declared: Vec<String> = columns.iter().map(|(column, declared)| format!("\"{}\" {declared}", column.target)).collect();
    let declared = declared.join(", ");
    session.client().batch_execute(&format!("create table base ({declared})")).await.unwrap();
    let (mut generated, mut indexed, mut checked) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (given, _) in &columns {
        for form in COMPUTED {
            let source = form.replace("{}", &given.source);
            let mut statements = Vec::new();
            for (result, kind) in &columns {
                let mut table = items();
                table.columns = columns.iter().map(|(column, _)| column.clone()).collect();
                table.columns.push(ColumnScope { source: "g".to_owned(), target: "g".to_owned(), generated: true, ..result.clone() });
                let mut scope = Scope::new();
                scope.add(table);
                let translator = Translator::new(&scope, 15);
                if let Ok(sql) = translator.generated("items", "g", &source) {
                    generated += 1;
                    statements.push(format!(
                        "create temp table probe ({declared}, g {kind} generated always as ({sql}) stored); drop table probe"
                    ));
                }
                if result.source != "i" {
                    continue;
                }
                let check = CheckDdl { name: None, column: None, source: source.clone() };
                if let Ok(sql) = translator.check("items", &check) {
                    checked += 1;
                    statements.push(format!("alter table base add constraint probe check ({sql}); alter table base drop constraint probe"));
                }
                let index = Index {
                    name: "x".to_owned(),
                    sql: Some(format!("create index x on items({source}) where {source}")),
                    unique: false,
                    origin: IndexOrigin::Created,
                    partial: true,
                    parts: Vec::new(),
                };
                let plain = Index { sql: Some(format!("create index x on items({source})")), partial: false, ..index.clone() };
                for made in [index, plain].iter().filter_map(|index| translator.index(index, "items").ok()) {
                    indexed += 1;
                    let condition = made.predicate.map(|condition| format!(" where {condition}")).unwrap_or_default();
                    statements.push(format!(
                        "create index probe on base using {} ({}){condition}; drop index probe",
                        made.method,
                        made.parts.join(", ")
                    ));
                }
            }
            for statement in statements {
                if let Err(error) = session.client().batch_execute(&statement).await {
                    let why = error.as_db_error().map(|error| format!("{} {}", error.code().code(), error.message()));
                    let shown = statement.replace(&declared, "…");
                    wrong.push(format!("{source}: {why:?}\n  {shown}"));
                }
            }
        }
    }
    let shown = wrong[..wrong.len().min(30)].join("\n");
    assert!(wrong.is_empty(), "{} of {generated} + {checked} + {indexed} are refused:\n{shown}", wrong.len());
    assert!(generated > 300 && checked > 150 && indexed > 150, "{generated} generated, {checked} checked, {indexed} indexed");
}
