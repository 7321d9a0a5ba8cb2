//! The date and time functions over texts, numbers and modifiers of every kind.

use super::values::{both, differences};
use crate::fixture::Database;

const MODIFIERS: &[&str] = &[
    "",
    "'+1 day'",
    "'-1 days'",
    "'1 day'",
    "'+1.5 days'",
    "'+1 month'",
    "'-1 month'",
    "'+13 months'",
    "'-25 months'",
    "'+1.5 months'",
    "'+1 year'",
    "'-4 years'",
    "'+90 minutes'",
    "'-3600 seconds'",
    "'+0.25 seconds'",
    "'+1000000 hours'",
    "'+1 fortnight'",
    "'+1 day '",
    "' +1 day'",
    "'+01:30'",
    "'-10:00:00.5'",
    "'start of day'",
    "'start of month'",
    "'start of year'",
    "'START OF MONTH'",
    "'start of month', '+1 month', '-1 day'",
    "'start of year', '+6 months', 'weekday 1'",
    "'weekday 0'",
    "'weekday 6'",
    "'weekday 7'",
    "'weekday 2', '+7 days'",
    "'unixepoch'",
    "'unixepoch', '+1 month'",
    "'auto'",
    "'julianday'",
    "'+1 day', 'unixepoch'",
    "'subsec'",
    "'nonsense'",
    "(id % 20) || ' days'",
    "'+' || id || ' months'",
    "NULL",
];

/// The modifiers of the newer SQLite, for which one function is enough.
const NEWER: &[&str] = &[
    "'+1 month', 'floor'",
    "'+1 month', 'ceiling'",
    "'+1 year', 'floor', '+1 month', 'floor'",
    "'floor'",
    "'FLOOR', 'floor'",
    "'-1 month', '+0 days', 'floor'",
    "'end of month'",
    "'End of Day'",
    "'end of year', '-1 month'",
    "'end of week'",
    "'+0001-02-03'",
    "'-0012-11-30 10:20'",
    "'+00001-00-01 23:59:59.5', 'floor'",
    "'+0000-12-00'",
    "'+0001-02-03x'",
    "'-0001-01-00', 'floor'",
];

const FORMATS: &[&str] = &[
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%fZ",
    "%H:%M:%f",
    "%s",
    "%j",
    "%w",
    "%J",
    "%J %Y",
    "%u",
    "%W",
    "%U",
    "%V",
    "%G-W%V-%u",
    "%g",
    "%p %P",
    "%I %e %k %l",
    "%R %T %F",
    "%d.%m.%Y",
    "100%%",
    "%Q",
    "",
    "%Y%j",
    "week \"%W\" \\ of %Y",
];

#[tokio::test]
async fn moments_are_moved_and_written_as_in_sqlite() {
    let database = Database::new("dialect_moments");
    let both = both(&database).await;
    let mut expressions = Vec::new();
    for value in ["t", "i", "r", "'2024-02-31'", "'2023-08-31 23:59:59.999'", "2460400.5"] {
        for modifiers in MODIFIERS {
            let args = if modifiers.is_empty() { value.to_owned() } else { format!("{value}, {modifiers}") };
            for function in ["date", "time", "datetime", "julianday", "unixepoch"] {
                expressions.push(format!("{function}({args})"));
            }
            expressions.push(format!("strftime('%Y-%m-%d %H:%M:%f', {args})"));
        }
        expressions.extend(NEWER.iter().map(|modifiers| format!("datetime({value}, {modifiers})")));
        for format in FORMATS {
            expressions.push(format!("strftime('{format}', {value})"));
            expressions.push(format!("strftime('{format}', {value}, '+1 month')"));
        }
    }
    expressions.push("julianday('2024-03-01') - julianday(t)".to_owned());
    expressions.push("CAST(strftime('%Y', t) AS INTEGER) + 1".to_owned());
    expressions.push("strftime('%s', t) - strftime('%s', '2000-01-01')".to_owned());
    expressions.push("t > date('2024-01-01', '+1 month')".to_owned());
    for other in ["'2024-02-29 12:34:56.789'", "'1999-12-31'", "'2024-03-31'", "t", "2460400.25"] {
        expressions.push(format!("timediff(t, {other})"));
        expressions.push(format!("timediff({other}, t)"));
        expressions.push(format!("timediff(r, {other})"));
    }
    for modifier in ["'subsec'", "'+1.2345 seconds', 'SUBSECOND'", "'floor', 'subsec'"] {
        expressions.push(format!("unixepoch(t, {modifier})"));
    }
    differences(&both, &expressions, 1350).await;
}
