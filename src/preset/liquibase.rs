//! Liquibase: `DATABASECHANGELOG` holds change sets.

use super::{Bookkeeping, Preset};
use crate::catalog::MigrationLedger;

pub(super) const PRESET: Preset = Preset {
    id: "liquibase",
    name: "Liquibase",
    explain: "Recognised by the table `DATABASECHANGELOG` with the columns `ID`, `AUTHOR` and `FILENAME`; on PostgreSQL the \
              same names are in lower case. A change set is the same for every database, and Liquibase chooses the types.",
    command: "liquibase update",
    marks: &[("DATABASECHANGELOG", &["ID", "AUTHOR", "FILENAME"])],
    bookkeeping: &[Bookkeeping::ledger("DATABASECHANGELOG"), Bookkeeping::lock("DATABASECHANGELOGLOCK")],
    ledger: Some(MigrationLedger { table: "DATABASECHANGELOG", name: &["ID", "AUTHOR", "FILENAME"], counts: &[] }),
    dialect_bound: false,
    meanings: &[],
};
