//! Knex: `knex_migrations` counts batches, `knex_migrations_lock` keeps runs apart.

use super::{Bookkeeping, Meaning, Preset};
use crate::catalog::MigrationLedger;
use crate::mapping::Intent;

pub(super) const PRESET: Preset = Preset {
    id: "knex",
    name: "Knex",
    explain: "Recognised by the tables `knex_migrations` with the columns `name` and `batch`, and `knex_migrations_lock`. \
              Knex declares booleans as `boolean` (0 and 1), UUIDs as `char(36)`, enumerations as `text` with a CHECK, JSON \
              as `json` (`jsonb` too), and decimals, floats and doubles all as `float`. A `datetime` holds integers in epoch \
              milliseconds where the application wrote a `Date`, and texts where the default `CURRENT_TIMESTAMP` did; a \
              column with both stays text until its cells are mended (seen in Knex 3.3).",
    command: "npx knex migrate:latest",
    marks: &[("knex_migrations", &["name", "batch"]), ("knex_migrations_lock", &["is_locked"])],
    bookkeeping: &[Bookkeeping::ledger("knex_migrations"), Bookkeeping::lock("knex_migrations_lock")],
    ledger: Some(MigrationLedger { table: "knex_migrations", name: &["name"], counts: &[] }),
    dialect_bound: false,
    meanings: &[
        Meaning::of("boolean", "boolean"),
        Meaning::of("varchar(n)", "character varying(n)"),
        Meaning::of("char(36)", "uuid").meant(Intent::Uuid),
        Meaning::of("text", "text"),
        Meaning::of("integer", "integer"),
        Meaning::of("bigint", "bigint"),
        Meaning::of("tinyint", "smallint"),
        Meaning::of("date", "date"),
        Meaning::of("time", "time without time zone"),
        Meaning::of("datetime", "timestamp with time zone"),
        Meaning::of("json", ""),
        Meaning::of("float", ""),
        Meaning::of("blob", "bytea"),
    ],
};
