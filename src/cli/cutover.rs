//! `outgrow cutover`.

use super::args::CutoverArgs;
use super::course::{Document, Foretold, Steps, by, confirmed, foretell, foretold};
use super::progress::Progress;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, duration};
use crate::cutover::{Ended, Go, Look, Options, collect, cutover};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::gate::{Judgement, Point, ready};
use crate::journal::{EventKind, Journal, WorkDirectory};
use crate::notify::Notices;
use crate::plan::{Policy, Side};
use crate::probe::Sides;
use crate::rollback::Scene;
use crate::runbook::{Course, Record, cutover_steps};
use crate::switch;

/// What `cutover --dry-run --json` prints.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct DryRun {
    steps: Vec<Foretold>,
    changes: Vec<switch::Change>,
}

pub(super) async fn run(args: &CutoverArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let source = settings.source(&args.source.source)?;
    let policy = args.mode.over(settings.policy()?);
    let target = settings.target(args.target.as_deref())?;
    let directory = settings.policy_directory();
    let variable = |name: &str| settings.variable(name);
    if args.dry_run {
        let sides = Sides { target: Some(&target), directory: Some(directory), ..Sides::new(&variable) };
        return foretold_only(&policy, &sides, screen).await;
    }
    let work = WorkDirectory::hold(&settings.work_dir)?;
    let journal = Journal::begin(&work, "cutover", &source.display().to_string(), &target.describe())?;
    let (steps, progress) = (Steps(screen), Progress::new(settings, screen));
    let notices = Notices::new(&policy.notices, directory, &variable);
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
    let budget = args.pace.over(args.budget.budget());
    let options = Options { scene, budget, observer: &progress };
    let word = policy.cutover.word.clone().unwrap_or_else(|| target.database().to_owned());
    let go = async |steps: &[crate::runbook::Step]| {
        let look = Look {
            source,
            target: Some(&target),
            policy: &policy,
            work: work.path(),
            point: Point::Before,
            sides: scene.sides(Side::Target),
            budget,
        };
        let evidence = collect(look, &progress).await?;
        let gates = ready(&evidence);
        journal.note("gates", EventKind::Evidence, None, &serde_json::json!({ "gates": gates }))?;
        super::gate::list(&gates, screen);
        if gates.iter().any(Judgement::blocks) {
            screen.line("");
            return Ok(Go::NoGo);
        }
        if !args.yes {
            screen.line("The cutover takes these steps:\n");
            foretell(&foretold(steps, &policy), screen);
            if !confirmed(&word, "begin the cutover", settings, screen)? {
                return Ok(Go::NoGo);
            }
        }
        Ok(Go::Go(by(args.by.as_deref(), settings)))
    };
    let ended = cutover(options, go).await;
    match ended {
        Ok(ended) => finish(ended, scene, screen),
        Err(error) => {
            journal.fail(&error)?;
            Err(error)
        }
    }
}

/// Shows the steps and what would be switched.
async fn foretold_only(policy: &Policy, sides: &Sides<'_>, screen: &Screen) -> Result<Outcome> {
    let changes = switch::plan(&policy.switches, sides).await?;
    let steps = foretold(&cutover_steps(policy), policy);
    if screen.is_json() {
        screen.document(&DryRun { steps, changes })?;
        return Ok(Outcome::Done);
    }
    screen.line("The cutover would take these steps, in this order; nothing is done now.\n");
    foretell(&steps, screen);
    super::course::changes(&changes, screen);
    Ok(Outcome::Done)
}

fn finish(ended: Ended, scene: Scene<'_>, screen: &Screen) -> Result<Outcome> {
    let Scene { work, journal, policy, .. } = scene;
    let record = Record::read(work.path())?;
    let side = record.as_ref().map_or(Side::Source, |record| record.side);
    let Some(record) = record.filter(|_| !ended.kept) else {
        journal.end(Outcome::Blocked)?;
        if screen.is_json() {
            screen.document(&Document::not_begun(side))?;
        }
        screen.verdict(false, "not begun: nothing was changed");
        return Ok(Outcome::Blocked);
    };
    let (ending, sentence) = told(&ended, &record);
    let what = ended.failure.as_ref().map(|failure| format!("{}: {}", failure.step, failure.what));
    if screen.is_json() {
        screen.document(&Document::of(&record, ending, what.as_deref()))?;
    } else {
        screen.verdict(ended.failure.is_none(), &clean(&sentence));
    }
    super::completion::keep(&record, policy, work.path(), journal, screen);
    let Some(failure) = ended.failure else {
        journal.end(Outcome::Done)?;
        return Ok(Outcome::Done);
    };
    if let Some(stuck) = ended.back.as_ref().and_then(|back| back.failure.as_ref()) {
        let error = Error::new(ErrorKind::Interrupted, "take the cutover back", format!("{}: {}", stuck.step, stuck.what));
        journal.fail(&error)?;
        return Err(error.hint(sentence));
    }
    if let Some(error) = failure.error {
        journal.fail(&error)?;
        return Err(error.hint(sentence));
    }
    journal.end(failure.outcome)?;
    Ok(failure.outcome)
}

/// What the cutover came to, in a word for programs and a sentence for people.
fn told(ended: &Ended, record: &Record) -> (&'static str, String) {
    let course = record.courses.last();
    let down = course.and_then(Course::downtime).map(duration);
    let Some(failure) = &ended.failure else {
        let down = down.map(|down| format!(", which took no writes for {down}")).unwrap_or_default();
        return ("done", format!("done: the application is on PostgreSQL{down}"));
    };
    match &ended.back {
        None if course.is_some_and(|course| course.ended_at.is_none()) => (
            "not-finished",
            "stopped in the middle: run the same command again, and it goes on; or take it back by `outgrow rollback`".to_owned(),
        ),
        None => ("failed", format!("failed at {}: the application was not touched, and is on SQLite as before", failure.step)),
        Some(back) if back.failure.is_none() => {
            let down = down.map(|down| format!(", after {down} without writes")).unwrap_or_default();
            ("taken-back", format!("failed at {} and taken back: the application is on SQLite again{down}", failure.step))
        }
        Some(back) => {
            let step = back.failure.as_ref().map_or("", |failure| failure.step.as_str());
            let what = back.failure.as_ref().map_or("", |failure| failure.what.as_str());
            let sentence = format!(
                "failed at {}, and the way back stands still at {step} ({what}): mend that, and run the same command again: the way back goes on",
                failure.step
            );
            ("not-finished", sentence)
        }
    }
}
