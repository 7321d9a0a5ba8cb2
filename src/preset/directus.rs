//! Directus: `directus_migrations`, made with Knex.

use super::{Bookkeeping, Meaning, Preset};
use crate::catalog::MigrationLedger;
use crate::mapping::Intent;

pub(super) const PRESET: Preset = Preset {
    id: "directus",
    name: "Directus",
    explain: "Recognised by the table `directus_migrations` with the columns `version` and `name`. Directus makes its tables \
              with Knex: booleans are `boolean` (0 and 1), UUIDs `char(36)`, JSON `json`. A `datetime` holds integers in \
              epoch milliseconds where the application wrote it and texts where its default did.",
    command: "npx directus bootstrap",
    marks: &[("directus_migrations", &["version", "name"])],
    bookkeeping: &[Bookkeeping::ledger("directus_migrations"), Bookkeeping::data("directus_sessions")],
    ledger: Some(MigrationLedger { table: "directus_migrations", name: &["version"], counts: &[] }),
    dialect_bound: false,
    meanings: &[Meaning::of("boolean", "boolean"), Meaning::of("char(36)", "uuid").meant(Intent::Uuid)],
};
