//! Checks: a row that breaks one is refused on both sides.

use super::behaviour::Class;
use super::invent::{literals_of, mentions};
use super::not_null::settle;
use super::row::Legal;
use super::sides::{Sides, is_exact};
use crate::dialect::{CheckDdl, read_table};
use crate::error::Result;
use crate::value::{StorageClass, Value};

/// Probes every check of the table that the target has.
pub(super) async fn probe<'a>(sides: &mut Sides<'a>, legal: &Legal<'a>) -> Result<()> {
    let subject = legal.row.subject;
    let Ok(ddl) = read_table(&subject.table.sql) else { return Ok(()) };
    let present: Vec<bool> =
        (0..ddl.checks.len()).map(|number| sides.present.has(&format!("check:{}:{number}", subject.table.name))).collect();
    for (check, _) in ddl.checks.iter().zip(&present).filter(|(_, present)| **present) {
        let label = check.name.clone().unwrap_or_else(|| check.column.as_ref().map_or_else(String::new, |column| format!("on {column}")));
        let name = format!("check {label} of {}", subject.plan.source).replace("  ", " ");
        let missing: Vec<&CheckDdl> = ddl.checks.iter().zip(&present).filter(|(_, present)| !**present).map(|(check, _)| check).collect();
        if !one(sides, legal, check, &missing, &name).await? {
            sides.not_probed(&name, "no row was found that SQLite refuses for it");
        }
    }
    Ok(())
}

/// Gives the columns that the check names one value after the other; each that SQLite refuses is tried on PostgreSQL.
async fn one<'a>(sides: &mut Sides<'a>, legal: &Legal<'a>, check: &CheckDdl, missing: &[&CheckDdl], name: &str) -> Result<bool> {
    let subject = legal.row.subject;
    let mut refused = 0;
    for (position, column) in subject.columns() {
        let own = mentions(&check.source, &column.source);
        // What a check that is not there would have refused tells nothing about this one.
        let shared = missing.iter().any(|other| mentions(&other.source, &column.source));
        if !own || shared || subject.is_generated(position) || column.identity.is_some() {
            continue;
        }
        for value in candidates(check).into_iter().filter(|value| is_exact(column, value)) {
            let mut row = legal.row.clone();
            row.set(position, value);
            let series = legal.with(row);
            let source = sides.on_source(&series)?.behaviour;
            if !source.is_refused(&Class::Check) {
                continue;
            }
            let target = sides.on_target(&series).await?.behaviour;
            refused += 1;
            if refused == 1 || !source.agrees(&target) {
                settle(sides, format!("a row against {name}"), &source, &target);
            }
            // One value of each class and column may be enough, a few more cost little.
            if refused >= 4 || !source.agrees(&target) {
                return Ok(true);
            }
        }
    }
    Ok(refused > 0)
}

/// Values that checks are made against.
fn candidates(check: &CheckDdl) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.as_bytes().to_vec());
    let mut all = vec![
        Value::Integer(-1),
        Value::Integer(0),
        Value::Integer(1_000_000_007),
        Value::Real(-1.5),
        Value::Real(1.0e9),
        text("outgrow probe"),
        text(""),
        text(&"outgrow ".repeat(40)),
        text("{}"),
        text("0001-01-01"),
        text("9999-12-31"),
        Value::Blob(Vec::new()),
    ];
    all.extend(literals_of(&check.source));
    // A check may ask for a value where another column has some value.
    all.push(Value::Null);
    all.dedup_by(|one, other| one.as_ref().class() != StorageClass::Null && one == other);
    all
}
