//! golang-migrate: `schema_migrations` holds one version.

use super::{Bookkeeping, Preset};
use crate::catalog::{MigrationLedger, RowCounts};

pub(super) const PRESET: Preset = Preset {
    id: "golang-migrate",
    name: "golang-migrate",
    explain: "Recognised by the table `schema_migrations` with the columns `version` and `dirty` (Rails has a table of that \
              name too, without `dirty`). Its one row is the version of the schema; one that is dirty broke off in the middle \
              of a migration and counts as none. The migrations are SQL of the application's own, and so are the types.",
    command: "migrate -path migrations -database $DATABASE_URL up",
    marks: &[("schema_migrations", &["version", "dirty"])],
    bookkeeping: &[Bookkeeping::ledger("schema_migrations")],
    ledger: Some(MigrationLedger { table: "schema_migrations", name: &["version"], counts: &[RowCounts::IfFalse("dirty")] }),
    dialect_bound: true,
    meanings: &[],
};
