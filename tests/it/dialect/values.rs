//! The functions over values of every kind: each value in a row of its own, each function over the columns that hold it.

use outgrow::catalog::Affinity;
use outgrow::dialect::{RelationKind, TableScope};
use outgrow::value::Conversion;

use super::both::{Both, column, text};
use crate::fixture::Database;

/// Real numbers that are written with few and with many digits, and those at which ways of rounding part.
const REALS: &[&str] = &[
    "0.0",
    "-0.5",
    "0.1",
    "0.2",
    "0.3",
    "1.0",
    "-1.0",
    "1.5",
    "2.5",
    "-2.5",
    "0.125",
    "2.675",
    "1.005",
    "1.115",
    "-1.115",
    "49.47",
    "99.995",
    "0.045",
    "5.0005",
    "3.14159265358979",
    "2.718281828459045",
    "0.3333333333333333",
    "0.6666666666666666",
    "1e-5",
    "1e-4",
    "0.0001234",
    "1.5e-7",
    "123456789.123456",
    "1234567890123.456",
    "123456789012345.67",
    "1e15",
    "1e16",
    "1e17",
    "9.99e17",
    "1e18",
    "123456789012345678.0",
    "9007199254740992.0",
    "9007199254740993.0",
    "9223372036854775807.0",
    "-9223372036854775808.0",
    "1e19",
    "1e22",
    "1e23",
    "1.7976931348623157e308",
    "-1e300",
    "2.2250738585072014e-308",
    "5e-324",
    "1e-320",
    "4503599627370495.5",
    "4503599627370496.5",
    "999999999999999.9",
    "0.99999999999999994",
    "1e100",
    "100000000000000.5",
    "1e21",
    "12345678.9",
    "0.07",
];

/// Texts: numbers and what begins like one, times in every form and what only looks like one, and others.
const TEXTS: &[&str] = &[
    "",
    " ",
    "0",
    "5",
    "-5",
    "+7",
    " 12 ",
    "007",
    "1.0",
    "1.50",
    ".5",
    "5.",
    ".",
    "-",
    "+",
    "1e3",
    "1e",
    "1e+",
    "1.5e-3x",
    "12abc",
    "abc",
    "0x10",
    "-0",
    "-0.0",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "1e400",
    "-1e400",
    "1e-400",
    "123456789012345678901234567890",
    "0.1234567890123456789012345",
    "3.5e5 ",
    "1 2",
    "--1",
    "Inf",
    "NaN",
    "2024-02-29",
    "2023-02-29",
    "2024-02-31",
    "2024-13-01",
    "2024-00-10",
    "2024-01-32",
    "0000-01-01",
    "9999-12-31",
    "-0044-03-15",
    "2024-03-31 10:20",
    "2024-03-31 10:20:30",
    "2024-03-31T10:20:30.5",
    "2024-03-31 10:20:30.123456Z",
    "2024-03-31 10:20:30.9999",
    "2024-03-31 10:20:30+02:00",
    "2024-03-31 10:20:30 -05:30",
    "2024-03-31 24:00:00",
    "2024-12-31 24:00",
    "2024-03-31 24:01",
    "2024-03-31 23:59:60",
    "2024-03-31x",
    "2024-3-1",
    "2024-03-31 ",
    "2024-03-31TT10:20",
    "10:20",
    "10:20:30.25",
    "24:00",
    "25:00",
    "2460400.5",
    "0.0",
    "5373484.49",
    "5373484.5",
    "1700000000",
    "2000-01-01 00:00:00.0005",
    "1999-12-31 23:59:59.9995",
    "2021-01-03",
    "2020-12-28",
    "2026-12-31",
    "2000-01-02",
    "a%b_c",
    "a\\b",
    "[x]",
    "äöü",
    "ÄÖÜ",
    "日本語テキスト",
    "😀a",
    "it''s",
    "\"q\"",
    "deadBEEF",
    "abc123",
    "xyz]",
    "a-b",
    "tab\there",
    "line\nbreak",
];

/// Integers around the borders.
const INTEGERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "-3",
    "10",
    "63",
    "64",
    "65",
    "-63",
    "-64",
    "-65",
    "100",
    "255",
    "2460400",
    "5373484",
    "1700000000",
    "-1700000000",
    "253402300799",
    "253402300800",
    "1700000000000",
    "2251799813685248",
    "9007199254740992",
    "9007199254740993",
    "-9007199254740993",
    "9223372036854775807",
    "-9223372036854775807",
    "4503599627370497",
];

fn cells() -> TableScope {
    let mut columns = vec![
        column("id", Conversion::IntegerToBigint, Affinity::Integer),
        column("r", Conversion::RealToDouble, Affinity::Real),
        column("t", text(), Affinity::Text),
        column("i", Conversion::IntegerToBigint, Affinity::Integer),
        column("d", Conversion::NumberToDecimal { precision: 10, scale: 2 }, Affinity::Numeric),
        column("n", Conversion::NumberToNumeric, Affinity::Numeric),
    ];
    columns[0].rowid_alias = true;
    TableScope {
        source: "cells".to_owned(),
        schema: Some("public".to_owned()),
        target: "cells".to_owned(),
        columns,
        primary_key: vec!["id".to_owned()],
        kind: RelationKind::Table,
    }
}

pub(super) async fn both(database: &Database) -> Both {
    let mut both = Both::new(database).await;
    both.source
        .execute_batch("create table cells (id integer primary key, r real, t text, i integer, d decimal(10,2), n numeric)")
        .unwrap();
    let target = "create table cells (id bigint primary key, r float8, t text collate \"C\", i bigint, d numeric(10,2), n numeric)";
    both.session.client().batch_execute(target).await.unwrap();
    let count = TEXTS.len().max(REALS.len());
    let decimals = ["0", "1", "19.99", "-3.5", "1000000", "0.01"];
    let numbers = ["0", "7", "2.5", "-1.25", "9007199254740993", "0.1"];
    for at in 0..count {
        let literal = |list: &[&str]| list.get(at).map_or("NULL".to_owned(), |value| (*value).to_owned());
        let text = TEXTS.get(at).map_or("NULL".to_owned(), |text| format!("'{text}'"));
        let decimal = decimals[at % decimals.len()];
        let number = numbers[at % numbers.len()];
        let row = format!("{}, {}, {text}, {}, {decimal}, {number}", at + 1, literal(REALS), literal(INTEGERS));
        both.source.execute_batch(&format!("insert into cells values ({row})")).unwrap();
        both.session.client().batch_execute(&format!("insert into cells values ({row})")).await.unwrap();
    }
    both.scope.add(cells());
    both
}

/// Compares an expression over all rows; says what differs.
pub(super) async fn differences(both: &Both, expressions: &[String], least: usize) {
    let mut wrong = Vec::new();
    let mut translated = 0;
    for expression in expressions {
        let Some((mut expected, mut found, sql)) = both.run(&format!("SELECT id, {expression} AS x FROM cells")).await else { continue };
        translated += 1;
        expected.sort();
        found.sort();
        if expected != found {
            let pairs = expected.iter().zip(&found).filter(|(a, b)| a != b).take(6).map(|(a, b)| format!("    {a:?} {b:?}"));
            wrong.push(format!("{expression}\n  {sql}\n{}", pairs.collect::<Vec<_>>().join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
    assert!(translated >= least, "{translated} of {} translated", expressions.len());
}

pub(super) fn over(columns: &[&str], forms: &[&str]) -> Vec<String> {
    columns.iter().flat_map(|column| forms.iter().map(move |form| form.replace("{}", column))).collect()
}

#[tokio::test]
async fn numbers_and_texts_become_each_other_as_in_sqlite() {
    let database = Database::new("dialect_casts");
    let both = both(&database).await;
    let expressions = over(
        &["r", "t", "i", "d", "n"],
        &[
            "CAST({} AS TEXT)",
            "CAST({} AS INTEGER)",
            "CAST({} AS REAL)",
            "CAST({} AS NUMERIC)",
            "hex(CAST({} AS BLOB))",
            "{} || '|'",
            "length({})",
            "typeof({})",
            "typeof(CAST({} AS NUMERIC))",
            "CASE WHEN {} THEN 1 WHEN NOT {} THEN 0 END",
            "{} IS TRUE",
            "quote({})",
            "hex({})",
            "round({})",
            "round({}, 1)",
            "round({}, 2)",
            "round({}, 3)",
            "round({}, 15)",
            "round({}, -1)",
            "round({}, i)",
            "abs(coalesce({}, 0))",
            "sign({})",
            "- CAST({} AS NUMERIC)",
            "~ {}",
            "printf('%d|%5d|%05d|%-5d|', {}, {}, {}, {})",
            "printf('%.2f', {})",
            "printf('%10.3f|%f', {}, {})",
            "printf('%s and %q', {}, {})",
            "format('%Q %w %x %X %%', {}, {}, {}, {})",
            "printf('%o|%8o|%#o|%.5o|%05o|%-9o|%#12.4o', {}, {}, {}, {}, {}, {}, {})",
            "printf('%r|%7r|%-7r|%05r|%.6r|%+r|% r|%,r', {}, {}, {}, {}, {}, {}, {}, {})",
            "printf('%r %r %r %r %r %r %r %r', id, id * 3, 11, 12, 113, 1021, -2, -9223372036854775807 - 1)",
            "upper({})",
            "substr({}, 2, 3)",
            "instr({}, '1')",
            "replace({}, '0', 'o')",
            "trim({}, '0.')",
            "concat({}, '-', i)",
            "concat_ws(',', {}, NULL, t)",
            "coalesce({}, 'none') IS NULL",
            "total({})",
            "avg({})",
            "sign({})",
            "soundex({})",
            "hex(char(70 + coalesce({} % 7, 0)))",
            "char(coalesce({} % 7, 0) + 70, 8364, coalesce(i % 3, 0) + 200)",
            "max({}, 5)",
            "min({}, 2.5)",
            "max(0, {}, i)",
            "min({}, r, i)",
            "max(t, {} || '')",
            "min({}, 10, 7)",
        ],
    );
    differences(&both, &expressions, 150).await;
}

#[tokio::test]
async fn operators_give_the_same_over_any_classes() {
    let database = Database::new("dialect_operators");
    let both = both(&database).await;
    let mut expressions = Vec::new();
    let operands = ["r", "t", "i", "d", "n", "'12abc'", "2.5", "7", "'1.0'", "(t || '')", "(i + 0)", "x'61'"];
    for left in operands {
        for right in operands {
            for operator in ["=", "<", ">=", "<>", "IS", "IS NOT"] {
                expressions.push(format!("{left} {operator} {right}"));
            }
            for operator in ["+", "-", "*", "/", "%", "&", "|", "<<", ">>"] {
                // Beyond a double's range and beyond 64 bits PostgreSQL reports an error.
                expressions.push(format!("CASE WHEN abs(r) < 1e15 AND abs(r) > 1e-100 AND abs(i) < 1000000000 AND length(t) < 5 THEN {left} {operator} {right} END"));
            }
            expressions.push(format!("{left} IN ({right}, 5)"));
            expressions.push(format!("{left} BETWEEN {right} AND 10"));
            expressions.push(format!("coalesce({left}, {right})"));
            expressions.push(format!("max({left}, {right})"));
        }
        for distance in ["i", "64", "-1", "-64", "100", "t"] {
            expressions.push(format!("{left} << {distance}"));
            expressions.push(format!("{left} >> {distance}"));
        }
    }
    differences(&both, &expressions, 1200).await;
}

#[tokio::test]
async fn parts_of_texts_and_patterns_are_the_same() {
    let database = Database::new("dialect_parts");
    let both = both(&database).await;
    let mut expressions = Vec::new();
    for start in ["-100", "-3", "-1", "0", "1", "2", "100", "i", "length(t) - 1"] {
        expressions.push(format!("substr(t, {start})"));
        expressions.push(format!("hex(substr(CAST(t AS BLOB), {start}))"));
        for count in ["-100", "-2", "-1", "0", "1", "3", "100", "i", "NULL"] {
            expressions.push(format!("substr(t, {start}, {count})"));
            expressions.push(format!("hex(substr(CAST(t AS BLOB), {start}, {count}))"));
        }
    }
    for pattern in [
        "'*[0-9]*'",
        "'[]x]*'",
        "'*[^a-z]'",
        "'[a-'",
        "'*[-a]*'",
        "'[^]x]?*'",
        "t",
        "'*' || substr(t, 1, 1) || '*'",
        "'[z-a]'",
        "'?*'",
        "'*[ä-ü]*'",
        "'[a-c-e]*'",
    ] {
        expressions.push(format!("t GLOB {pattern}"));
        expressions.push(format!("t NOT GLOB {pattern}"));
    }
    for pattern in ["t", "'%' || substr(t, 1, 1) || '%'", "'%a%'", "'_%'", "substr(t, 1, 2) || '%'", "'ÄÖ%'", "'%\\%'"] {
        expressions.push(format!("t LIKE {pattern}"));
        for escape in ["\\", "a", "^", "]"] {
            expressions.push(format!("t LIKE {pattern} ESCAPE '{escape}'"));
            expressions.push(format!("t LIKE 'a{escape}%{escape}_' ESCAPE '{escape}'"));
            expressions.push(format!("t LIKE 'a{escape}' ESCAPE '{escape}'"));
        }
        for escape in ["'%'", "'_'", "substr('_%a\\b', 1 + id % 5, 1)", "NULL"] {
            expressions.push(format!("t LIKE {pattern} ESCAPE {escape}"));
            expressions.push(format!("t LIKE 'a%%b__c' ESCAPE {escape}"));
            expressions.push(format!("t NOT LIKE 'a_%b%_c' ESCAPE {escape}"));
        }
    }
    expressions.extend(over(
        &["t"],
        &[
            "hex(unhex({}))",
            "unicode({})",
            "instr({}, substr({}, 2))",
            "ltrim({}, '0 ')",
            "lower({})",
            "hex(zeroblob(3))",
            "instr(CAST({} AS BLOB), x'61')",
        ],
    ));
    differences(&both, &expressions, 200).await;
}
