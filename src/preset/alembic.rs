//! SQLAlchemy with Alembic: `alembic_version` holds one column.

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    id: "alembic",
    name: "SQLAlchemy with Alembic",
    explain: "Recognised by the table `alembic_version` with the column `version_num`. SQLAlchemy declares booleans as `BOOLEAN` (0 and 1, \
              often with a CHECK) and times as `DATETIME` (texts with six digits of a second), so that what it wrote comes across as \
              `boolean` and `timestamp`.",
    marks: &[("alembic_version", &["version_num"])],
};
