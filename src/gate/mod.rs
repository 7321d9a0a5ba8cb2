//! Whether a stage may go on; one file a gate; the only maker of [`ApprovedPlan`].
//!
//! A gate is a named check over what is known ([`Evidence`]): it returns findings, and [`review`] decides with the
//! waivers of the policy whether the plan may be carried out. A blocked gate is a result, not an error.
//!
//! Never does I/O and never changes a plan.

mod approved;
mod decisions;
mod finding;
mod gates;

pub use approved::{ApprovedPlan, Review, Stage, review};
pub use decisions::decisions;
pub use finding::{Evidence, Finding, Gate, Severity, State};
pub use gates::GATES;

/// The gate of this id.
pub fn find(id: &str) -> Option<&'static Gate> {
    GATES.iter().copied().find(|gate| gate.id == id)
}
