//! From the target back to the source: the course that a rollback is, and that takes back a cutover which failed.
//!
//! What was written to the target since the cutover is counted and exported, never thrown away. Never prints.

mod acts;
mod run;
mod scene;

pub use acts::BackActs;
pub use run::{Asked, Rolled, Way, go_on, rollback, take_back};
pub use scene::Scene;
