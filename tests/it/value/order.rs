//! Which conversions keep the order of SQLite, judged by both databases.

use outgrow::value::{Conversion, Fate, Fraction, PgType, Separator, Value, ValueRef};
use rusqlite::types::Value as SqliteValue;

use super::generate::{draw, fitting, runner};
use super::server::Loaded;
use super::{budget, settled};
use crate::fixture::Database;

/// The rank of each cell in SQLite's order.
fn sqlite_ranks(cells: &[Value]) -> Vec<i64> {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute("create table t (id integer primary key, v)", []).unwrap();
    for (id, cell) in (0_i64..).zip(cells) {
        let (value, is_text) = match cell.as_ref() {
            ValueRef::Null => (SqliteValue::Null, false),
            ValueRef::Integer(number) => (SqliteValue::Integer(number), false),
            ValueRef::Real(number) => (SqliteValue::Real(number), false),
            ValueRef::Text(bytes) => (SqliteValue::Blob(bytes.to_vec()), true),
            ValueRef::Blob(bytes) => (SqliteValue::Blob(bytes.to_vec()), false),
        };
        let statement = if is_text { "insert into t values (?1, cast(?2 as text))" } else { "insert into t values (?1, ?2)" };
        connection.execute(statement, (id, value)).unwrap();
    }
    let mut statement = connection.prepare("select dense_rank() over (order by v) from t order by id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

async fn postgres_ranks(loaded: &Loaded, column: usize) -> Vec<i64> {
    let collation = if loaded.conversion(column).pg_type().collates() { "collate \"C\"" } else { "" };
    let statement = format!("select dense_rank() over (order by c{column} {collation} nulls first) from t order by id");
    loaded.client().query(&statement, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn conversions_that_claim_it_keep_the_order() {
    let mut runner = runner(1);
    let conversions: Vec<Conversion> = Conversion::samples().into_iter().filter(|conversion| conversion.keeps_order()).collect();
    let rows = usize::try_from(budget(150)).unwrap();
    let columns: Vec<Vec<Value>> = conversions
        .iter()
        .map(|conversion| {
            let cells = fitting(*conversion);
            let exact = std::iter::repeat_with(|| draw(&mut runner, &cells)).filter(|cell| settled(*conversion, cell).0 == Fate::Exact);
            std::iter::once(Value::Null).chain(exact).take(rows).collect()
        })
        .collect();
    let database = Database::new("value_order");
    let loaded = Loaded::new(&database, &conversions, &columns).await;
    for (column, cells) in columns.iter().enumerate() {
        assert_eq!(postgres_ranks(&loaded, column).await, sqlite_ranks(cells), "{:?}", conversions[column]);
    }
}

#[tokio::test]
async fn conversions_that_do_not_claim_it_break_the_order() {
    // `json` has no order to compare with.
    let disordered = |conversion: &Conversion| !conversion.keeps_order() && conversion.pg_type() != PgType::Json;
    let pairs = Conversion::samples().into_iter().filter(disordered).map(|conversion| (conversion, disordered_pair(conversion).to_vec()));
    let (conversions, columns): (Vec<_>, Vec<_>) = pairs.unzip();
    assert!(conversions.len() > 10);
    let database = Database::new("value_disorder");
    let loaded = Loaded::new(&database, &conversions, &columns).await;
    for (column, cells) in columns.iter().enumerate() {
        assert_eq!(settled(conversions[column], &cells[0]).0, Fate::Exact, "{:?}", conversions[column]);
        assert_ne!(postgres_ranks(&loaded, column).await, sqlite_ranks(cells), "{:?}", conversions[column]);
    }
}

/// Two exact cells, the first of which is the greater one for SQLite only.
fn disordered_pair(conversion: Conversion) -> [Value; 2] {
    if conversion == Conversion::NumberToNumeric {
        // The real is 2^60, and 1152921504606847000 in its shortest decimal.
        return [Value::Integer(1_152_921_504_606_846_980), Value::Real(1_152_921_504_606_846_976.0)];
    }
    if let Conversion::AnyToText(_) = conversion {
        return [10, 9].map(Value::Integer);
    }
    if let Some(pair) = super::fitted::disordered_pair(conversion) {
        return pair;
    }
    let Conversion::TextToTimestamptz(form) = conversion else { panic!("{conversion:?} should keep the order") };
    let separator = if form.separator == Separator::T { "T" } else { " " };
    let fraction = if matches!(form.time.fraction, Fraction::DigitsOrNone { count: 6, .. }) { ".123456" } else { ".123" };
    ["", fraction].map(|fraction| Value::Text(format!("2024-01-01{separator}00:00:00{fraction}Z").into_bytes()))
}
