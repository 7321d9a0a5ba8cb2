//! goose: `goose_db_version` holds versions.

use super::{Bookkeeping, Preset};
use crate::catalog::{MigrationLedger, RowCounts};

pub(super) const PRESET: Preset = Preset {
    id: "goose",
    name: "goose",
    explain: "Recognised by the table `goose_db_version` with the columns `version_id` and `is_applied`. Goose's migrations \
              are SQL or Go of the application's own, and so are the types; the first row, version 0, is there before any \
              migration.",
    command: "goose up",
    marks: &[("goose_db_version", &["version_id", "is_applied"])],
    bookkeeping: &[Bookkeeping::ledger("goose_db_version")],
    ledger: Some(MigrationLedger { table: "goose_db_version", name: &["version_id"], counts: &[RowCounts::IfTrue("is_applied")] }),
    dialect_bound: true,
    meanings: &[],
};
