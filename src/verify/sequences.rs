//! `sequences`: the next insert gets a key that is free.

use super::checks::{Check, Running};
use super::report::{CheckResult, Verdict};
use crate::catalog::quoted;
use crate::error::{ErrorKind, Result};
use crate::plan::{Plan, SequencePlan};
use crate::postgres::{Session, failed};

pub(super) const CHECK: Check = Check {
    name: "sequences",
    explain: "The next value of every identity column, and of every sequence that feeds a column of a table that was there before, is \
              above every value in the column, and not below what SQLite would have given. A sequence that the policy names does \
              not fall below the number that it was to begin with.",
    run,
};

fn run<'a>(session: &'a Session, plan: &'a Plan) -> Running<'a> {
    Box::pin(compare(session, plan))
}

async fn compare(session: &Session, plan: &Plan) -> Result<CheckResult> {
    let mut looked_at = 0;
    let mut problems = Vec::new();
    for table in &plan.tables {
        for column in &table.columns {
            let Some(identity) = &column.identity else { continue };
            looked_at += 1;
            let place = format!("{}.{}", table.target, column.target);
            let (next, greatest) = match state(session, plan, &table.target, &column.target, &identity.sequence).await {
                Ok(state) => state,
                // A table or a sequence that is gone is a difference, and no reason to stop looking.
                Err(error) if error.kind() == ErrorKind::TargetRefused => {
                    problems.push(format!("{place}: the next value can't be told: {}", error.detail()));
                    continue;
                }
                Err(error) => return Err(error),
            };
            if next < identity.next {
                problems.push(format!("{place}: the next value is {next}, and SQLite would have given {}", identity.next));
            }
            // A sequence at its end refuses the next insert by itself, as SQLite does.
            if greatest.is_some_and(|greatest| next <= greatest && greatest < i64::MAX) {
                problems.push(format!("{place}: the next value is {next}, and the column holds a greater one or the same"));
            }
        }
    }
    for sequence in plan.sequences.iter().chain(plan.existing.iter().flat_map(|existing| &existing.sequences)) {
        looked_at += 1;
        match of_existing(session, plan, sequence).await {
            Ok(problem) => problems.extend(problem),
            Err(error) if error.kind() == ErrorKind::TargetRefused => {
                problems.push(format!("{}: the next value can't be told: {}", sequence.name, error.detail()));
            }
            Err(error) => return Err(error),
        }
    }
    let verdict = if problems.is_empty() { Verdict::Match } else { Verdict::Mismatch };
    Ok(CheckResult { check: CHECK.name.to_owned(), verdict, looked_at, problems })
}

/// What is wrong with a sequence that was there before the load, or that stands free.
async fn of_existing(session: &Session, plan: &Plan, sequence: &SequencePlan) -> Result<Option<String>> {
    let name = format!("{}.{}", quoted(&sequence.schema), quoted(&sequence.name));
    let (place, greatest) = match &sequence.feeds {
        Some((table, column)) => {
            let greatest = format!("(select max({})::bigint from {}.{})", quoted(column), quoted(&plan.schema), quoted(table));
            (format!("{table}.{column}"), greatest)
        }
        None => (sequence.name.clone(), "null::bigint".to_owned()),
    };
    let sql = format!("select last_value, is_called, {greatest} from {name}");
    let doing = format!("look at the sequence {}", sequence.name);
    let row = session.client().query_one(&sql, &[]).await.map_err(|error| failed(&doing, error))?;
    let fields = || -> Result<(i64, bool, Option<i64>), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)) };
    let (last, is_called, greatest) = fields().map_err(|error| failed(&doing, error))?;
    let next = if is_called { last.saturating_add(1) } else { last };
    // A sequence that is used up refuses the next insert by itself.
    let used_up = is_called && last >= sequence.max;
    if used_up {
        return Ok(None);
    }
    let taken = greatest.is_some_and(|greatest| next <= greatest);
    Ok((taken || next < sequence.next).then(|| {
        let why = if taken {
            "and the column holds a greater one or the same".to_owned()
        } else {
            format!("and SQLite would have given {}", sequence.next)
        };
        format!("{place}: the next value is {next}, {why}")
    }))
}

/// The next value of the sequence, and the greatest one in the column.
async fn state(session: &Session, plan: &Plan, table: &str, column: &str, sequence: &str) -> Result<(i64, Option<i64>)> {
    let schema = quoted(&plan.schema);
    let sql = format!(
        "select last_value, is_called, (select max({})::bigint from {schema}.{}) from {schema}.{}",
        quoted(column),
        quoted(table),
        quoted(sequence)
    );
    let doing = format!("look at the sequence of {table}.{column}");
    let row = session.client().query_one(&sql, &[]).await.map_err(|error| failed(&doing, error))?;
    let fields = || -> Result<(i64, bool, Option<i64>), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)) };
    let (last, is_called, greatest) = fields().map_err(|error| failed(&doing, error))?;
    Ok((if is_called { last.saturating_add(1) } else { last }, greatest))
}
