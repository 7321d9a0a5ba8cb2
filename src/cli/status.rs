//! `outgrow status`.

use serde::Serialize;

use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, duration};
use crate::error::{Outcome, Result};
use crate::journal::{Run, runs};

/// What `status --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Status<'a> {
    work_directory: String,
    unfinished: bool,
    runs: &'a [Run],
}

pub(super) fn run(settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let runs = runs(&settings.work_dir)?;
    let unfinished = settings.work_dir.join("unfinished.json").exists();
    if screen.is_json() {
        let work_directory = settings.work_dir.display().to_string();
        screen.document(&Status { work_directory, unfinished, runs: &runs })?;
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
