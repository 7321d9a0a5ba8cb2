//! `outgrow rollback`.

use super::args::RollbackArgs;
use super::course::{Document, Foretold, Steps, by, confirmed, foretell, foretold};
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, counted, duration};
use crate::error::{Outcome, Result};
use crate::journal::{Journal, WorkDirectory};
use crate::notify::Notices;
use crate::plan::{Policy, Side};
use crate::rollback::{Asked, Changes, Rolled, Scene, Way, rollback};
use crate::runbook::{Course, Record};

/// What `rollback --dry-run --json` prints.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct DryRun<'a> {
    steps: Vec<Foretold>,
    changes: Option<&'a Changes>,
    unasked: Option<&'a str>,
}

pub(super) async fn run(args: &RollbackArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let source = settings.source(&args.source.source)?;
    let policy = settings.policy()?;
    let target = settings.target(args.target.as_deref())?;
    let directory = settings.policy_directory();
    let work = WorkDirectory::hold(&settings.work_dir)?;
    let journal = Journal::begin(&work, "rollback", &source.display().to_string(), &target.describe())?;
    let variable = |name: &str| settings.variable(name);
    let (steps, notices) = (Steps(screen), Notices::new(&policy.notices, directory, &variable));
    let scene = Scene {
        source,
        target: &target,
        policy: &policy,
        directory,
        work: &work,
        journal: &journal,
        watcher: &steps,
        notices: &notices,
        variable: &variable,
    };
    let way = Way {
        by: by(args.by.as_deref(), settings),
        cause: args.reason.clone(),
        after: args.after(policy.rollback.target),
        clears: args.clears(),
        target_needed: !args.leave_target,
    };
    let word = policy.cutover.word.clone().unwrap_or_else(|| target.database().to_owned());
    let ask = |asked: &Asked| {
        if args.dry_run && screen.is_json() {
            let (changes, unasked) = (asked.changes.as_ref(), asked.unasked.as_deref());
            screen.document(&DryRun { steps: foretold(&asked.steps, &policy), changes, unasked })?;
            return Ok(false);
        }
        show(asked, &policy, screen);
        if args.dry_run {
            return Ok(false);
        }
        Ok(args.yes || confirmed(&word, "go back to SQLite", settings, screen)?)
    };
    match rollback(scene, way, &ask).await {
        Ok(rolled) if args.dry_run && rolled.failure.is_none() => {
            journal.end(Outcome::Done)?;
            Ok(Outcome::Done)
        }
        Ok(rolled) => finish(rolled, scene, screen),
        Err(error) => {
            journal.fail(&error)?;
            Err(error)
        }
    }
}

/// What was written since, and what will be done.
fn show(asked: &Asked, policy: &Policy, screen: &Screen) {
    match (&asked.changes, &asked.unasked) {
        (Some(changes), _) if changes.rows() == 0 && changes.notes.is_empty() => {
            screen.line("Nothing was written to PostgreSQL since the cutover.");
        }
        (Some(changes), _) => {
            screen.line(format!(
                "{} written to PostgreSQL since the cutover; they are exported, and are not in SQLite:",
                counted(changes.rows(), "row")
            ));
            for table in changes.tables.iter().filter(|table| table.rows() > 0) {
                let about = if table.exact { "" } else { "about " };
                screen.line(format!(
                    "  {:<28} {about}{} inserted · {} updated · {} deleted",
                    clean(&table.table),
                    table.inserted,
                    table.updated,
                    table.deleted
                ));
            }
            for note in &changes.notes {
                screen.line(format!("  {:<28} {}", clean(&note.place), clean(&note.what)));
            }
        }
        (None, why) => {
            screen.line(format!(
                "What was written to PostgreSQL since the cutover can't be counted now: {}",
                clean(why.as_deref().unwrap_or("it can't be asked"))
            ));
            screen.line("--leave-target goes back without it: what was written there stays there, and is not in SQLite.");
        }
    }
    screen.line("\nThe way back takes these steps:\n");
    foretell(&foretold(&asked.steps, policy), screen);
    screen.line("");
}

fn finish(rolled: Rolled, scene: Scene<'_>, screen: &Screen) -> Result<Outcome> {
    let Scene { work, journal, policy, .. } = scene;
    let record = Record::read(work.path())?;
    let begun = record.as_ref().is_some_and(|record| record.unfinished().is_some()) || rolled.outcome == Outcome::Done;
    let side = record.as_ref().map_or(Side::Source, |record| record.side);
    let Some(record) = record.filter(|_| begun) else {
        journal.end(Outcome::Blocked)?;
        if screen.is_json() {
            screen.document(&Document::not_begun(side))?;
        }
        screen.verdict(false, "not begun: nothing was changed");
        return Ok(Outcome::Blocked);
    };
    let down = record.courses.last().and_then(Course::downtime).map(duration);
    let (ending, sentence) = match &rolled.failure {
        None => {
            let down = down.map(|down| format!(", which took no writes for {down}")).unwrap_or_default();
            ("done", format!("done: the application is on SQLite again{down}"))
        }
        Some(failure) => {
            let sentence =
                format!("stands still at {}: {}; mend that and run the same command again, which goes on", failure.step, failure.what);
            ("not-finished", sentence)
        }
    };
    let what = rolled.failure.as_ref().map(|failure| format!("{}: {}", failure.step, failure.what));
    if screen.is_json() {
        screen.document(&Document::of(&record, ending, what.as_deref()))?;
    } else {
        screen.verdict(rolled.failure.is_none(), &clean(&sentence));
    }
    super::completion::keep(&record, policy, work.path(), journal, screen);
    if let Some(error) = rolled.failure.and_then(|failure| failure.error) {
        journal.fail(&error)?;
        return Err(error.hint("`outgrow rollback`, run again, goes on from there"));
    }
    journal.end(rolled.outcome)?;
    Ok(rolled.outcome)
}
