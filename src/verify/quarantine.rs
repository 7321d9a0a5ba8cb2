//! Looks up the originals of quarantined cells.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{Receiver, Sender};

use super::report::{Difference, Sign};
use super::target_rows::given_up;
use crate::error::Result;
use crate::plan::{ColumnPlan, TablePlan};
use crate::postgres::{Session, failed};
use crate::value::{QuarantinedCell, RowKey, StorageClass, ValueRef};

/// Cells looked up at the same time.
const AT_ONCE: usize = 256;

/// The original goes as its digest: it may be large, and there may be many.
const LOOK_UP: &str = "select exists(select from outgrow.quarantine \
    where plan = $1 and source_table = $2 and source_column = $3 and md5(row_key) = md5($4) and row_key = $4 \
    and storage_class = $5 and octet_length(original) = $6 and sha256(original) = $7)";

/// A cell that the quarantine must hold.
#[derive(Debug)]
pub(super) struct Expected {
    table: usize,
    source: String,
    column: String,
    row: RowKey,
    class: StorageClass,
    bytes: usize,
    sha256: [u8; 32],
}

/// Where a comparing thread hands the cells of one table that must be there.
#[derive(Debug, Clone)]
pub(super) struct Quarantine {
    /// The table, by its place in the list.
    pub(super) table: usize,
    pub(super) expected: Sender<Expected>,
}

impl Quarantine {
    /// Asks for the original of a cell.
    pub(super) fn expect(&self, table: &TablePlan, column: &ColumnPlan, row: RowKey, original: ValueRef<'_>) -> Result<()> {
        let (sha256, bytes) = match original {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => (Sha256::digest(bytes), bytes.len()),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {
                let bytes = QuarantinedCell::bytes_of(original);
                (Sha256::digest(&bytes), bytes.len())
            }
        };
        let expected = Expected {
            table: self.table,
            source: table.source.clone(),
            column: column.source.clone(),
            row,
            class: original.class(),
            bytes,
            sha256: sha256.into(),
        };
        self.expected.blocking_send(expected).map_err(|_| given_up())
    }
}

/// What the quarantine holds of the cells of a table that it must hold.
#[derive(Debug, Default)]
pub(super) struct LookedUp {
    pub(super) found: u64,
    pub(super) missing: u64,
    pub(super) shown: Vec<Difference>,
}

/// Looks up every cell that the comparing threads expect there, until they end; by the table's place in the list.
pub(super) async fn look_up(
    session: &Session,
    plan: &str,
    is_there: bool,
    mut cells: Receiver<Expected>,
    show: usize,
) -> Result<BTreeMap<usize, LookedUp>> {
    let mut results: BTreeMap<usize, LookedUp> = BTreeMap::new();
    let mut batch = Vec::with_capacity(AT_ONCE);
    // Prepared when first needed: most moves quarantine nothing.
    let mut statement = None;
    let asking = |error| failed("look into the quarantine", error);
    while cells.recv_many(&mut batch, AT_ONCE).await > 0 {
        if !is_there {
            batch.drain(..).for_each(|cell| results.entry(cell.table).or_default().miss(cell, show));
            continue;
        }
        if statement.is_none() {
            statement = Some(session.client().prepare(LOOK_UP).await.map_err(asking)?);
        }
        let Some(statement) = &statement else { continue };
        let answers = batch.iter().map(|cell| async move {
            let (row, class, sha256) = (cell.row.as_str(), cell.class.name(), cell.sha256.as_slice());
            let bytes = i32::try_from(cell.bytes).unwrap_or(i32::MAX);
            let answer = session.client().query_one(statement, &[&plan, &cell.source, &cell.column, &row, &class, &bytes, &sha256]).await;
            answer.and_then(|row| row.try_get::<_, bool>(0)).map_err(asking)
        });
        let answers = try_join_all(answers).await?;
        for (cell, there) in batch.drain(..).zip(answers) {
            let result = results.entry(cell.table).or_default();
            if there {
                result.found += 1;
            } else {
                result.miss(cell, show);
            }
        }
    }
    Ok(results)
}

impl LookedUp {
    fn miss(&mut self, cell: Expected, show: usize) {
        self.missing += 1;
        if self.shown.len() < show {
            let source = Some((cell.class, cell.bytes));
            self.shown.push(Difference { sign: Sign::NotQuarantined, row: cell.row, column: Some(cell.column), source, target: None });
        }
    }
}
