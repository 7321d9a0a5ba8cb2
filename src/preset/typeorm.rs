//! TypeORM: its `migrations` table has a timestamp and a name.

use super::{Bookkeeping, Meaning, Preset};
use crate::catalog::MigrationLedger;

pub(super) const PRESET: Preset = Preset {
    id: "typeorm",
    name: "TypeORM",
    explain: "Recognised by the table `migrations` with the columns `timestamp` and `name`. TypeORM declares booleans as \
              `boolean` (0 and 1) and times as `datetime` (texts with three digits of a second in UTC, where the default \
              `datetime('now')` writes none: where `.000` is among them, the column stays text). UUIDs are `varchar`, \
              `simple-json` and `simple-array` are `text`, `simple-enum` is `varchar` with a CHECK. JavaScript rounds a \
              `bigint` beyond 2^53 before it is written (seen in TypeORM 1.1).",
    command: "npx typeorm migration:run -d data-source.js",
    marks: &[("migrations", &["timestamp", "name"])],
    bookkeeping: &[Bookkeeping::ledger("migrations"), Bookkeeping::lock("typeorm_metadata")],
    ledger: Some(MigrationLedger { table: "migrations", name: &["name"], counts: &[] }),
    dialect_bound: true,
    meanings: &[
        Meaning::of("boolean", "boolean"),
        Meaning::of("varchar(n)", "character varying(n)"),
        Meaning::of("text", "text"),
        Meaning::of("integer", "integer"),
        Meaning::of("bigint", "bigint"),
        Meaning::of("decimal(p,s)", "numeric(p,s)"),
        Meaning::of("float", "double precision"),
        Meaning::of("date", "date"),
        Meaning::of("time", "time without time zone"),
        Meaning::of("datetime", "timestamp without time zone"),
        Meaning::of("blob", "bytea"),
    ],
};
