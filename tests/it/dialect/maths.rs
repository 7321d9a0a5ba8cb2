//! The mathematical functions over numbers of every size and texts, and numbers read off texts and blobs.

use super::both::Both;
use super::values::{both, differences, over};
use crate::fixture::Database;

const EXACT: &[&str] = &[
    "ceil({})",
    "ceiling({})",
    "floor({})",
    "trunc({})",
    "typeof(ceil({}))",
    "sqrt({})",
    "degrees({})",
    "radians({})",
    "mod({}, 3)",
    "mod({}, 0.7)",
    "mod(17, {})",
    "mod({}, i)",
    "mod(r, {})",
    "sign({})",
    "pow({}, 0)",
    "power({}, 1)",
];

/// What the C library computes: of two libraries, one may give another last digit.
const NEAR: &[&str] = &[
    "ln({})",
    "log({})",
    "log10({})",
    "log2({})",
    "log(2, {})",
    "log({}, 10)",
    "log({}, t)",
    "log(r, i)",
    "exp({})",
    "pow({}, 2)",
    "pow({}, 0.5)",
    "pow(2, {})",
    "pow(-1.5, {})",
    "power({}, -1)",
    "power({}, i)",
    "power(r, {})",
    "acos({})",
    "asin({})",
    "atan({})",
    "atan2({}, 2)",
    "atan2(-1.5, {})",
    "cos({})",
    "sin({})",
    "tan({})",
    "cosh({})",
    "sinh({})",
    "tanh({})",
    "acosh({})",
    "asinh({})",
    "atanh({})",
    "acos(0.001 * ({} % 1000))",
    "atanh(1.0 / (2 + abs({} % 50)))",
];

#[tokio::test]
async fn exact_mathematical_functions_give_the_same() {
    let database = Database::new("dialect_maths");
    let both = both(&database).await;
    // A real zero has no sign in a column of integers and reals.
    let expressions: Vec<String> =
        over(&["r", "t", "i", "d", "n", "CAST(t AS BLOB)", "x'32'", "'2.50'", "(r - r)", "NULL", "9e999", "-9e999"], EXACT)
            .into_iter()
            .map(|form| if form.contains("typeof") { form } else { format!("0 + {form}") })
            .collect();
    differences(&both, &expressions, 190).await;
    differences(&both, &["ceil(r)", "floor(r)", "mod(r, 2)", "radians(r)", "pi()", "trunc(i)"].map(str::to_owned), 6).await;
}

#[tokio::test]
async fn the_functions_of_the_library_give_the_same_but_for_the_last_digit() {
    let database = Database::new("dialect_library");
    let both = both(&database).await;
    let expressions = over(&["r", "t", "i", "d", "n", "CAST(t AS BLOB)", "x'32'", "'2.50'", "-0.0", "1", "NULL", "9e999", "-9e999"], NEAR);
    let (mut translated, mut wrong) = (0, Vec::new());
    for expression in &expressions {
        let Some((mut expected, mut found, sql)) = both.run(&format!("SELECT id, {expression} AS x FROM cells")).await else { continue };
        translated += 1;
        expected.sort();
        found.sort();
        let differ = expected.len() != found.len() || expected.iter().zip(&found).any(|(a, b)| !near(a, b));
        if differ {
            let pairs = expected.iter().zip(&found).filter(|(a, b)| !near(a, b)).take(6).map(|(a, b)| format!("    {a:?} {b:?}"));
            wrong.push(format!("{expression}\n  {sql}\n{}", pairs.collect::<Vec<_>>().join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
    assert!(translated == expressions.len(), "{translated} of {} translated", expressions.len());
}

/// Whether two rows of a key and a number are the same but for a few units in the last place.
fn near(left: &str, right: &str) -> bool {
    let parts = |row: &str| row.split_once('|').map(|(id, value)| (id.to_owned(), value.parse::<f64>()));
    match (parts(left), parts(right)) {
        (Some((a, Ok(x))), Some((b, Ok(y)))) => left == right || a == b && (x - y).abs() <= x.abs() * 4.0 * f64::EPSILON,
        _ => left == right,
    }
}

#[tokio::test]
async fn numbers_are_read_off_blobs_as_off_texts() {
    let database = Database::new("dialect_blobs");
    let both = both(&database).await;
    let mut expressions = over(
        &["CAST(t AS BLOB)", "CAST(r AS BLOB)", "x'31320033'", "x'ff31'", "x'2d352e35c3a4'", "x''"],
        &[
            "CAST({} AS INTEGER)",
            "CAST({} AS REAL)",
            "CAST({} AS NUMERIC)",
            "{} + 1",
            "{} * 2.5",
            "- {}",
            "~ {}",
            "{} & 255",
            "{} << 2",
            "{} % 7",
            "0 + abs({})",
            "round({}, 1)",
            "CASE WHEN {} THEN 1 ELSE 0 END",
            "NOT {}",
            "sum({})",
            "total({})",
            "printf('%d %.2f', {}, {})",
        ],
    );
    // The largest integers overflow on one side only.
    for expression in &mut expressions {
        *expression = format!("CASE WHEN length(t) < 12 AND coalesce(abs(r), 0) < 1e300 THEN {expression} END");
    }
    expressions.extend(over(&["CAST(t AS BLOB)", "x'c3a4'", "x'61'"], &["CAST({} AS TEXT)", "CAST({} AS TEXT) || '!'"]));
    differences(&both, &expressions, 90).await;
}

#[tokio::test]
async fn sums_over_texts_take_the_numbers_at_their_beginning() {
    let database = Database::new("dialect_text_sums");
    let both = both(&database).await;
    let mut wrong = Vec::new();
    for value in ["t", "t || ''", "CAST(t AS BLOB)", "substr(t, 1, 2)", "CAST(d AS TEXT)"] {
        for aggregate in ["sum", "total", "avg"] {
            for rest in ["", " FILTER (WHERE id % 2 = 0)"] {
                for condition in ["length(t) < 8 AND t NOT LIKE '%e%'", "t IN ('5', '007', ' 12 ')", "t = '12abc'", "t = 'none'"] {
                    let select = format!(
                        "SELECT {aggregate}({value}){rest} AS x, typeof({aggregate}({value}){rest}) AS y FROM cells WHERE {condition}"
                    );
                    wrong.extend(compared(&both, &select).await);
                }
            }
            wrong.extend(compared(&both, &format!("SELECT id % 5 AS k, {aggregate}({value}) AS x FROM cells WHERE length(t) < 6 AND t NOT LIKE '%e%' GROUP BY 1 ORDER BY 1")).await);
            wrong.extend(
                compared(
                    &both,
                    &format!(
                        "SELECT id, {aggregate}({value}) OVER (ORDER BY id ROWS 1 PRECEDING) AS x FROM cells WHERE length(t) < 3 ORDER BY 1"
                    ),
                )
                .await,
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What differs between the two sides of a query, which must be translated; sums of reals may differ in the last digit.
async fn compared(both: &Both, select: &str) -> Option<String> {
    let Some((expected, found, sql)) = both.run(select).await else { return Some(format!("not translated: {select}")) };
    let cells = |rows: &[String]| rows.iter().flat_map(|row| row.split('|')).map(|cell| format!("0|{cell}")).collect::<Vec<_>>();
    let (a, b) = (cells(&expected), cells(&found));
    let same = a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| near(a, b));
    (!same).then(|| format!("{select}\n  {sql}\n  {expected:?}\n  {found:?}"))
}
