//! Laravel: its `migrations` table counts batches.

use super::{Bookkeeping, Meaning, Preset};
use crate::catalog::MigrationLedger;

pub(super) const PRESET: Preset = Preset {
    id: "laravel",
    name: "Laravel",
    explain: "Recognised by the table `migrations` with the columns `migration` and `batch`. Laravel declares booleans as \
              `tinyint(1)`, times as `datetime` (texts `YYYY-MM-DD HH:MM:SS`, without a zone) and every string as `varchar` \
              without a length, so that what it wrote comes across as `boolean`, `timestamp` and `text`. An enumeration is \
              `varchar` with a CHECK. Whole numbers of every width are `integer`, UUIDs are `varchar` and JSON is `text`: \
              from the file alone nobody can tell which they were (seen in Laravel 8).",
    command: "php artisan migrate --force",
    marks: &[("migrations", &["migration", "batch"])],
    bookkeeping: &[
        Bookkeeping::ledger("migrations"),
        Bookkeeping::lock("cache_locks"),
        Bookkeeping::data("cache"),
        Bookkeeping::data("sessions"),
        Bookkeeping::data("jobs"),
        Bookkeeping::data("job_batches"),
        Bookkeeping::data("failed_jobs"),
        Bookkeeping::data("password_reset_tokens"),
    ],
    ledger: Some(MigrationLedger { table: "migrations", name: &["migration"], counts: &[] }),
    dialect_bound: false,
    meanings: &[
        Meaning::of("tinyint(1)", "boolean"),
        Meaning::of("datetime", "timestamp(0) without time zone"),
        Meaning::of("date", "date"),
        Meaning::of("time", "time(0) without time zone"),
        Meaning::of("text", "text"),
        Meaning::of("blob", "bytea"),
    ],
};
