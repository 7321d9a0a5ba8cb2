//! Prisma: `_prisma_migrations` holds checksums.

use super::{Bookkeeping, Meaning, Preset};

pub(super) const PRESET: Preset = Preset {
    id: "prisma",
    name: "Prisma",
    explain: "Recognised by the table `_prisma_migrations` with the columns `checksum` and `migration_name`. Prisma declares \
              booleans as `BOOLEAN` and times as `DATETIME`, in which it writes integers in epoch milliseconds, so that what \
              it wrote comes across as `boolean` and `timestamptz`. Defaults of `CURRENT_TIMESTAMP` write texts into the same \
              columns; such a column stays text until its cells are mended. Its migrations are made for one kind of database: \
              for PostgreSQL there is a new history.",
    command: "npx prisma migrate deploy",
    marks: &[("_prisma_migrations", &["checksum", "migration_name"])],
    bookkeeping: &[Bookkeeping::ledger("_prisma_migrations")],
    ledger: None,
    dialect_bound: true,
    meanings: &[
        Meaning::of("boolean", "boolean"),
        Meaning::of("text", "text"),
        Meaning::of("integer", "integer"),
        Meaning::of("bigint", "bigint"),
        Meaning::of("real", "double precision"),
        Meaning::of("decimal", "numeric(65,30)"),
        Meaning::of("datetime", "timestamp(3) without time zone"),
        Meaning::of("jsonb", "jsonb"),
        Meaning::of("blob", "bytea"),
    ],
};
