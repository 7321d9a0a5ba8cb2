//! Both databases with the same table, and a cell of either in one spelling.

use outgrow::catalog::{Affinity, View};
use outgrow::dialect::{ColumnScope, RelationKind, Scope, TableScope, Translator};
use outgrow::value::{Conversion, Fraction, Offset, Separator, TextRules, TimeForm, TimestampForm};
use rusqlite::types::ValueRef;
use tokio_postgres::SimpleQueryMessage;

use crate::fixture::Database;

pub(super) const PLAIN: TimestampForm =
    TimestampForm { separator: Separator::Space, time: TimeForm { seconds: true, fraction: Fraction::None }, offset: Offset::Naive };

pub(super) fn column(name: &str, conversion: Conversion, affinity: Affinity) -> ColumnScope {
    ColumnScope::new(name, conversion, affinity)
}

pub(super) fn text() -> Conversion {
    Conversion::TextToText(TextRules::default())
}

pub(super) fn items() -> TableScope {
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

pub(super) const SOURCE: &str = "create table items (id integer primary key, i integer, j int, r real, s text, n text collate nocase, \
     flag boolean, dt datetime, d date, b blob)";
pub(super) const TARGET: &str = "create table items (id bigint primary key, i bigint, j bigint, r float8, s text collate \"C\", \
     n text collate \"C\", flag boolean, dt timestamp, d date, b bytea)";

/// Rows as SQLite takes them; PostgreSQL differs in booleans and blobs only.
pub(super) const ROWS: &[&str] = &[
    "1, 5, 2, 1.5, 'abc', 'Abc', @1, '2024-02-29 23:59:58', '2024-02-29', #00ff#",
    "2, -7, 2, -0.25, 'ABC', 'abc', @0, '1969-12-31 00:00:00', '1969-12-31', ##",
    "3, 0, -3, 0.0, '', 'É', NULL, NULL, NULL, NULL",
    "4, NULL, NULL, NULL, NULL, NULL, @1, '2001-01-01 12:30:00', '2001-01-01', #61#",
    "5, 9007199254740993, 1, 1e300, 'a%b_c\\d', 'zß', @0, '9999-12-31 23:59:59', '9999-12-31', #00#",
    "6, 42, 0, 3.0, '  x ', 'é', @1, '2024-03-01 00:00:00', '2024-03-01', #ffff#",
    "7, 3, 3, 2.5, '12', 'b''q', @0, '2024-03-10 00:00:00', '2023-01-01', #0a#",
];

pub(super) fn source_row(row: &str) -> String {
    let row = row.replace('@', "");
    let mut parts = row.split('#');
    let mut out = parts.next().unwrap().to_owned();
    if let (Some(hex), Some(rest)) = (parts.next(), parts.next()) {
        out = format!("{out}x'{hex}'{rest}");
    }
    out
}

pub(super) fn target_row(row: &str) -> String {
    let row = row.replace("@1", "true").replace("@0", "false");
    let mut parts = row.split('#');
    let mut out = parts.next().unwrap().to_owned();
    if let (Some(hex), Some(rest)) = (parts.next(), parts.next()) {
        out = format!("{out}'\\x{hex}'{rest}");
    }
    out
}

/// A cell of either side in one spelling.
pub(super) fn source_cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(value) => value.to_string(),
        ValueRef::Real(value) => format!("{value:?}"),
        ValueRef::Text(bytes) => format!("'{}", std::str::from_utf8(bytes).unwrap()),
        ValueRef::Blob(bytes) => format!("\\x{}", bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))),
    }
}

pub(super) fn target_cell(text: Option<&str>, pg_type: &str) -> String {
    match (text, pg_type) {
        (None, _) => "null".to_owned(),
        (Some(text), "numeric") if text.contains(['.', 'I']) => format!("{:?}", text.parse::<f64>().unwrap()),
        (Some(text), "double precision") => format!("{:?}", text.parse::<f64>().unwrap()),
        (Some("t"), "boolean") => "1".to_owned(),
        (Some("f"), "boolean") => "0".to_owned(),
        (Some(text), "text" | "timestamp without time zone" | "date" | "time without time zone") => format!("'{text}"),
        (Some(text), _) => text.to_owned(),
    }
}

pub(super) struct Both {
    pub(super) source: rusqlite::Connection,
    pub(super) session: outgrow::postgres::Session,
    pub(super) scope: Scope,
    installed: std::sync::Mutex<std::collections::BTreeSet<String>>,
}

impl Both {
    pub(super) async fn new(database: &Database) -> Self {
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
        Self { source, session, scope, installed: std::sync::Mutex::default() }
    }

    /// Installs the functions that a statement calls and that are not there yet.
    async fn install(&self, statement: &str) {
        for sql in outgrow::dialect::installation([statement]) {
            if self.installed.lock().unwrap().insert(sql.clone()) {
                self.session.client().batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            }
        }
    }

    /// The same with sixty more rows: few values of each column, so that there are groups, ties and matches.
    pub(super) async fn crowded(database: &Database) -> Self {
        let both = Self::new(database).await;
        let mut state = 20_240_229_u64;
        let mut pick = |values: &[&'static str]| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            values[usize::try_from(state >> 33).unwrap() % values.len()]
        };
        for id in 8..68 {
            let row = [
                pick(&["1", "2", "3", "5", "8", "-7", "NULL"]),
                pick(&["0", "1", "2", "3", "NULL"]),
                pick(&["0.5", "1.5", "-2.25", "NULL"]),
                pick(&["'a'", "'b'", "'ab'", "'B'", "'é'", "''", "NULL"]),
                pick(&["'x'", "'X'", "'y'", "NULL"]),
                pick(&["@0", "@1", "NULL"]),
                pick(&["'2024-01-01 10:00:00'", "'2023-06-05 01:02:03'", "NULL"]),
                pick(&["'2024-01-01'", "'2023-06-05'", "NULL"]),
                pick(&["#01#", "#0102#", "NULL"]),
            ];
            let row = format!("{id}, {}", row.join(", "));
            both.source.execute_batch(&format!("insert into items values ({})", source_row(&row))).unwrap();
            both.session.client().batch_execute(&format!("insert into items values ({})", target_row(&row))).await.unwrap();
        }
        both
    }

    /// Both results of a query, or none if it is not translated; rows in one order.
    pub(super) async fn run(&self, select: &str) -> Option<(Vec<String>, Vec<String>, String)> {
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
                // And in one of decimals, a real zero has no sign.
                (ValueRef::Real(0.0), Some(Conversion::NumberToNumeric)) => "0.0".to_owned(),
                (value, _) => source_cell(value),
            };
            expected.push((0..count).map(cell).collect::<Vec<_>>().join("|"));
        }
        let client = self.session.client();
        let failed = |error: &tokio_postgres::Error| {
            vec![format!("refused by the server: {:?}", error.as_db_error().map(tokio_postgres::error::DbError::message))]
        };
        let create = format!("create temp view checked as {}", translated.select);
        self.install(&create).await;
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
        let bare = |name: String| name.split('(').next().unwrap_or_default().to_owned();
        let declared: Vec<String> = translated.columns.iter().map(|column| bare(column.pg_type.to_string())).collect();
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
                let cell = |at: usize| match (row.get(at), translated.columns[at].conversion) {
                    // All cells of a decimal column have its scale; those without a fraction are integers.
                    (Some(text), Some(Conversion::NumberToDecimal { .. })) if text.contains('.') => {
                        target_cell(Some(text.trim_end_matches('0').trim_end_matches('.')), &types[at])
                    }
                    (text, _) => target_cell(text, &types[at]),
                };
                found.push((0..row.len()).map(cell).collect::<Vec<_>>().join("|"));
            }
        }
        client.batch_execute("drop view checked").await.unwrap();
        Some((expected, found, translated.select))
    }
}
