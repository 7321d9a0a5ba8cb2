//! A school administration to try the move on: a SQLite database of the size and shape that a real team moved by hand.
//!
//! The tables are described in `school/*.txt`, in the manner of Laravel's migrations; a small deterministic generator
//! turns each description into DDL and rows, and [`write_school`] adds the honest mess that years of SQLite leave behind.
//! The same size gives the same bytes.
//!
//! Writes one new file; never opens, reads or replaces a file that is there.

mod ballast;
mod blueprint;
mod content;
mod ddl;
mod dice;
mod mess;
mod school;
mod words;

pub use school::{DemoFacts, Progress, write_school};
