//! Looks up the originals of quarantined cells.

use futures_util::future::try_join_all;
use tokio::sync::mpsc::Receiver;

use super::report::{Difference, Sign};
use crate::error::Result;
use crate::plan::Plan;
use crate::postgres::{Session, failed};
use crate::value::QuarantinedCell;

/// Cells looked up at the same time.
const AT_ONCE: usize = 256;

const LOOK_UP: &str = "select exists(select from outgrow.quarantine \
    where plan = $1 and source_table = $2 and source_column = $3 and md5(row_key) = md5($4) and row_key = $4 \
    and storage_class = $5 and original = $6)";

/// What the quarantine holds of the cells that it must hold.
#[derive(Debug, Default)]
pub(super) struct LookedUp {
    pub(super) found: u64,
    pub(super) missing: u64,
    pub(super) shown: Vec<Difference>,
}

/// Looks up every cell that the comparing thread expects there, until that ends.
pub(super) async fn look_up(session: &Session, plan: &Plan, mut cells: Receiver<QuarantinedCell>, show: usize) -> Result<LookedUp> {
    let mut result = LookedUp::default();
    let there = is_there(session).await?;
    let mut batch = Vec::with_capacity(AT_ONCE);
    // Prepared when first needed: a target that quarantined nothing may hold no such table.
    let mut statement = None;
    while cells.recv_many(&mut batch, AT_ONCE).await > 0 {
        if !there {
            for cell in batch.drain(..) {
                result.miss(cell, show);
            }
            continue;
        }
        if statement.is_none() {
            let prepared = session.client().prepare(LOOK_UP).await.map_err(|error| failed("look into the quarantine", error))?;
            statement = Some(prepared);
        }
        let Some(statement) = &statement else { continue };
        let answers = batch.iter().map(|cell| async move {
            let (row, class) = (cell.row.as_str(), cell.class.name());
            let answer = session
                .client()
                .query_one(statement, &[&plan.id.as_str(), &cell.table, &cell.column, &row, &class, &cell.original])
                .await
                .and_then(|row| row.try_get::<_, bool>(0));
            answer.map_err(|error| failed("look into the quarantine", error))
        });
        let answers = try_join_all(answers).await?;
        for (cell, there) in batch.drain(..).zip(answers) {
            if there {
                result.found += 1;
            } else {
                result.miss(cell, show);
            }
        }
    }
    Ok(result)
}

impl LookedUp {
    fn miss(&mut self, cell: QuarantinedCell, show: usize) {
        self.missing += 1;
        if self.shown.len() < show {
            let source = Some((cell.class, cell.original.len()));
            self.shown.push(Difference { sign: Sign::NotQuarantined, row: cell.row, column: Some(cell.column), source, target: None });
        }
    }
}

/// Whether there is a quarantine at all; somebody may have dropped it.
async fn is_there(session: &Session) -> Result<bool> {
    let row = session.client().query_one("select to_regclass('outgrow.quarantine') is not null", &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| failed("look for the quarantine", error))
}

/// How many cells of a table the quarantine holds under this plan.
pub(super) async fn held(session: &Session, plan: &Plan, table: &str) -> Result<u64> {
    if !is_there(session).await? {
        return Ok(0);
    }
    let doing = "count the quarantine";
    let row = session
        .client()
        .query_one("select count(*) from outgrow.quarantine where plan = $1 and source_table = $2", &[&plan.id.as_str(), &table])
        .await
        .and_then(|row| row.try_get::<_, i64>(0))
        .map_err(|error| failed(doing, error))?;
    Ok(u64::try_from(row).unwrap_or(0))
}
