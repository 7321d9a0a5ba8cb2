//! SQLx: `_sqlx_migrations` holds versions and checksums.

use super::{Bookkeeping, Preset};
use crate::catalog::{MigrationLedger, RowCounts};

pub(super) const PRESET: Preset = Preset {
    id: "sqlx",
    name: "SQLx",
    explain: "Recognised by the table `_sqlx_migrations` with the columns `version`, `success` and `checksum`. SQLx's \
              migrations are SQL of the application's own, and so are the types.",
    command: "sqlx migrate run",
    marks: &[("_sqlx_migrations", &["version", "success", "checksum"])],
    bookkeeping: &[Bookkeeping::ledger("_sqlx_migrations")],
    ledger: Some(MigrationLedger { table: "_sqlx_migrations", name: &["version"], counts: &[RowCounts::IfTrue("success")] }),
    dialect_bound: true,
    meanings: &[],
};
