//! A runbook as data: courses of steps, each written down before and after it is done, so that a run that is killed anywhere is
//! gone on with.
//!
//! Knows nothing of what a step does. Where the application is, what was done, when and with what result stands in one file of
//! the work directory, `runbook.json`; it is written whole, and is on disk before a step's effect begins.

mod course;
mod record;
mod walk;

pub use course::{Act, OfTarget, Step, cutover_steps, rollback_steps};
pub use record::{Course, CourseKind, Ending, Record, StepRecord, StepState};
pub use walk::{Acted, Acts, Failure, Road, Walk, Watcher, walk};
