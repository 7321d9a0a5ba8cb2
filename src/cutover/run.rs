//! Goes through a cutover; takes it back where a step fails.

use std::time::Duration;

use jiff::Timestamp;

use super::acts::CutoverActs;
use crate::budget::Budget;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::migrate::Observer;
use crate::notify::{Facts, Ticker};
use crate::plan::{Moment, Notice, Side};
use crate::rollback::{BackActs, Rolled, Scene, Way, go_on, take_back};
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
    let steps = cutover_steps(scene.policy);
    something_stops(scene)?;
    if let Some(record) =
        Record::read(directory)?.filter(|record| record.unfinished().is_some_and(|course| course.kind == CourseKind::Rollback))
    {
        return gone_on(scene, record).await;
    }
    let Some(mut record) = opened(scene, &steps, go).await? else {
        return Ok(Ended { failure: None, back: None, kept: true });
    };
    let telling = Telling::start(scene, &record);
    let load_begun = record.last_mut()?.has_begun("migrate");
    let mut acts = CutoverActs { back: BackActs { scene }, budget: options.budget, observer: options.observer, load_begun };
    let walked = walk(&mut record, &steps, scene.road(Some(scene.policy.cutover.budget.0)), &mut acts).await;
    telling.stop(scene)?;
    let failure = match walked? {
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
        let course = record.last_mut()?;
        course.cause = Some(format!("{}: {}", failure.step, failure.what));
        course.end(Ending::NothingChanged);
        record.keep(directory)?;
        scene.tell(Notice::Failed, &record).await?;
        return Ok(Ended { failure: Some(failure), back: None, kept: false });
    }
    scene.watcher.said(&format!("{}: the cutover is taken back", failure.what));
    record.last_mut()?.end(Ending::TakenBack);
    let way = Way {
        by: None,
        cause: Some(format!("{}: {}", failure.step, failure.what)),
        after: scene.policy.rollback.target,
        clears: false,
        target_needed: false,
    };
    let back = take_back(scene, &mut record, &way).await?;
    Ok(Ended { failure: Some(failure), back: Some(back), kept: false })
}

/// Goes on with the way back that an earlier run has begun and not finished.
async fn gone_on(scene: Scene<'_>, mut record: Record) -> Result<Ended> {
    record.belongs_to(scene.source, &scene.target.describe())?;
    if record.last_mut()?.by.is_some() {
        // Who asked for it also said whether it may go on without the target.
        let detail = "a rollback that somebody asked for is not finished";
        return Err(
            Error::new(ErrorKind::Usage, "begin the cutover", detail).hint("`outgrow rollback` goes on with it; begin again after that")
        );
    }
    scene.watcher.said("an earlier cutover was being taken back, and that was not finished: it goes on from there");
    let course = record.last_mut()?;
    course.resumed += 1;
    let cause = course.cause.clone();
    let what = cause.clone().unwrap_or_else(|| "it was taken back".to_owned());
    let way = Way { by: None, cause, after: scene.policy.rollback.target, clears: false, target_needed: false };
    let back = go_on(scene, &mut record, &way).await?;
    let failure = Failure { step: "an earlier run".to_owned(), what, outcome: Outcome::Blocked, error: None };
    Ok(Ended { failure: Some(failure), back: Some(back), kept: false })
}

/// The record with the course that is gone through: an earlier run's, or a new one where it is said to go; none where it isn't.
async fn opened(scene: Scene<'_>, steps: &[Step], go: impl AsyncFnOnce(&[Step]) -> Result<Go>) -> Result<Option<Record>> {
    let target = scene.target.describe();
    let mut record = match Record::read(scene.work.path())? {
        Some(record) => record,
        None => Record::new(scene.source, &target),
    };
    record.belongs_to(scene.source, &target)?;
    match record.unfinished().map(|course| course.kind) {
        Some(CourseKind::Cutover) => {
            scene.watcher.said("an earlier run of this cutover was not finished: it goes on from there");
            record.last_mut()?.resumed += 1;
        }
        Some(CourseKind::Rollback) => return Err(Error::bug("begin the cutover", "a rollback is not finished")),
        None if record.side == Side::Target => {
            let detail = format!("the application is on PostgreSQL already ({target})");
            return Err(Error::new(ErrorKind::Usage, "begin the cutover", detail).hint("`outgrow rollback` goes back to SQLite"));
        }
        None => {
            let by = match go(steps).await? {
                Go::Go(by) => by,
                Go::NoGo => return Ok(None),
            };
            record.courses.push(Course::begin(CourseKind::Cutover, by, None));
        }
    }
    record.keep(scene.work.path())?;
    Ok(Some(record))
}

/// Tells people again and again where the cutover stands, from what is kept of it on disk.
struct Telling(Ticker);

impl Telling {
    fn start(scene: Scene<'_>, record: &Record) -> Self {
        let (directory, facts) = (scene.work.path().to_owned(), scene.facts(record));
        let state = move || {
            let record = Record::read(&directory).ok().flatten();
            let course = record.as_ref().and_then(|record| record.courses.last());
            let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
            Facts {
                state: course.and_then(|course| course.steps.last()).map(|step| step.title.clone()).or_else(|| facts.state.clone()),
                elapsed: course.map(|course| seconds(Timestamp::now().duration_since(course.began_at).as_secs_f64())),
                downtime: course.and_then(Course::downtime).map(seconds),
                ..facts.clone()
            }
        };
        Self(Ticker::start(scene.notices, state))
    }

    fn stop(self, scene: Scene<'_>) -> Result<()> {
        self.0.stop().iter().try_for_each(|sent| sent.note(scene.journal))
    }
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
