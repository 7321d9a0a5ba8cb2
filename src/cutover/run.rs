//! Goes through a cutover; takes it back where a step fails.

use super::acts::CutoverActs;
use crate::budget::Budget;
use crate::error::{Error, ErrorKind, Result};
use crate::migrate::Observer;
use crate::plan::{Moment, Side};
use crate::rollback::{BackActs, Rolled, Scene, Way, take_back};
use crate::runbook::{Course, CourseKind, Ending, Failure, Record, Step, Walk, cutover_steps, walk};

/// What a cutover is asked to do.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Where it is played.
    pub scene: Scene<'a>,
    /// How much the load may take.
    pub budget: Budget,
    /// Is told of the load.
    pub observer: &'a dyn Observer,
}

/// Whether a cutover may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Go {
    /// It may; who says so.
    Go(Option<String>),
    /// It may not.
    NoGo,
}

/// How a cutover ended.
#[derive(Debug)]
pub struct Ended {
    /// Why it did not come to its end; none where it did, or was not begun.
    pub failure: Option<Failure>,
    /// How taking it back ended, where that was needed.
    pub back: Option<Rolled>,
    /// Whether the gates or whoever was asked kept it from beginning.
    pub kept: bool,
}

/// Moves the application: from the gates to the notice that it is done, or back.
///
/// `go` looks at the gates and asks whoever is to be asked; it is not called where an earlier run's cutover is gone on with.
pub async fn cutover(options: Options<'_>, go: impl AsyncFnOnce(&[Step]) -> Result<Go>) -> Result<Ended> {
    let Options { scene, .. } = options;
    let directory = scene.work.path();
    let target = scene.target.describe();
    let steps = cutover_steps(scene.policy);
    something_stops(scene)?;
    let mut record = match Record::read(directory)? {
        Some(record) => record,
        None => Record::new(scene.source, &target),
    };
    record.belongs_to(scene.source, &target)?;
    match record.unfinished().map(|course| course.kind) {
        Some(CourseKind::Rollback) => {
            let detail = "an earlier cutover was being taken back, and that was not finished";
            return Err(Error::new(ErrorKind::Usage, "begin the cutover", detail).hint("`outgrow rollback` goes on with it; begin again after that"));
        }
        Some(CourseKind::Cutover) => {
            scene.watcher.said("an earlier run of this cutover was not finished: it goes on from there");
            record.last_mut()?.resumed += 1;
        }
        None if record.side == Side::Target => {
            let detail = format!("the application is on PostgreSQL already ({target})");
            return Err(Error::new(ErrorKind::Usage, "begin the cutover", detail).hint("`outgrow rollback` goes back to SQLite"));
        }
        None => {
            let by = match go(&steps).await? {
                Go::Go(by) => by,
                Go::NoGo => return Ok(Ended { failure: None, back: None, kept: true }),
            };
            record.courses.push(Course::begin(CourseKind::Cutover, by, None));
        }
    }
    record.keep(directory)?;
    let load_begun = record.last_mut()?.has_begun("migrate");
    let mut acts = CutoverActs { back: BackActs { scene }, budget: options.budget, observer: options.observer, load_begun };
    let failure = match walk(&mut record, &steps, scene.road(Some(scene.policy.cutover.budget.0)), &mut acts).await? {
        Walk::Done => {
            record.last_mut()?.end(Ending::Done);
            record.keep(directory)?;
            return Ok(Ended { failure: None, back: None, kept: false });
        }
        Walk::Stopped(failure) => failure,
    };
    // A signal is no verdict about the move: the next run goes on.
    if failure.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Interrupted) {
        record.last_mut()?.steps.iter_mut().for_each(crate::runbook::StepRecord::forget_failure);
        record.keep(directory)?;
        return Ok(Ended { failure: Some(failure), back: None, kept: false });
    }
    if record.last_mut()?.down_at.is_none() {
        record.last_mut()?.end(Ending::NothingChanged);
        record.keep(directory)?;
        return Ok(Ended { failure: Some(failure), back: None, kept: false });
    }
    scene.watcher.said(&format!("{}: the cutover is taken back", failure.what));
    record.last_mut()?.end(Ending::TakenBack);
    let way = Way {
        by: None,
        cause: Some(format!("{}: {}", failure.step, failure.what)),
        after: scene.policy.rollback.target,
        target_needed: false,
    };
    let back = take_back(scene, &mut record, &way).await?;
    Ok(Ended { failure: Some(failure), back: Some(back), kept: false })
}

/// Where nothing keeps the application from writing, nothing that was moved would stay true.
fn something_stops(scene: Scene<'_>) -> Result<()> {
    let hooks = scene.policy.hooks.iter().any(|hook| hook.at == Moment::Stop);
    if hooks || scene.policy.cutover.freeze == crate::plan::Freeze::Guard {
        return Ok(());
    }
    let detail = "[cutover] freeze = \"stop\" leaves it to hooks to stop the application, and no [[hook]] is at = \"stop\"";
    Err(Error::new(ErrorKind::Policy, "begin the cutover", detail))
}
