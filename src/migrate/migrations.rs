//! The migrations behind a load.

use std::time::Instant;

use serde_json::json;

use super::account::phase;
use super::observer::{Event, Observer};
use crate::error::{Outcome, Result};
use crate::journal::{EventKind, Journal};
use crate::migrations::{MigrationState, run_migrations, status};
use crate::plan::Policy;
use crate::postgres::{ConnectionSettings, Session};
use crate::report::MoveReport;

/// Runs the policy's migrations, where the load was compared and is equal; the document gets what became of them.
///
/// They come behind the comparison, so that it compares what was loaded.
pub async fn migrations_behind(
    target: &ConnectionSettings,
    policy: &Policy,
    document: &mut MoveReport,
    journal: &Journal,
    observer: &dyn Observer,
) -> Result<()> {
    if policy.migrations.directory.is_none() {
        return Ok(());
    }
    if document.outcome != Outcome::Done {
        let session = Session::connect(target).await?;
        let report = status(&session, policy).await?;
        if report.count(MigrationState::Skipped) > 0 {
            observer.event(Event::Said(
                "migrations were run here before: what they changed in the tables that were loaded is a difference, too",
            ));
        }
        observer.event(Event::Said("no migration was run: they are run once everything is loaded and found equal"));
        document.migrations = Some(report);
        return Ok(());
    }
    observer.event(Event::Begins("migrations"));
    let began = Instant::now();
    let of = u64::try_from(policy.migrations.files.len()).unwrap_or(u64::MAX);
    let done = std::sync::atomic::AtomicU64::new(0);
    let report = run_migrations(target, policy, None, &|name| {
        let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        observer.event(Event::Advanced { done, of, unit: "migrations", work: None, at: name });
    })
    .await?;
    let took = phase("migrations", report.counted(), report.summary(), began, true);
    observer.event(Event::Ended(&took));
    journal.note("migrations", EventKind::Evidence, Some(took.seconds), &json!({ "migrations": report }))?;
    document.freeze_seconds += took.seconds;
    document.phases.push(took);
    document.migrations = Some(report);
    Ok(())
}
