//! Rails: Active Record keeps `schema_migrations` and `ar_internal_metadata`.

use super::{Bookkeeping, Meaning, Only, Preset};
use crate::catalog::MigrationLedger;

pub(super) const PRESET: Preset = Preset {
    id: "rails",
    name: "Rails",
    explain: "Recognised by the tables `schema_migrations` and `ar_internal_metadata`. Active Record declares booleans as \
              `boolean` (0 and 1; before Rails 5.2 the texts `t` and `f`, which come across as text until they are mended) \
              and times as `datetime(6)` (texts with six digits of a second), so that what it wrote comes across as `boolean` \
              and `timestamp`. A column declared `time` holds a whole timestamp of 2000-01-01. References are `integer` on \
              SQLite and `bigint` on PostgreSQL (seen in Rails 6.1).",
    command: "bin/rails db:schema:load",
    marks: &[("schema_migrations", &["version"]), ("ar_internal_metadata", &["key", "value"])],
    bookkeeping: &[Bookkeeping::ledger("schema_migrations"), Bookkeeping::lock("ar_internal_metadata")],
    ledger: Some(MigrationLedger { table: "schema_migrations", name: &["version"], counts: &[] }),
    dialect_bound: false,
    meanings: &[
        Meaning::of("boolean", "boolean"),
        Meaning::of("varchar", "character varying"),
        Meaning::of("varchar(n)", "character varying(n)"),
        Meaning::of("text", "text"),
        Meaning::of("integer", "bigint").only(Only::Named("_id")),
        Meaning::of("integer", "integer"),
        Meaning::of("bigint", "bigint"),
        Meaning::of("float", "double precision"),
        Meaning::of("decimal", "numeric"),
        Meaning::of("decimal(p,s)", "numeric(p,s)"),
        Meaning::of("datetime(p)", "timestamp(p) without time zone"),
        Meaning::of("datetime", "timestamp without time zone"),
        Meaning::of("date", "date"),
        Meaning::of("json", "json"),
        Meaning::of("blob", "bytea"),
    ],
};
