//! Flyway: `flyway_schema_history` holds versions and checksums.

use super::{Bookkeeping, Preset};
use crate::catalog::{MigrationLedger, RowCounts};

pub(super) const PRESET: Preset = Preset {
    id: "flyway",
    name: "Flyway",
    explain: "Recognised by the table `flyway_schema_history` with the columns `installed_rank`, `version` and `success`. \
              Flyway's migrations are SQL of the application's own, and so are the types. Repeatable migrations have no \
              version and are not compared.",
    command: "flyway migrate",
    marks: &[("flyway_schema_history", &["installed_rank", "version", "success"])],
    bookkeeping: &[Bookkeeping::ledger("flyway_schema_history")],
    ledger: Some(MigrationLedger {
        table: "flyway_schema_history",
        name: &["version", "description"],
        counts: &[RowCounts::IfSet("version"), RowCounts::IfTrue("success")],
    }),
    dialect_bound: true,
    meanings: &[],
};
