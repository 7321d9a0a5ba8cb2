//! Asks what the policy names, measures it, and runs the policy's hooks.
//!
//! Never leaves a process behind, never puts a secret where another account could read it, and says of an answer what is
//! wrong with it, but not what it holds: a page or a row may hold anything.

mod answer;
mod command;
mod http;
mod machine;
mod measure;
mod sides;
mod smoke;
mod sql;
mod text_form;

pub use answer::{Answer, ask};
pub use command::{Ended, Given, run};
pub use machine::Machine;
pub use measure::{Baseline, Measured, measure};
pub use sides::Sides;
pub use smoke::{SmokeReport, smoke};
