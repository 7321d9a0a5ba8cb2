//! Drizzle: `__drizzle_migrations` holds hashes.

use super::{Bookkeeping, Preset};

pub(super) const PRESET: Preset = Preset {
    id: "drizzle",
    name: "Drizzle",
    explain: "Recognised by the table `__drizzle_migrations` with the columns `hash` and `created_at`. Drizzle declares \
              booleans and times as `integer` (its modes `boolean`, `timestamp` in seconds, `timestamp_ms` in milliseconds \
              stand in the program, not in the file) and JSON as `text`; in a schema of outgrow's own they come across as \
              `bigint` and `text`. The ledger's `id` is declared SERIAL, which SQLite gives no value: it is NULL in every \
              row. Its migrations are made for one kind of database; on PostgreSQL the ledger stands in the schema `drizzle` \
              (seen in Drizzle 0.45).",
    command: "npx drizzle-kit migrate",
    marks: &[("__drizzle_migrations", &["hash", "created_at"])],
    bookkeeping: &[Bookkeeping::ledger("__drizzle_migrations")],
    ledger: None,
    dialect_bound: true,
    meanings: &[],
};
