//! Strapi: `strapi_database_schema` holds what it made.

use super::{Bookkeeping, Meaning, Preset};
use crate::catalog::MigrationLedger;

pub(super) const PRESET: Preset = Preset {
    id: "strapi",
    name: "Strapi",
    explain: "Recognised by the table `strapi_database_schema` with the columns `schema` and `hash`. Strapi makes its tables \
              with Knex when it starts: booleans are `boolean` (0 and 1), and a `datetime` holds integers in epoch \
              milliseconds.",
    command: "npx strapi start",
    marks: &[("strapi_database_schema", &["schema", "hash"])],
    bookkeeping: &[
        Bookkeeping::ledger("strapi_migrations"),
        Bookkeeping::lock("strapi_migrations_internal"),
        Bookkeeping::lock("strapi_database_schema"),
        Bookkeeping::data("strapi_core_store_settings"),
    ],
    ledger: Some(MigrationLedger { table: "strapi_migrations", name: &["name"], counts: &[] }),
    dialect_bound: false,
    meanings: &[Meaning::of("boolean", "boolean")],
};
