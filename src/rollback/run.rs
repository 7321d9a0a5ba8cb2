//! Goes through a rollback: one that is asked for, and one that takes a failed cutover back.

use super::acts::{BackActs, loaded, mark};
use super::changes::{Changes, count};
use super::scene::Scene;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::plan::{Side, TargetAfter};
use crate::postgres::Session;
use crate::runbook::{Course, CourseKind, Ending, Failure, OfTarget, Record, Step, Walk, rollback_steps, walk};

/// The step that puts the environment back.
const REVERT: &str = "revert";

/// The step that makes room in the target.
const CLEAR: &str = "target";

/// What stands to be decided before a rollback begins.
#[derive(Debug)]
pub struct Asked {
    /// What was written to the target since the cutover, table by table; none where the target can't be asked.
    pub changes: Option<Changes>,
    /// Why it can't be asked.
    pub unasked: Option<String>,
    /// What will be done.
    pub steps: Vec<Step>,
}

/// How a rollback ended.
#[derive(Debug)]
pub struct Rolled {
    /// What it ended with.
    pub outcome: Outcome,
    /// Why it did not come to its end; the same command goes on with it.
    pub failure: Option<Failure>,
}

/// The last cutover of a record.
fn cutover(record: &Record) -> Option<&Course> {
    record.courses.iter().rev().find(|course| course.kind == CourseKind::Cutover)
}

/// Whether the application may have written to the target: it was switched to it, or was about to be.
fn may_have_written(record: &Record) -> bool {
    cutover(record).is_some_and(|course| course.has_done("mark") && course.has_begun("switch"))
}

/// How to go back.
#[derive(Debug, Clone)]
pub struct Way {
    /// Who does it.
    pub by: Option<String>,
    /// Why.
    pub cause: Option<String>,
    /// What becomes of the target's tables.
    pub after: TargetAfter,
    /// Whether that was asked for by itself: then it is done also where the application is on the source already.
    pub clears: bool,
    /// Whether to stop where the target can't be frozen and asked.
    pub target_needed: bool,
}

/// Goes back to the source. `ask` is shown what was written to the target since, and says whether to go on.
pub async fn rollback(scene: Scene<'_>, way: Way, ask: &(dyn Fn(&Asked) -> Result<bool> + Send + Sync)) -> Result<Rolled> {
    let directory = scene.work.path();
    let none = || {
        let detail = format!("{} knows of no cutover", directory.display());
        Error::new(ErrorKind::Usage, "go back to the source", detail).hint("name the directory of the cutover with --work-dir")
    };
    let mut record = Record::read(directory)?.ok_or_else(none)?;
    record.belongs_to(scene.source, &scene.target.describe())?;
    match record.unfinished().map(|course| course.kind) {
        Some(CourseKind::Rollback) => {
            scene.watcher.said("an earlier rollback was not finished: it goes on from there");
            record.last_mut()?.resumed += 1;
            return go_on(scene, &mut record, &way).await;
        }
        None if record.side == Side::Source && way.clears => return clear_only(scene, &mut record, &way, ask).await,
        None if record.side == Side::Source => {
            let detail = "the application is on SQLite already: there is nothing to go back from";
            return Err(Error::new(ErrorKind::Usage, "go back to the source", detail)
                .hint("--target-after rename or drop makes room in the target for another cutover"));
        }
        Some(CourseKind::Cutover) | None => {}
    }
    let written = may_have_written(&record);
    let counted = if written { counted_changes(scene, &record).await } else { Ok(Changes { tables: Vec::new(), notes: Vec::new() }) };
    let (changes, unasked, refused) = match counted {
        Ok(changes) => (Some(changes), None, None),
        Err(error) => (None, Some(error.to_string()), Some(error)),
    };
    let asked = Asked { changes, unasked, steps: rollback_steps(scene.policy, of_target(&record, &way)) };
    if !ask(&asked)? {
        return Ok(Rolled { outcome: Outcome::Blocked, failure: None });
    }
    // Before anything is stopped: an application that waits for its server is better off than one that is down.
    if let Some(error) = refused.filter(|_| way.target_needed) {
        return Err(error.hint(
            "`outgrow rollback --leave-target` goes back without the target: what was written there stays there, and is not in SQLite",
        ));
    }
    if let Some(CourseKind::Cutover) = record.unfinished().map(|course| course.kind) {
        record.last_mut()?.end(Ending::TakenBack);
    }
    take_back(scene, &mut record, &way).await
}

/// Makes room in the target, and nothing else.
async fn clear_only(
    scene: Scene<'_>,
    record: &mut Record,
    way: &Way,
    ask: &(dyn Fn(&Asked) -> Result<bool> + Send + Sync),
) -> Result<Rolled> {
    let steps: Vec<Step> = rollback_steps(scene.policy, of_target(record, way)).into_iter().filter(|step| step.id == CLEAR).collect();
    let steps: Vec<Step> = steps.into_iter().map(|step| Step { matters: true, ..step }).collect();
    let asked = Asked { changes: Some(Changes { tables: Vec::new(), notes: Vec::new() }), unasked: None, steps };
    if !ask(&asked)? {
        return Ok(Rolled { outcome: Outcome::Blocked, failure: None });
    }
    record.courses.push(Course::begin(CourseKind::Rollback, way.by.clone(), way.cause.clone()));
    record.keep(scene.work.path())?;
    let walked = walk(record, &asked.steps, scene.road(None), &mut BackActs { scene }).await?;
    // Nothing of the application was touched, so that there is nothing to go on with.
    record.last_mut()?.end(Ending::Done);
    record.keep(scene.work.path())?;
    Ok(match walked {
        Walk::Done => Rolled { outcome: Outcome::Done, failure: None },
        Walk::Stopped(failure) => Rolled { outcome: failure.outcome, failure: Some(failure) },
    })
}

fn of_target(record: &Record, way: &Way) -> OfTarget {
    OfTarget { written: may_have_written(record), needed: way.target_needed, after: way.after }
}

async fn counted_changes(scene: Scene<'_>, record: &Record) -> Result<Changes> {
    let mut session = Session::connect(scene.target).await?;
    let plan = loaded(&session, &scene).await?;
    count(&mut session, &plan, &mark(record)?, scene.source).await
}

/// Begins a rollback and goes through it.
pub async fn take_back(scene: Scene<'_>, record: &mut Record, way: &Way) -> Result<Rolled> {
    let mut course = Course::begin(CourseKind::Rollback, way.by.clone(), way.cause.clone());
    // An application that never came up on the target has stood still since the cutover stopped it.
    course.down_at = cutover(record).filter(|cutover| cutover.up_at.is_none()).and_then(|cutover| cutover.down_at);
    record.courses.push(course);
    record.keep(scene.work.path())?;
    go_on(scene, record, way).await
}

/// Goes on with the rollback that the record's last course is.
pub async fn go_on(scene: Scene<'_>, record: &mut Record, way: &Way) -> Result<Rolled> {
    // Once the environment is put back, the source may be written to again, and what was not exported by then can't be told from that.
    let is_past = record.last_mut()?.has_begun(REVERT);
    let way = Way { target_needed: way.target_needed && !is_past, ..way.clone() };
    let steps = rollback_steps(scene.policy, of_target(record, &way));
    // What failed is tried again: nothing takes a rollback back.
    for record in &mut record.last_mut()?.steps {
        if steps.iter().any(|step| step.id == record.id && step.matters) {
            record.forget_failure();
        }
    }
    let mut acts = BackActs { scene };
    match walk(record, &steps, scene.road(None), &mut acts).await? {
        Walk::Done => {
            record.last_mut()?.end(Ending::Done);
            record.keep(scene.work.path())?;
            Ok(Rolled { outcome: Outcome::Done, failure: None })
        }
        Walk::Stopped(failure) => Ok(Rolled { outcome: failure.outcome, failure: Some(failure) }),
    }
}
