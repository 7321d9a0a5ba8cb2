//! Diesel: `__diesel_schema_migrations` holds versions.

use super::{Bookkeeping, Preset};
use crate::catalog::MigrationLedger;

pub(super) const PRESET: Preset = Preset {
    id: "diesel",
    name: "Diesel",
    explain: "Recognised by the table `__diesel_schema_migrations` with the column `version`. Diesel's migrations are SQL of \
              the application's own, and so are the types; it writes booleans as 0 and 1 and timestamps as texts.",
    command: "diesel migration run",
    marks: &[("__diesel_schema_migrations", &["version", "run_on"])],
    bookkeeping: &[Bookkeeping::ledger("__diesel_schema_migrations")],
    ledger: Some(MigrationLedger { table: "__diesel_schema_migrations", name: &["version"], counts: &[] }),
    dialect_bound: true,
    meanings: &[],
};
