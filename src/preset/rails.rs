//! Rails: Active Record keeps `schema_migrations` and `ar_internal_metadata`.

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    id: "rails",
    name: "Rails",
    explain: "Recognised by the tables `schema_migrations` and `ar_internal_metadata`. Active Record declares booleans as `boolean` (0 and 1) \
              and times as `datetime(6)` (texts with six digits of a second), so that what it wrote comes across as `boolean` and \
              `timestamp`.",
    marks: &[("schema_migrations", &["version"]), ("ar_internal_metadata", &["key", "value"])],
};
