//! Goes through the steps of a course: each is written down before and after, and what an earlier run has done is not done again.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::course::{Act, Step};
use super::record::{Course, CourseKind, Record, StepRecord, StepState};
use crate::error::{Error, Outcome, Result, failpoint};
use crate::journal::{EventKind, Journal};
use crate::plan::{Moment, Side};

/// What a step has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Acted {
    /// What came of it, in words.
    pub what: String,
    /// Evidence.
    pub detail: Value,
    /// Whether it did what it was to do: a result other than done ends the course as a failure does.
    pub outcome: Outcome,
    /// When the application first answered, where it had to be waited for.
    pub answered_at: Option<Timestamp>,
}

impl Acted {
    /// It is done.
    pub fn done(what: impl Into<String>, detail: Value) -> Self {
        Self { what: what.into(), detail, outcome: Outcome::Done, answered_at: None }
    }

    /// It came to another result.
    pub fn ended(outcome: Outcome, what: impl Into<String>, detail: Value) -> Self {
        Self { outcome, ..Self::done(what, detail) }
    }
}

/// Does the steps. Each must bear being done again: a run may have died between its effect and its record.
pub trait Acts {
    /// Does one step of a course.
    fn act(&mut self, step: &Step, record: &Record) -> impl Future<Output = Result<Acted>>;
}

/// Is told how a course goes. Must return at once.
pub trait Watcher: Send + Sync {
    /// A step begins; so many are done, of so many.
    fn begins(&self, step: &Step, done: usize, of: usize);
    /// A step has ended.
    fn ended(&self, step: &StepRecord);
    /// Something that the operator should know: a sentence.
    fn said(&self, text: &str);
}

/// Why a course did not come to its end.
#[derive(Debug)]
pub struct Failure {
    /// The step that did not do what it was to do.
    pub step: String,
    /// In words.
    pub what: String,
    /// What it ended with, where it was no error.
    pub outcome: Outcome,
    /// The error.
    pub error: Option<Error>,
}

/// How far a course has come.
#[derive(Debug)]
pub enum Walk {
    /// To its end.
    Done,
    /// To a step that failed.
    Stopped(Failure),
}

/// What a walk needs besides its steps.
#[derive(Clone, Copy)]
pub struct Road<'a> {
    /// Where the record is kept.
    pub directory: &'a Path,
    /// Gets every event besides.
    pub journal: &'a Journal,
    /// Is told.
    pub watcher: &'a dyn Watcher,
    /// How long the application may take no writes.
    pub budget: Option<Duration>,
}

/// Goes through the steps of the record's last course that are not done.
pub async fn walk(record: &mut Record, steps: &[Step], road: Road<'_>, acts: &mut impl Acts) -> Result<Walk> {
    for (done, step) in steps.iter().enumerate() {
        let course = record.last_mut()?;
        if course.has_done(&step.id) {
            continue;
        }
        let failed = course.step(&step.id).filter(|record| record.state == StepState::Failed);
        if failed.is_some() && !step.matters {
            continue;
        }
        if let Some(failed) = failed {
            // The run that saw it fail died before it could say so.
            let what = failed.what.clone();
            return Ok(Walk::Stopped(Failure { step: step.id.clone(), what, outcome: Outcome::Blocked, error: None }));
        }
        let takes_down_now = course.down_at.is_none() && takes_down(course.kind, &step.act);
        intend(course, step);
        record.keep(road.directory)?;
        road.journal.note(&step.id, EventKind::Intent, None, &json!({}))?;
        failpoint::pass("runbook.intended")?;
        road.watcher.begins(step, done, steps.len());
        let began = Instant::now();
        if takes_down_now {
            // What was written down before took its time, and the application was up meanwhile.
            record.last_mut()?.down_at = Some(Timestamp::now());
        }
        let acted = within(record, step, road.budget, acts).await;
        failpoint::pass("runbook.acted")?;
        let seconds = began.elapsed().as_secs_f64();
        let brings_up = brings_up(record.last_mut()?.kind, &step.act, steps.get(done + 1..).unwrap_or_default());
        let failure = conclude(record.last_mut()?, step, seconds, acted, brings_up);
        if failure.is_none()
            && let Some(side) = side_after(&step.act)
        {
            record.side = side;
        }
        record.keep(road.directory)?;
        if let Some(now) = record.last_mut()?.step(&step.id) {
            let kind = if now.state == StepState::Done { EventKind::Done } else { EventKind::Failed };
            road.journal.note(&step.id, kind, Some(seconds), &json!({ "what": now.what, "detail": now.detail }))?;
            road.watcher.ended(now);
        }
        failpoint::pass("runbook.recorded")?;
        if let Some(failure) = failure.filter(|_| step.matters) {
            return Ok(Walk::Stopped(failure));
        }
    }
    Ok(Walk::Done)
}

/// Notes that a step begins.
fn intend(course: &mut Course, step: &Step) {
    let now = Timestamp::now();
    if takes_down(course.kind, &step.act) && course.down_at.is_none() {
        course.down_at = Some(now);
    }
    if let Some(again) = course.steps.iter_mut().find(|record| record.id == step.id) {
        again.state = StepState::Intended;
        return;
    }
    course.steps.push(StepRecord {
        id: step.id.clone(),
        title: step.title.clone(),
        state: StepState::Intended,
        began_at: now,
        ended_at: None,
        seconds: 0.0,
        what: String::new(),
        detail: Value::Null,
    });
}

/// Does a step, for no longer than the application may still stand still.
async fn within(record: &Record, step: &Step, budget: Option<Duration>, acts: &mut impl Acts) -> Result<Acted> {
    let down = record.courses.last().filter(|course| course.up_at.is_none()).and_then(Course::downtime);
    let (Some(budget), Some(down)) = (budget, down) else {
        return acts.act(step, record).await;
    };
    let left = budget.saturating_sub(Duration::try_from_secs_f64(down).unwrap_or_default());
    tokio::time::timeout(left, acts.act(step, record)).await.unwrap_or_else(|_| {
        let seconds = budget.as_secs_f64();
        let what = format!("the application may stand still for {seconds} s ([cutover] budget), and this step was not done by then");
        Ok(Acted::ended(Outcome::Blocked, what, json!({ "budget-seconds": seconds })))
    })
}

/// Notes what became of a step.
fn conclude(course: &mut Course, step: &Step, seconds: f64, acted: Result<Acted>, brings_up: bool) -> Option<Failure> {
    let now = Timestamp::now();
    let (state, what, detail, failure) = match acted {
        Ok(acted) if acted.outcome == Outcome::Done => {
            let is_up = course.up_at.is_some() && matches!(step.act, Act::Smoke(_)) && acted.answered_at.is_none();
            if brings_up && !is_up {
                course.up_at = Some(acted.answered_at.unwrap_or(now));
            }
            (StepState::Done, acted.what, acted.detail, None)
        }
        Ok(Acted { what, detail, outcome, .. }) => {
            let failure = Failure { step: step.id.clone(), what: what.clone(), outcome, error: None };
            (StepState::Failed, what, detail, Some(failure))
        }
        Err(error) => {
            let what = error.to_string();
            let detail = json!({ "kind": error.kind(), "hints": error.hints().collect::<Vec<_>>() });
            let failure = Failure { step: step.id.clone(), what: what.clone(), outcome: Outcome::Blocked, error: Some(error) };
            (StepState::Failed, what, detail, Some(failure))
        }
    };
    if let Some(record) = course.steps.iter_mut().find(|record| record.id == step.id) {
        record.state = state;
        record.ended_at = Some(now);
        record.seconds = seconds;
        record.what = what;
        record.detail = detail;
    }
    failure
}

/// Whether the application takes no writes from this step on.
fn takes_down(kind: CourseKind, act: &Act) -> bool {
    matches!(
        (kind, act),
        (_, Act::Hook(_, Moment::Stop)) | (CourseKind::Cutover, Act::Freeze(_)) | (CourseKind::Rollback, Act::FreezeTarget | Act::Revert)
    )
}

/// Whether the application takes writes again with this step done; `rest` are the steps behind it.
fn brings_up(kind: CourseKind, act: &Act, rest: &[Step]) -> bool {
    let is_start = |act: &Act| matches!(act, Act::Hook(_, Moment::Start));
    let is_to_be_started = rest.iter().any(|step| is_start(&step.act));
    // One that hooks start is not up with its environment or its database alone.
    let by_itself = matches!((kind, act), (CourseKind::Cutover, Act::Switch) | (CourseKind::Rollback, Act::Thaw));
    matches!(act, Act::Smoke(_)) || (is_start(act) || by_itself) && !is_to_be_started
}

/// The side that the application is on once this step is done.
fn side_after(act: &Act) -> Option<Side> {
    if matches!(act, Act::Switch) {
        return Some(Side::Target);
    }
    matches!(act, Act::Revert).then_some(Side::Source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::journal::WorkDirectory;
    use crate::plan::Policy;
    use crate::runbook::{OfTarget, cutover_steps, rollback_steps};

    /// Steps whose results are set; those that were done are noted.
    #[derive(Default)]
    struct Played {
        done: Vec<String>,
        fails_at: Option<&'static str>,
        slow_at: Option<&'static str>,
    }

    impl Acts for Played {
        async fn act(&mut self, step: &Step, _: &Record) -> Result<Acted> {
            self.done.push(step.id.clone());
            if self.slow_at == Some(step.id.as_str()) {
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
            if self.fails_at == Some(step.id.as_str()) {
                return Err(Error::new(ErrorKind::TargetLost, "play", "it went away"));
            }
            Ok(Acted::done("well", Value::Null))
        }
    }

    struct Silent;

    impl Watcher for Silent {
        fn begins(&self, _: &Step, _: usize, _: usize) {}
        fn ended(&self, _: &StepRecord) {}
        fn said(&self, _: &str) {}
    }

    const POLICY: &str = "[[hook]]\nat = \"stop\"\nrun = [\"down\"]\n[[hook]]\nat = \"start\"\nrun = [\"up\"]\n";

    async fn played(acts: &mut Played, budget: Option<Duration>, runs: usize) -> (Record, Walk) {
        let policy = Policy::parse(POLICY).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let work = WorkDirectory::hold(directory.path()).unwrap();
        let journal = Journal::begin(&work, "cutover", "app.db", "somewhere").unwrap();
        let road = Road { directory: work.path(), journal: &journal, watcher: &Silent, budget };
        let steps = cutover_steps(&policy);
        let mut record = Record::new(Path::new("app.db"), "somewhere");
        record.courses.push(Course::begin(CourseKind::Cutover, None, None));
        let mut walked = walk(&mut record, &steps, road, acts).await.unwrap();
        for _ in 1..runs {
            let mut again = Record::read(work.path()).unwrap().unwrap();
            assert_eq!(again, record, "what is kept is what was played");
            walked = walk(&mut again, &steps, road, acts).await.unwrap();
            record = again;
        }
        (record, walked)
    }

    #[tokio::test]
    async fn what_is_done_is_not_done_again() {
        let mut acts = Played::default();
        let (record, walked) = played(&mut acts, None, 2).await;
        assert!(matches!(walked, Walk::Done), "{walked:?}");
        let all = ["notice-start", "stop:1", "freeze", "backup", "migrate", "mark", "switch", "start:1", "notice-completion"];
        assert_eq!(acts.done, all);
        assert_eq!(record.side, Side::Target);
        let course = record.courses.last().unwrap();
        assert!(course.down_at.unwrap() >= course.step("stop:1").unwrap().began_at);
        assert!(course.up_at.unwrap() >= course.step("start:1").unwrap().began_at);
    }

    #[tokio::test]
    async fn a_failure_is_remembered_and_stops_the_course_again() {
        let mut acts = Played { fails_at: Some("migrate"), ..Played::default() };
        let (record, walked) = played(&mut acts, None, 2).await;
        assert!(matches!(walked, Walk::Stopped(Failure { ref step, .. }) if step == "migrate"), "{walked:?}");
        assert_eq!(acts.done, ["notice-start", "stop:1", "freeze", "backup", "migrate"]);
        assert_eq!((record.side, record.courses.last().unwrap().up_at), (Side::Source, None));
    }

    #[tokio::test]
    async fn what_only_tells_stops_nothing() {
        let mut acts = Played { fails_at: Some("notice-start"), ..Played::default() };
        let (record, walked) = played(&mut acts, None, 1).await;
        assert!(matches!(walked, Walk::Done), "{walked:?}");
        assert_eq!(record.courses.last().unwrap().step("notice-start").unwrap().state, StepState::Failed);
    }

    #[tokio::test]
    async fn a_step_may_not_take_longer_than_the_application_may_stand_still() {
        let mut acts = Played { slow_at: Some("migrate"), ..Played::default() };
        let (_, walked) = played(&mut acts, Some(Duration::from_millis(300)), 1).await;
        assert!(matches!(walked, Walk::Stopped(Failure { ref what, .. }) if what.contains("budget")), "{walked:?}");
    }

    #[test]
    fn a_rollback_without_its_target_goes_on() {
        let policy = Policy::parse(POLICY).unwrap();
        let target = OfTarget { written: true, needed: false, after: crate::plan::TargetAfter::Keep };
        let steps = rollback_steps(&policy, target);
        assert!(steps.iter().filter(|step| !step.matters).any(|step| step.id == "export"));
        assert!(steps.iter().filter(|step| step.matters).any(|step| step.id == "thaw"));
    }
}
