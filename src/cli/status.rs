//! `outgrow status`.

use serde::Serialize;

use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, duration};
use crate::error::{Outcome, Result};
use crate::journal::{Run, runs};
use crate::plan::Side;
use crate::runbook::{CourseKind, Record};

/// What `status --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Status<'a> {
    work_directory: String,
    unfinished: bool,
    /// What was done about the running application.
    application: Option<Standing>,
    runs: &'a [Run],
}

/// Where the application is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Standing {
    /// The side that it is on.
    side: Side,
    /// `cutover` or `rollback`: the last one.
    course: CourseKind,
    /// When it began (RFC 3339, UTC).
    began_at: String,
    /// When it ended; none where it is not finished.
    ended_at: Option<String>,
    /// The step that it came to.
    step: Option<String>,
    /// How long the application took no writes in it, in seconds.
    downtime_seconds: Option<f64>,
}

impl Standing {
    fn of(record: &Record) -> Option<Self> {
        let last = record.courses.last()?;
        Some(Self {
            side: record.side,
            course: last.kind,
            began_at: last.began_at.to_string(),
            ended_at: last.ended_at.map(|at| at.to_string()),
            step: last.steps.last().map(|step| step.id.clone()),
            downtime_seconds: last.downtime(),
        })
    }

    /// In a sentence.
    fn told(&self) -> String {
        let side = match self.side {
            Side::Source => "SQLite",
            Side::Target => "PostgreSQL",
        };
        let verb = match self.course {
            CourseKind::Cutover => "cutover",
            CourseKind::Rollback => "rollback",
        };
        let step = self.step.as_deref().unwrap_or("its beginning");
        match &self.ended_at {
            Some(at) => format!("The application is on {side} since the {verb} that ended at {at}."),
            None => format!("A {verb} came to {step} and is not finished: run `outgrow {verb}` again, and it goes on."),
        }
    }
}

pub(super) fn run(settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let runs = runs(&settings.work_dir)?;
    let unfinished = settings.work_dir.join("unfinished.json").exists();
    let application = Record::read(&settings.work_dir)?.as_ref().and_then(Standing::of);
    if screen.is_json() {
        let work_directory = settings.work_dir.display().to_string();
        screen.document(&Status { work_directory, unfinished, application, runs: &runs })?;
        return Ok(Outcome::Done);
    }
    if runs.is_empty() {
        screen.line(format!("{} holds no run yet. Begin with: outgrow rehearse app.db", settings.work_dir.display()));
        return Ok(Outcome::Done);
    }
    for run in &runs {
        let ending = run.ending.clone().unwrap_or_else(|| "did not end: it runs still, or was killed".to_owned());
        let ending = clean(&ending);
        screen.line(format!("{:>3}  {}  {:<9} {} → {}", run.id, run.started_at, run.verb, clean(&run.source), clean(&run.target)));
        screen.line(format!(
            "     plan {}  exit code {}  {ending}",
            short(run.plan.as_deref()),
            run.exit_code.map_or_else(|| "—".to_owned(), |code| code.to_string())
        ));
    }
    if let Some(last) = runs.last() {
        last_steps(last, screen);
    }
    if let Some(application) = &application {
        screen.line(format!("\n{}", clean(&application.told())));
    }
    if unfinished {
        screen.line("\nA migration was begun and not finished: run the same command again, and it resumes.");
    }
    Ok(Outcome::Done)
}

fn short(plan: Option<&str>) -> &str {
    plan.and_then(|plan| plan.get(..12)).unwrap_or("—")
}

/// The last few things that happened.
fn last_steps(run: &Run, screen: &Screen) {
    screen.line(format!("\nThe last steps of run {}:", run.id));
    let from = run.events.len().saturating_sub(8);
    for event in run.events.iter().skip(from) {
        let seconds = event.seconds.map(duration).unwrap_or_default();
        screen.line(format!("  {}  {:<12} {:<40} {seconds}", event.at, event.kind, clean(&event.step)));
    }
}
