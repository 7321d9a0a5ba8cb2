//! Entity Framework Core: `__EFMigrationsHistory` names the product's version.

use super::{Bookkeeping, Preset};
use crate::catalog::MigrationLedger;

pub(super) const PRESET: Preset = Preset {
    id: "ef-core",
    name: "Entity Framework Core",
    explain: "Recognised by the table `__EFMigrationsHistory` with the columns `MigrationId` and `ProductVersion`. Entity \
              Framework Core declares only INTEGER, REAL, TEXT and BLOB: booleans and enumerations are integers; GUIDs (upper \
              case, with hyphens), decimals, dates, offsets and time spans are texts. From the file alone nobody can tell \
              which they were, so that they come across as `bigint` and `text` in a schema of outgrow's own; let the \
              application's migrations make the schema.",
    command: "dotnet ef database update",
    marks: &[("__EFMigrationsHistory", &["MigrationId", "ProductVersion"])],
    bookkeeping: &[Bookkeeping::ledger("__EFMigrationsHistory"), Bookkeeping::lock("__EFMigrationsLock")],
    ledger: Some(MigrationLedger { table: "__EFMigrationsHistory", name: &["MigrationId"], counts: &[] }),
    dialect_bound: true,
    meanings: &[],
};
