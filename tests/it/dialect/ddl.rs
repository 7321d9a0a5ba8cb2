//! What is made for tables is taken by the server.

use outgrow::catalog::{Affinity, Index, IndexOrigin};
use outgrow::dialect::{CheckDdl, ColumnScope, Scope, Translator};
use outgrow::value::{Conversion, Epoch, Fraction, Offset, Separator, TextRules, TimeForm, TimestampForm, UuidForm};

use super::both::{PLAIN, column, items, text};
use crate::fixture::Database;

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
    // `to_char` is not immutable; the helper that stands for it is.
    let generated = translator.generated("items", "g", "upper(s) || '-' || length(s) || date(dt)").unwrap();
    for sql in outgrow::dialect::installation([generated.as_str()]) {
        session.client().batch_execute(&sql).await.unwrap();
    }
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
    let seen = "select length(s), j, flag, g = upper(s) || '-80' || dt::date::text, octet_length(b) from items";
    let row = session.client().query_one(seen, &[]).await.unwrap();
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
    let mut installed = std::collections::BTreeSet::new();
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
            for sql in outgrow::dialect::installation(statements.iter().map(String::as_str)) {
                if installed.insert(sql.clone()) {
                    session.client().batch_execute(&sql).await.unwrap();
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
