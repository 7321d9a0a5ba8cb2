//! SQLAlchemy with Alembic: `alembic_version` holds one column.

use super::{Bookkeeping, Meaning, Preset};
use crate::catalog::MigrationLedger;
use crate::mapping::Intent;

pub(super) const PRESET: Preset = Preset {
    id: "alembic",
    name: "SQLAlchemy with Alembic",
    explain: "Recognised by the table `alembic_version` with the column `version_num`. SQLAlchemy declares booleans as \
              `BOOLEAN` (0 and 1, with a CHECK where that was asked for), times as `DATETIME` (texts with six digits of a \
              second, without a zone even where the model has one), UUIDs as `CHAR(32)` (hex without hyphens) and JSON as \
              `JSON`, in which Python's None is the text `null`. An `Interval` is a `DATETIME` that counts from 1970-01-01, \
              and an `Enum` a `VARCHAR` as long as its longest label: nothing in the file tells them from the others (seen in \
              SQLAlchemy 2.1).",
    command: "alembic upgrade head",
    marks: &[("alembic_version", &["version_num"])],
    bookkeeping: &[Bookkeeping::ledger("alembic_version")],
    ledger: Some(MigrationLedger { table: "alembic_version", name: &["version_num"], counts: &[] }),
    dialect_bound: false,
    meanings: &[
        Meaning::of("boolean", "boolean"),
        Meaning::of("varchar", "character varying"),
        Meaning::of("varchar(n)", "character varying(n)"),
        Meaning::of("char(32)", "uuid").meant(Intent::Uuid),
        Meaning::of("text", "text"),
        Meaning::of("smallint", "smallint"),
        Meaning::of("integer", "integer"),
        Meaning::of("bigint", "bigint"),
        Meaning::of("numeric(p,s)", "numeric(p,s)"),
        Meaning::of("numeric", "numeric"),
        Meaning::of("float", "double precision"),
        Meaning::of("double", "double precision"),
        Meaning::of("date", "date"),
        Meaning::of("datetime", "timestamp without time zone"),
        Meaning::of("time", "time without time zone"),
        Meaning::of("json", "json"),
        Meaning::of("blob", "bytea"),
    ],
};
