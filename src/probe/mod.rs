//! Asks what the policy names, and runs its hooks.
//!
//! Never leaves a process behind, and never puts a secret where another account could read it.

mod command;

pub use command::{Ended, Given, run};
