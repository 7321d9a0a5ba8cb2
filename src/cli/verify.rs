//! `outgrow verify`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::args::VerifyArgs;
use super::progress::Progress;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, counted, duration, shorten};
use crate::copy::Ledger;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::migrate::{Event, Observer, phase, take_snapshot};
use crate::plan::SourceFingerprint;
use crate::postgres::Session;
use crate::verify::{self, Comparison, TableVerdict, Verdict, VerifyReport};

pub(super) async fn run(args: &VerifyArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let source = settings.source(&args.source.source)?;
    let target = settings.target(args.target.as_deref())?;
    let session = Session::connect(&target).await?;
    let not_loaded = || {
        Error::new(ErrorKind::Usage, format!("compare with {}", session.describe()), "outgrow has not loaded this database")
            .hint("the rules of the comparison are those of the plan, which `outgrow migrate` leaves in the target")
    };
    if !Ledger::is_there(&session).await? {
        return Err(not_loaded());
    }
    let directory = tempfile::Builder::new()
        .prefix("outgrow-snapshot-")
        .tempdir()
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, "make a directory for the snapshot", error.to_string()).because(error))?;
    let snapshot = directory.path().join("snapshot.sqlite");
    let progress = Progress::new(settings, screen);
    // All tables are compared as they were at one moment, whatever the application writes meanwhile.
    let taken = tokio::task::block_in_place(|| take_snapshot(source, &snapshot, &progress))?;
    let plan = Ledger::last_plan(&session, &SourceFingerprint::schema_of(&taken.catalog)?).await?.ok_or_else(not_loaded)?;
    progress.event(Event::Begins("verify"));
    let began = Instant::now();
    let of = u64::try_from(plan.tables.len()).unwrap_or(u64::MAX);
    let done = AtomicU64::new(0);
    let comparison = Comparison { plan: &plan, source: &snapshot, target: &target, show: args.show };
    let (report, _proof) = verify::run(comparison, &|table, _| {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        progress.event(Event::Advanced { done, of, unit: "tables", at: table });
    })
    .await?;
    let compared = counted(report.cells().total(), "cell");
    progress.event(Event::Ended(&phase("verify", compared, "", began, false)));
    if screen.is_json() {
        screen.document(&report)?;
    } else {
        print(&report, screen);
    }
    Ok(report.verdict.outcome())
}

fn print(report: &VerifyReport, screen: &Screen) {
    for (name, verdict) in &report.tables {
        if verdict.verdict != Verdict::Match {
            table(name, verdict, screen);
        }
    }
    for check in &report.checks {
        for problem in &check.problems {
            screen.line(format!("{}: {}", check.check, clean(problem)));
        }
    }
    let cells = report.cells();
    screen.line(format!(
        "{} in {}: {} exact, {} normalised, {} quarantined, in {}",
        counted(cells.total(), "cell"),
        counted(u64::try_from(report.tables.len()).unwrap_or(u64::MAX), "table"),
        cells.exact,
        cells.normalised_total(),
        cells.quarantined_total(),
        duration(report.seconds),
    ));
    match report.verdict {
        Verdict::Match => screen.verdict(true, "Equal under the plan's rules."),
        Verdict::Mismatch => screen.verdict(false, &format!("Mismatch: {}.", counted(report.differences(), "difference"))),
        Verdict::Inconclusive => screen.verdict(false, "Inconclusive: not everything could be compared."),
    }
}

/// Prints what differs in a table.
pub(super) fn table(name: &str, verdict: &TableVerdict, screen: &Screen) {
    let reason = verdict.reason.as_ref().map(|reason| format!(": {}", clean(reason))).unwrap_or_default();
    screen.line(format!("\n{}  {}{reason}", shorten(name, 60), counted(verdict.differences, "difference")));
    for difference in &verdict.shown {
        for line in difference.to_string().lines() {
            screen.line(format!("  {}", shorten(line, 200)));
        }
    }
    let hidden = verdict.differences.saturating_sub(u64::try_from(verdict.shown.len()).unwrap_or(u64::MAX));
    if hidden > 0 {
        screen.line(format!("  … and {hidden} more"));
    }
}
