//! What a cutover and a rollback print.

use jiff::Timestamp;
use outgrow::report::DOCUMENT_FORMAT;
use outgrow::rollback::Changes;
use outgrow::runbook::{Course, CourseKind, Ending, StepRecord, StepState};
use outgrow::switch::Change;
use serde_json::{Value, json};

fn step(state: StepState, set: bool) -> StepRecord {
    StepRecord {
        id: "stop:1".to_owned(),
        title: "stop: docker".to_owned(),
        state,
        began_at: Timestamp::UNIX_EPOCH,
        ended_at: set.then_some(Timestamp::UNIX_EPOCH),
        seconds: 0.5,
        what: "docker ended well".to_owned(),
        detail: if set { json!({ "exit-code": 0 }) } else { Value::Null },
    }
}

fn course(kind: CourseKind, ending: Option<Ending>) -> Course {
    let set = ending.is_some();
    let mut course = Course::begin(kind, set.then(|| "Ada".to_owned()), set.then(|| "smoke: 1 of 1 failed".to_owned()));
    course.steps = [StepState::Done, StepState::Failed, StepState::Intended].map(|state| step(state, set)).to_vec();
    course.down_at = set.then_some(Timestamp::UNIX_EPOCH);
    course.up_at = course.down_at;
    if let Some(ending) = ending {
        course.end(ending);
    }
    course
}

/// Each document, with everything that may be absent both there and not.
pub(super) fn samples() -> Vec<(&'static str, Value)> {
    let ended = |ending: &str, side: &str, failure: Option<&str>, courses: Vec<Course>| {
        json!({
            "format": DOCUMENT_FORMAT, "ending": ending, "side": side, "failure": failure,
            "downtime-seconds": failure.map(|_| 1.5), "courses": courses,
        })
    };
    let taken_back = vec![course(CourseKind::Cutover, Some(Ending::TakenBack)), course(CourseKind::Rollback, Some(Ending::Done))];
    let steps = json!([{ "step": "freeze", "what": "freeze the source" }]);
    let change = Change {
        place: ".env".to_owned(),
        lines: vec!["+DB_CONNECTION=pgsql".to_owned()],
        is_done: false,
        notes: vec!["…".to_owned()],
        shown: None,
    };
    let export = super::change_set::change_set(true);
    let changes = Changes { tables: export.tables, notes: export.notes };
    let application = json!({
        "side": "target", "course": "cutover", "began-at": "2026-11-21T20:45:00Z", "ended-at": null, "step": "migrate", "downtime-seconds": 1.5,
    });
    vec![
        ("cutover", ended("done", "target", None, vec![course(CourseKind::Cutover, Some(Ending::Done))])),
        ("cutover", ended("taken-back", "source", Some("smoke: 1 of 1 failed"), taken_back)),
        ("cutover", ended("failed", "source", Some("prepare:1"), vec![course(CourseKind::Cutover, Some(Ending::NothingChanged))])),
        ("cutover", ended("not-finished", "source", None, vec![course(CourseKind::Rollback, None)])),
        ("cutover-dry-run", json!({ "format": DOCUMENT_FORMAT, "steps": steps, "changes": [change] })),
        ("rollback-dry-run", json!({ "format": DOCUMENT_FORMAT, "steps": steps, "changes": changes, "unasked": null })),
        ("rollback-dry-run", json!({ "format": DOCUMENT_FORMAT, "steps": steps, "changes": null, "unasked": "no server answers" })),
        (
            "status",
            json!({ "format": DOCUMENT_FORMAT, "work-directory": ".outgrow", "unfinished": false, "application": application, "runs": [] }),
        ),
    ]
}
