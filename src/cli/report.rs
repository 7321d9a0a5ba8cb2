//! `outgrow report`, and the page that ends a move.

use std::fs;
use std::path::Path;

use super::args::ReportArgs;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{bytes, clean, counted, duration};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::report::{MoveReport, Tone, judge, page};

pub(super) fn run(args: &ReportArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    if args.course.completion || args.course.incident {
        return super::completion::show(args, &settings.work_dir, screen);
    }
    if args.markdown {
        let detail = "the report of a move is a page, HTML or JSON";
        return Err(Error::new(ErrorKind::Usage, "print Markdown", detail).hint("--markdown goes with --completion or --incident"));
    }
    let file = settings.work_dir.join("report.json");
    let text = fs::read(&file).map_err(|error| {
        Error::new(ErrorKind::Usage, "show the last report", format!("{} holds none", settings.work_dir.display()))
            .hint("rehearse or migrate first, or name the directory with --work-dir")
            .because(error)
    })?;
    let report: MoveReport = serde_json::from_slice(&text).map_err(|error| {
        Error::new(ErrorKind::Usage, "show the last report", format!("{} is not a report of this version: {error}", file.display()))
    })?;
    if args.html {
        screen.out(&page(&report)?);
        return Ok(Outcome::Done);
    }
    print(&report, &settings.work_dir.join("report.html"), screen)?;
    Ok(Outcome::Done)
}

/// Prints the page of a move, or its document.
pub(super) fn print(report: &MoveReport, page: &Path, screen: &Screen) -> Result<()> {
    if screen.is_json() {
        return screen.document(report);
    }
    screen.head(report);
    screen.line("");
    for phase in &report.phases {
        screen.phase(phase);
    }
    books(report, screen);
    for refused in &report.refused {
        screen.line(format!("\nThe server refused {}: {}", clean(&refused.object), clean(&refused.message)));
        if let Some(waived) = &refused.waived {
            screen.line(format!("  waived by {}: {}", clean(&waived.by), clean(&waived.reason)));
        }
    }
    if let Some(migrations) = &report.migrations {
        screen.line(format!("\nMigrations (ledger {})", clean(&migrations.ledger)));
        super::migrations::print(migrations, screen);
    }
    differences(report, screen);
    probes(report, screen);
    screen.findings(&report.findings);
    verdict(report, screen);
    screen.line(format!("report: {}", page.display()));
    Ok(())
}

/// The books of promise 1.
fn books(report: &MoveReport, screen: &Screen) {
    let cells = &report.cells;
    if report.verification.is_none() {
        return;
    }
    let plan = &report.plan;
    screen.line(format!(
        "\n  {} = {} exact + {} normalised + {} quarantined",
        counted(cells.total(), "cell"),
        cells.exact,
        cells.normalised_total(),
        cells.quarantined_total(),
    ));
    let columns = counted(plan.columns_exact, "column");
    screen.line(format!("  {columns} exact · {} normalised · {} to decide", plan.columns_normalised, plan.columns_to_decide));
    for file in &report.references {
        screen.line(format!("  {}", clean(&file.to_string())));
    }
    if let Some(size) = report.target.bytes {
        screen.line(format!("  {} of SQLite became {} of PostgreSQL", bytes(report.source.bytes), bytes(size)));
    }
}

fn differences(report: &MoveReport, screen: &Screen) {
    let Some(verification) = &report.verification else { return };
    for (table, verdict) in &verification.tables {
        if verdict.differences > 0 || verdict.reason.is_some() {
            super::verify::table(table, verdict, screen);
        }
    }
    for check in &verification.checks {
        for problem in &check.problems {
            screen.line(format!("{}: {}", check.check, clean(problem)));
        }
    }
}

fn probes(report: &MoveReport, screen: &Screen) {
    let Some(probes) = &report.probes else { return };
    for surprise in &probes.surprises {
        screen.line(format!(
            "surprise: {}: SQLite {}; PostgreSQL {}",
            clean(&surprise.probe),
            clean(&surprise.source),
            clean(&surprise.target)
        ));
    }
}

fn verdict(report: &MoveReport, screen: &Screen) {
    let judgement = judge(report);
    screen.verdict(judgement.tone != Tone::Bad, &format!("{}: {}", judgement.word, judgement.sentence));
    if report.verb == "rehearse" && report.verification.is_some() {
        screen.line(format!("The move would take {} with the application stopped.", duration(report.freeze_seconds)));
    }
}
