//! Sees to it that nothing goes which is neither of the load nor exported.

use super::loads::Loads;
use super::{DOING, broken};
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::counted;
use crate::plan::{Plan, TablePlan};
use crate::postgres::Session;
use crate::rollback::ChangeSet;
use crate::rollback::changes::{Mark, horizon, short};

/// So many transactions on, the numbers that rows carry could stand for older ones.
const REACH: i64 = 1 << 30;

/// Fails where a row of these tables would be lost.
pub(super) async fn nothing(session: &Session, loads: &Loads, tables: &[&TablePlan], exported: Option<&ChangeSet>) -> Result<()> {
    match exported {
        Some(set) => since(session, loads.last(), tables, set).await,
        None => as_loaded(session, loads.last(), loads.finished, tables).await,
    }
}

/// Nothing came behind the export.
async fn since(session: &Session, plan: &Plan, tables: &[&TablePlan], set: &ChangeSet) -> Result<()> {
    let now = Mark::within(session, &plan.schema, false).await?;
    if set.plan != plan.id.as_str() || set.schema != plan.schema || (&set.server, set.database) != (&now.server, now.database) {
        return Err(refusal("the changes that were exported are those of another load"));
    }
    if let Some(changes) = set.tables.iter().find(|changes| changes.unwritten > 0) {
        let rows = counted(changes.unwritten, "row");
        return Err(refusal(&format!("{rows} of {} could not be written as statements for SQLite", changes.table)));
    }
    let first = horizon(&set.snapshot)?;
    if !(0..REACH).contains(&horizon(&now.snapshot)?.saturating_sub(first)) {
        return Err(refusal("the changes were exported too long ago to tell what came since"));
    }
    for table in tables.iter().filter(|table| now.tables.contains_key(&table.target)) {
        let sql = format!("select count(*) from {} where age(xmin) <= age('{}'::xid)", name(plan, table), short(first));
        let row = session.client().query_one(&sql, &[]).await.map_err(broken)?;
        let rows: i64 = row.try_get(0).map_err(broken)?;
        if rows > 0 {
            let rows = counted(u64::try_from(rows).unwrap_or(0), "row");
            return Err(refusal(&format!("{rows} of {} were written after the changes were exported", table.target)));
        }
    }
    Ok(())
}

/// Every row is one that the load brought, and none is missing where it came to its end. A row and its line in the ledger are written by one transaction.
async fn as_loaded(session: &Session, plan: &Plan, finished: bool, tables: &[&TablePlan]) -> Result<()> {
    let now = Mark::within(session, &plan.schema, false).await?;
    for table in tables.iter().filter(|table| now.tables.contains_key(&table.target)) {
        let sql = format!(
            "select count(*), count(*) filter (where xmin not in (select c.xmin from outgrow.chunk c where c.plan = $1 and c.source_table = $2)), \
             (select coalesce(sum(c.rows), 0)::bigint from outgrow.chunk c where c.plan = $1 and c.source_table = $2) from {}",
            name(plan, table)
        );
        let row = session.client().query_one(&sql, &[&plan.id.as_str(), &table.source]).await.map_err(broken)?;
        let numbers = || -> Result<(i64, i64, i64), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)) };
        let (rows, others, read) = numbers().map_err(broken)?;
        // The ledger counts the rows that were read, those that were held out among them.
        let loaded = read.saturating_sub(i64::try_from(table.held_out).unwrap_or(i64::MAX));
        if others > 0 || finished && rows != loaded {
            let detail = format!("{} was written to since the load, and the changes are not exported", table.target);
            return Err(refusal(&detail));
        }
    }
    Ok(())
}

fn name(plan: &Plan, table: &TablePlan) -> String {
    format!("{}.{}", quoted(&plan.schema), quoted(&table.target))
}

fn refusal(why: &str) -> Error {
    Error::new(ErrorKind::TargetUnfit, DOING, format!("{why}; they would be lost, so nothing was changed"))
        .hint("stop what writes to the target, export the changes once more, then run the same command again; or choose `keep`")
}
