//! Laravel: its `migrations` table counts batches.

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    id: "laravel",
    name: "Laravel",
    explain: "Recognised by the table `migrations` with the columns `migration` and `batch`. Laravel declares booleans as `tinyint(1)`, times as \
              `datetime` (texts `YYYY-MM-DD HH:MM:SS`, without a zone) and every text as `varchar`, so that what it wrote comes across as \
              `boolean`, `timestamp` and `text`.",
    marks: &[("migrations", &["migration", "batch"])],
};
