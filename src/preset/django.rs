//! Django: `django_migrations` names app and migration.

use super::{Bookkeeping, Meaning, Only, Preset};
use crate::catalog::MigrationLedger;
use crate::mapping::Intent;

pub(super) const PRESET: Preset = Preset {
    id: "django",
    name: "Django",
    explain: "Recognised by the table `django_migrations` with the columns `app`, `name` and `applied`. Django declares \
              booleans as `bool`, times as `datetime` (texts with six digits of a second, left out where they are zero), \
              UUIDs as `char(32)` (hex without hyphens) and JSON as `text` with a CHECK of `JSON_VALID`. With `USE_TZ = \
              True`, which new projects have, every `datetime` is in UTC; without it, it is in the project's `TIME_ZONE`. A \
              `DurationField` is a `bigint` of microseconds and looks like any other; a `decimal` does not say its digits. A \
              foreign key has the type of the key that it leads to (seen in Django 5.2).",
    command: "python manage.py migrate",
    marks: &[("django_migrations", &["app", "name", "applied"])],
    bookkeeping: &[
        Bookkeeping::ledger("django_migrations"),
        Bookkeeping::data("django_content_type"),
        Bookkeeping::data("django_session"),
        Bookkeeping::data("django_site"),
        Bookkeeping::data("django_admin_log"),
    ],
    ledger: Some(MigrationLedger { table: "django_migrations", name: &["app", "name"], counts: &[] }),
    dialect_bound: false,
    meanings: &[
        Meaning::of("bool", "boolean"),
        Meaning::of("varchar(n)", "character varying(n)"),
        Meaning::of("char(32)", "uuid").meant(Intent::Uuid),
        Meaning::of("char(15)", "inet"),
        Meaning::of("char(39)", "inet"),
        Meaning::of("text", "jsonb").meant(Intent::Json).only(Only::CheckedAsJson),
        Meaning::of("text", "text"),
        Meaning::of("date", "date"),
        Meaning::of("time", "time without time zone"),
        Meaning::of("datetime", "timestamp with time zone"),
        Meaning::of("decimal", "numeric"),
        Meaning::of("real", "double precision"),
        Meaning::of("smallint", "smallint"),
        Meaning::of("smallint unsigned", "smallint"),
        Meaning::of("integer", "integer"),
        Meaning::of("integer unsigned", "integer"),
        Meaning::of("bigint unsigned", "bigint"),
        Meaning::of("bigint", ""),
        Meaning::of("blob", "bytea"),
    ],
};
