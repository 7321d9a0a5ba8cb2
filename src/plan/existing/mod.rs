//! Plans a load into tables that the application's own migrations made.
//!
//! The target's types rule: a column's conversion is chosen by [`crate::mapping::fit`]. Nothing is made but what the
//! load takes out of its way and puts back: foreign keys and triggers. What has no place in the target is a finding.
//!
//! The plan holds the target as it was before the load. A run that goes on with a load plans from that again, and so
//! arrives at the same plan, whatever is out of its place meanwhile. Never does I/O.

mod aside;
mod build;
mod columns;
pub(super) mod matching;
mod order;
mod recognise;
mod report;
mod schema;
mod sequences;
mod settlement;

pub use build::build_existing;
pub use recognise::is_existing;
pub use report::{ExistingReport, MissingRight, NoPlace, SeededTable, SequenceAtItsEnd};
pub use schema::ExistingSchema;
pub use sequences::SequencePlan;
pub use settlement::{CounterValue, Misfit, MisfitKind, Settlement};
