//! What became of it, in a word and a sentence.

use super::facts::{CompletionKind, CompletionReport, WayBack};
use crate::mapping::counted;
use crate::report::judgement::{Judgement, Tone, judge};
use crate::report::page::written::seconds;
use crate::runbook::{Course, Ending, Record, StepState};

/// What the report is called.
pub(super) fn title(kind: CompletionKind, record: &Record) -> String {
    let name = record.source.file_name().map_or_else(|| record.source.display().to_string(), |name| name.to_string_lossy().into_owned());
    match kind {
        CompletionKind::Completion => format!("Cutover of {name} to PostgreSQL"),
        CompletionKind::Incident => format!("Rollback of {name} to SQLite"),
    }
}

/// The verdict.
pub(super) fn of(report: &CompletionReport, cutover: &Course, back: Option<&Course>) -> Judgement {
    match (back, report.kind) {
        (Some(back), _) if back.ending != Some(Ending::Done) => stands_still(back),
        (Some(back), CompletionKind::Incident) => gone_back(report, back),
        (Some(back), CompletionKind::Completion) => taken_back(report, cutover, back),
        (None, _) => alone(report, cutover),
    }
}

fn says(tone: Tone, word: &'static str, sentence: String) -> Judgement {
    Judgement { tone, word, sentence }
}

/// `on 2026-11-21 at 20:45:07 UTC`.
fn at(moment: Option<jiff::Timestamp>) -> String {
    moment.map(|at| at.strftime(" on %Y-%m-%d at %H:%M:%S UTC").to_string()).unwrap_or_default()
}

fn downtime(report: &CompletionReport) -> String {
    match (report.downtime_seconds, report.budget_seconds) {
        (Some(down), Some(budget)) => format!("it took no writes for {} ({} were allowed)", seconds(down), seconds(budget)),
        (Some(down), None) => format!("it took no writes for {}", seconds(down)),
        (None, _) => "it took writes all the time".to_owned(),
    }
}

/// The step at which a course failed, and why.
fn failure(course: &Course) -> String {
    let failed = course.steps.iter().rev().find(|step| step.state == StepState::Failed);
    failed.or(course.steps.last()).map_or_else(|| "its beginning".to_owned(), |step| format!("{} ({})", step.id, step.what))
}

/// A cutover that nothing came after.
fn alone(report: &CompletionReport, cutover: &Course) -> Judgement {
    match cutover.ending {
        Some(Ending::Done) => {
            let moved = report.moved.as_ref().map(|moved| (&moved.report, judge(&moved.report)));
            let tone = moved.as_ref().map_or(Tone::Good, |(_, judged)| judged.tone);
            let rows = moved.map(|(moved, judged)| {
                let (tables, rows) = (counted(moved.source.tables, "table"), counted(moved.source.rows, "row"));
                format!("{tables} with {rows} came across. {} ", judged.sentence)
            });
            let rows = rows.unwrap_or_default();
            let sentence = format!("The application is on PostgreSQL{}. {rows}While it was moved, {}.", since(cutover), downtime(report));
            says(tone, "Moved", sentence)
        }
        Some(Ending::NothingChanged) => says(
            Tone::Bad,
            "Not moved",
            format!("It failed at {} before the application was touched, which is on SQLite as before.", failure(cutover)),
        ),
        Some(Ending::TakenBack) => {
            says(Tone::Bad, "Not finished", "It failed, and is not taken back yet: `outgrow rollback` does that.".to_owned())
        }
        None => {
            let sentence = "It stopped in the middle: the same command goes on with it, and `outgrow rollback` takes it back.";
            says(Tone::Open, "Not finished", sentence.to_owned())
        }
    }
}

fn since(course: &Course) -> String {
    let moment = course.up_at.or(course.ended_at);
    moment.map(|moment| format!(" since {}", at(Some(moment)).trim_start_matches(" on "))).unwrap_or_default()
}

/// A cutover that was taken back.
fn taken_back(report: &CompletionReport, cutover: &Course, back: &Course) -> Judgement {
    if cutover.steps.iter().all(|step| step.state != StepState::Failed) {
        let cause = back.cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
        let sentence =
            format!("The application was moved, and went back to SQLite{}{cause}. {}", at(back.up_at), rows(report.way_back.as_ref()));
        return says(Tone::Open, "Moved, and taken back", sentence);
    }
    let sentence = format!(
        "It failed at {} and was taken back: the application is on SQLite again, and {}. {}",
        failure(cutover),
        downtime(report),
        rows(report.way_back.as_ref())
    );
    says(Tone::Bad, "Taken back", sentence)
}

/// A way back to its end.
fn gone_back(report: &CompletionReport, back: &Course) -> Judgement {
    let is_whole = report.way_back.as_ref().is_some_and(|way| way.exported != Some(false) && way.rows() == 0 && way.notes.is_empty());
    let sentence = match report.downtime_seconds {
        Some(down) => format!(
            "The application is on SQLite again{}, and took no writes for {}. {}",
            since(back),
            seconds(down),
            rows(report.way_back.as_ref())
        ),
        None => format!("The application is on SQLite again{}. {}", since(back), rows(report.way_back.as_ref())),
    };
    says(if is_whole { Tone::Good } else { Tone::Open }, "Back on SQLite", sentence)
}

fn stands_still(back: &Course) -> Judgement {
    let sentence = format!("The way back stands still at {}: mend that, and `outgrow rollback` goes on.", failure(back));
    says(Tone::Bad, "Not finished", sentence)
}

/// What became of what was written to the target.
fn rows(way: Option<&WayBack>) -> String {
    let Some(way) = way else { return String::new() };
    match (way.exported, way.rows()) {
        (None, _) => "Nothing can have been written to PostgreSQL.".to_owned(),
        (Some(false), _) => "What was written to PostgreSQL could not be exported, and is not in SQLite.".to_owned(),
        (Some(true), 0) if way.notes.is_empty() => "Nothing was written to PostgreSQL since the cutover.".to_owned(),
        (Some(true), rows) => {
            let place = way.directory.as_deref().unwrap_or("the work directory");
            format!("{} written to PostgreSQL since the cutover: exported to {place}, and not in SQLite.", counted(rows, "row"))
        }
    }
}
