//! Sequelize: `SequelizeMeta` holds names of files.

use super::{Bookkeeping, Meaning, Preset};
use crate::catalog::MigrationLedger;

pub(super) const PRESET: Preset = Preset {
    id: "sequelize",
    name: "Sequelize",
    explain: "Recognised by the table `SequelizeMeta` with the column `name`. Sequelize declares booleans as `TINYINT(1)`, \
              UUIDs as `UUID`, JSON as `JSON`, enumerations as `TEXT`, and times as `DATETIME` (texts with three digits of a \
              second and `+00:00` behind a space), so that what it wrote comes across as `boolean`, `uuid`, `json`, `text` \
              and `timestamptz` (seen in Sequelize 6.37).",
    command: "npx sequelize-cli db:migrate",
    marks: &[("SequelizeMeta", &["name"])],
    bookkeeping: &[Bookkeeping::ledger("SequelizeMeta"), Bookkeeping::data("SequelizeData")],
    ledger: Some(MigrationLedger { table: "SequelizeMeta", name: &["name"], counts: &[] }),
    dialect_bound: false,
    meanings: &[
        Meaning::of("tinyint(1)", "boolean"),
        Meaning::of("varchar(n)", "character varying(n)"),
        Meaning::of("char(n)", "character(n)"),
        Meaning::of("smallint", "smallint"),
        Meaning::of("integer", "integer"),
        Meaning::of("bigint", "bigint"),
        Meaning::of("decimal(p,s)", "numeric(p,s)"),
        Meaning::of("decimal", "numeric"),
        Meaning::of("float", "double precision"),
        Meaning::of("double precision", "double precision"),
        Meaning::of("real", "real"),
        Meaning::of("date", "date"),
        Meaning::of("time", "time without time zone"),
        Meaning::of("datetime", "timestamp with time zone"),
        Meaning::of("uuid", "uuid"),
        Meaning::of("json", "json"),
        Meaning::of("jsonb", "jsonb"),
        Meaning::of("blob", "bytea"),
    ],
};
