//! Puts together what is remembered.

use std::path::Path;

use jiff::Timestamp;

use super::course;
use super::detail::{self, MovedDetail};
use super::facts::{CommandLine, CompletionKind, CompletionReport, Moved, RestartLine, SignedOff};
use super::{issues, verdict};
use crate::gate::Judgement;
use crate::journal::{Run, SignOff};
use crate::plan::Policy;
use crate::runbook::{Course, CourseKind, Record};

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// What was done.
    pub record: &'a Record,
    /// The policy by which it was done.
    pub policy: &'a Policy,
    /// The last report of a move in the work directory; it counts where it is that of the cutover.
    pub moved: Option<&'a Moved>,
    /// The runs of the journal, oldest first.
    pub runs: &'a [Run],
    /// Who has agreed, oldest first.
    pub sign_offs: &'a [SignOff],
    /// The work directory.
    pub directory: &'a Path,
    /// Now.
    pub now: Timestamp,
}

/// The report of the last cutover and of what came after it; none where the record holds none, or no way back for an incident.
pub fn gather(around: Around<'_>, kind: CompletionKind) -> Option<CompletionReport> {
    let Around { record, policy, .. } = around;
    let first = record.courses.iter().rposition(|course| course.kind == CourseKind::Cutover)?;
    let courses = record.courses.get(first..)?;
    let cutover = courses.first()?;
    let back = courses.iter().rev().find(|course| course.kind == CourseKind::Rollback);
    let of = match kind {
        CompletionKind::Completion => cutover,
        CompletionKind::Incident => back?,
    };
    // An application that stood still from the cutover to the end of the way back stood still once.
    let down = if cutover.up_at.is_none() { back.unwrap_or(of) } else { of };
    let is_limited = kind == CompletionKind::Completion || cutover.up_at.is_none();
    let moved = around.moved.filter(|moved| is_of(moved, cutover));
    let mut report = CompletionReport {
        kind,
        course: of.id.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: around.now.to_string(),
        title: verdict::title(kind, record),
        tone: crate::report::Tone::Open,
        verdict: String::new(),
        sentence: String::new(),
        side: record.side,
        source: record.source.display().to_string(),
        target: record.target.clone(),
        downtime_seconds: down.downtime(),
        budget_seconds: is_limited.then_some(policy.cutover.budget.0.as_secs_f64()),
        way_back: back.map(course::way_back),
        moved: moved.cloned(),
        gates: gates(around.runs, cutover),
        sign_offs: around.sign_offs.iter().map(signed_off).collect(),
        courses: courses.iter().map(course::line).collect(),
        restarts: restarts(around.runs, cutover),
        smoke: courses.iter().flat_map(course::smoke).collect(),
        latency: course::latency(cutover),
        health: course::health(cutover),
        hooks: courses.iter().flat_map(course::hooks).collect(),
        changes: course::changes(cutover),
        backups: course::backups(cutover, &policy.backup),
        notices: courses.iter().flat_map(course::notices).collect(),
        issues: Vec::new(),
        commands: Vec::new(),
    };
    report.commands = commands(&report, around.directory);
    report.issues = issues::of(&report);
    let judged = verdict::of(&report, cutover, back);
    (report.tone, report.verdict, report.sentence) = (judged.tone, judged.word.to_owned(), judged.sentence);
    Some(report)
}

/// Whether a report of a move is that of this cutover: later ones replace it in the work directory.
fn is_of(moved: &Moved, cutover: &Course) -> bool {
    let made_at: Option<Timestamp> = moved.report.made_at.parse().ok();
    let is_later = made_at.is_some_and(|at| at >= cutover.began_at && cutover.ended_at.is_none_or(|ended| at <= ended));
    let plan = cutover.step("migrate").and_then(detail::read::<MovedDetail>).map(|detail| detail.plan);
    moved.report.verb == "migrate" && is_later && plan.is_none_or(|plan| plan == moved.report.plan.id)
}

/// How the gates stood when the cutover began: it begins right after they were asked.
fn gates(runs: &[Run], cutover: &Course) -> Vec<Judgement> {
    let asked = runs.iter().filter(|run| run.verb == "cutover").flat_map(|run| &run.events).filter(|event| event.step == "gates");
    let mut before = asked.filter(|event| event.at.parse::<Timestamp>().is_ok_and(|at| at <= cutover.began_at));
    let last = before.next_back().and_then(|event| event.detail.get("gates").cloned());
    last.and_then(|gates| serde_json::from_value(gates).ok()).unwrap_or_default()
}

/// Runs since the cutover began that did not go through; the newest is the one that writes this.
fn restarts(runs: &[Run], cutover: &Course) -> Vec<RestartLine> {
    let began = |run: &Run| run.started_at.parse::<Timestamp>().ok();
    let first = runs.iter().rposition(|run| run.verb == "cutover" && began(run).is_some_and(|at| at <= cutover.began_at));
    let since = first.and_then(|first| runs.get(first..)).unwrap_or_default();
    let newest = since.last().map(|run| run.id);
    let courses = since.iter().filter(|run| Some(run.id) != newest && (run.verb == "cutover" || run.verb == "rollback"));
    let line = |run: &Run| {
        let what = match (&run.ending, run.exit_code) {
            (None, _) => "did not end: it was killed, or its machine went down".to_owned(),
            (Some(_), Some(0)) => return None,
            (Some(ending), _) => ending.clone(),
        };
        Some(RestartLine { verb: run.verb.clone(), started_at: run.started_at.clone(), what })
    };
    courses.filter_map(line).collect()
}

fn signed_off(sign_off: &SignOff) -> SignedOff {
    let SignOff { role, by, note, at, withdrawn_at, .. } = sign_off;
    SignedOff { role: role.clone(), by: by.clone(), at: at.clone(), note: note.clone(), withdrawn_at: withdrawn_at.clone() }
}

/// A word for a POSIX shell.
fn word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:".contains(letter);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// What may be needed next.
fn commands(report: &CompletionReport, directory: &Path) -> Vec<CommandLine> {
    let here = directory.display().to_string();
    let place = if here == ".outgrow" { String::new() } else { format!(" --work-dir {}", word(&here)) };
    let source = word(&report.source);
    let line = |what: &str, command: String| CommandLine { what: what.to_owned(), command };
    let mut lines = Vec::new();
    match report.side {
        crate::plan::Side::Target => {
            lines.push(line(
                "compare both sides again, before anything is written",
                format!("outgrow verify {source} \"$DATABASE_URL\"{place}"),
            ));
            lines.push(line("see what a rollback would do", format!("outgrow rollback {source} \"$DATABASE_URL\" --dry-run{place}")));
            lines.push(line("go back to SQLite", format!("outgrow rollback {source} \"$DATABASE_URL\"{place}")));
            lines.push(line("back PostgreSQL up", "outgrow backup target \"$DATABASE_URL\"".to_owned()));
        }
        crate::plan::Side::Source => {
            lines.push(line("see how the gates stand", format!("outgrow gate {source} \"$DATABASE_URL\"{place}")));
            lines.push(line("try the move again", format!("outgrow rehearse {source}{place}")));
        }
    }
    lines.push(line("list the backups", "outgrow backup list".to_owned()));
    for backup in &report.backups {
        let to = word(&format!("{}.restored", report.source));
        lines.push(line(
            "get the final copy of the source back, beside it",
            format!("outgrow restore source {} --to {to} --verify", word(&backup.file)),
        ));
    }
    if let Some((directory, apply)) = report.way_back.as_ref().and_then(|back| Some((back.directory.as_ref()?, back.apply.as_ref()?))) {
        let what = "bring what was written to PostgreSQL into a copy of the SQLite file";
        lines.push(line(what, format!("cd {} && sqlite3 /path/to/copy.db < {}", word(directory), word(apply))));
    }
    lines.push(line("see what was run, and how it ended", format!("outgrow status{place}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(word("/srv/app.db"), "/srv/app.db");
        assert_eq!(word("it's $(here)"), r"'it'\''s $(here)'");
        assert_eq!(word("-x"), "'-x'");
        assert_eq!(word(""), "''");
    }
}
