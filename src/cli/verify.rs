//! `outgrow verify`.

use std::collections::BTreeSet;
use std::time::Instant;

use super::args::VerifyArgs;
use super::progress::Progress;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, counted, duration, shorten};
use crate::copy::Ledger;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::migrate::{Compared, Event, Observer, phase, take_snapshot};
use crate::plan::SourceFingerprint;
use crate::postgres::Session;
use crate::verify::{self, AuditCounts, AuditKind, Comparison, Level, SchemaAudit, TableVerdict, Verdict, VerifyReport};

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
    if args.schema {
        let audit = verify::audit(&plan, &snapshot, &target).await?;
        if screen.is_json() {
            screen.document(&audit)?;
        } else {
            print_audit(&audit, screen);
        }
        return Ok(audit.verdict.outcome());
    }
    let began = Instant::now();
    let advance = Compared::of(&plan);
    let (budget, level) = (args.budget.budget(), args.level.level());
    let comparison = Comparison { plan: &plan, source: &snapshot, target: &target, budget, level, show: args.show };
    let (report, _proof) = verify::run(comparison, &|table, _| progress.event(advance.by(table))).await?;
    let compared = match level {
        Level::Counts => counted(report.rows(), "row"),
        Level::Sample | Level::Full => counted(report.cells().total(), "cell"),
    };
    progress.event(Event::Ended(&phase("verify", compared, "", began, false)));
    if screen.is_json() {
        screen.document(&report)?;
    } else {
        print(&report, screen);
    }
    Ok(report.verdict.outcome())
}

/// Prints the schema's audit, grouped by kind.
fn print_audit(audit: &SchemaAudit, screen: &Screen) {
    let kinds: BTreeSet<AuditKind> = audit.kinds.keys().copied().chain(audit.lines.iter().map(|line| line.kind)).collect();
    for kind in kinds {
        let counts = audit.kinds.get(&kind).copied().unwrap_or_default();
        screen.line(headline(kind, &counts));
        for line in audit.lines.iter().filter(|line| line.kind == kind) {
            let texts: Vec<String> = match (&line.expected, &line.found) {
                (Some(expected), Some(found)) => vec![format!("expected {}", clean(expected)), format!("found    {}", clean(found))],
                (Some(expected), None) => vec![format!("expected {}", clean(expected))],
                (None, found) => found.iter().map(|found| clean(found)).collect(),
            };
            screen.line(format!("  {:<12}  {}", line.standing.to_string(), shorten(&line.name, 100)));
            for text in texts {
                screen.line(format!("      {}", shorten(&text, 200)));
            }
        }
    }
    screen.line(format!("in {}", duration(audit.seconds)));
    let differences: u64 = audit.kinds.values().map(|counts| counts.missing + counts.changed).sum();
    match audit.verdict {
        Verdict::Match => screen.verdict(true, "The schema is as it should be."),
        Verdict::Mismatch => screen.verdict(false, &format!("Mismatch: {} of the schema.", counted(differences, "difference"))),
        Verdict::Inconclusive => screen.verdict(false, "Inconclusive: not everything could be compared."),
    }
}

/// `203 indexes: 202 as expected, 1 missing`; `steps:` where there is something to say and nothing to count.
fn headline(kind: AuditKind, counts: &AuditCounts) -> String {
    let (one, several) = kind.words();
    // What nobody looked for is said all the same: a refused step, a table that is more.
    if counts.looked_at == 0 {
        return format!("{several}:");
    }
    let word = if counts.looked_at == 1 { one } else { several };
    let others = [(counts.missing, "missing"), (counts.changed, "changed"), (counts.not_compared, "not compared")];
    let others = others.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
    format!("{} {word}: {} as expected{}", counts.looked_at, counts.as_expected, others.collect::<String>())
}

fn print(report: &VerifyReport, screen: &Screen) {
    // Of a table that was read, the last line says that less than everything was compared.
    let is_unread = |verdict: &TableVerdict| verdict.verdict == Verdict::Inconclusive && (report.level == Level::Full || verdict.rows == 0);
    let unread = report.tables.values().any(is_unread);
    for (name, verdict) in &report.tables {
        if verdict.verdict == Verdict::Mismatch || is_unread(verdict) {
            table(name, verdict, screen);
        }
    }
    for check in &report.checks {
        for problem in &check.problems {
            screen.line(format!("{}: {}", check.check, clean(problem)));
        }
    }
    let cells = report.cells();
    let tables = counted(u64::try_from(report.tables.len()).unwrap_or(u64::MAX), "table");
    if report.level == Level::Counts {
        screen.line(format!("{} in {tables} counted, in {}", counted(report.rows(), "row"), duration(report.seconds)));
    } else {
        screen.line(format!(
            "{} in {}: {} exact, {} normalised, {} quarantined, in {}",
            counted(cells.total(), "cell"),
            tables,
            cells.exact,
            cells.normalised_total(),
            cells.quarantined_total(),
            duration(report.seconds),
        ));
    }
    if report.reference() > 0 {
        screen.line(format!("{} of reference data, which the source does not hold", counted(report.reference(), "row")));
    }
    match report.verdict {
        Verdict::Match => screen.verdict(true, "Equal under the plan's rules."),
        Verdict::Mismatch => screen.verdict(false, &format!("Mismatch: {}.", counted(report.differences(), "difference"))),
        Verdict::Inconclusive if report.level == Level::Counts && !unread => {
            screen.verdict(false, "Inconclusive: as many rows on both sides, and only the rows were counted.");
        }
        Verdict::Inconclusive if report.level == Level::Sample && !unread => {
            let rows = counted(report.rows(), "row");
            screen.verdict(false, &format!("Inconclusive: no difference in the sample of {rows}, and the other rows were not compared."));
        }
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
