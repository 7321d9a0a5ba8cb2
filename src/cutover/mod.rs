//! From the source to the target: the course of a cutover, and its way back where a step fails.
//!
//! Never prints.

mod acts;
mod run;

pub use run::{Ended, Go, Options, cutover};
