//! Whether a stage may go on; one file a gate; the only maker of [`ApprovedPlan`].
//!
//! A gate is a named check over what is known ([`Evidence`]): it returns findings, and [`review`] decides with the
//! waivers of the policy whether the plan may be carried out. A blocked gate is a result, not an error.
//!
//! Besides, [`READINESS`] are the gates before a cutover, over what is known of everything around the plan ([`Readiness`]).
//!
//! Never does I/O and never changes a plan.

mod approved;
mod decisions;
mod finding;
mod gates;
mod readiness;

pub use approved::{ApprovedPlan, Review, Stage, review};
pub use decisions::decisions;
pub use finding::{Evidence, Finding, Gate, Severity, State};
pub use gates::GATES;
pub use readiness::{
    Answer, BackupFacts, CheckFacts, HolderFact, HolderFacts, Judgement, Known, OtherDatabase, OverrideFacts, PlanFacts, Point, READINESS,
    Readiness, ReadinessGate, RehearsalFacts, ServerIdentity, SignOffFacts, Standing, TargetFacts, find_readiness, ready,
};

/// The gate of this id.
pub fn find(id: &str) -> Option<&'static Gate> {
    GATES.iter().copied().find(|gate| gate.id == id)
}
