//! Prisma: `_prisma_migrations` holds checksums.

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    id: "prisma",
    name: "Prisma",
    explain: "Recognised by the table `_prisma_migrations` with the columns `checksum` and `migration_name`. Prisma declares booleans as \
              `BOOLEAN` and times as `DATETIME`, in which it writes integers in epoch milliseconds, so that what it wrote comes across \
              as `boolean` and `timestamptz`. Defaults of `CURRENT_TIMESTAMP` write texts into the same columns; such a column stays \
              text until its cells are mended.",
    marks: &[("_prisma_migrations", &["checksum", "migration_name"])],
};
