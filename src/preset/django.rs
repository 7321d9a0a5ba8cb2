//! Django: `django_migrations` names app and migration.

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    id: "django",
    name: "Django",
    explain: "Recognised by the table `django_migrations` with the columns `app`, `name` and `applied`. Django declares booleans as `bool` \
              and times as `datetime` (texts with up to six digits of a second, left out where they are zero), so that what it wrote \
              comes across as `boolean` and `timestamp`.",
    marks: &[("django_migrations", &["app", "name", "applied"])],
};
