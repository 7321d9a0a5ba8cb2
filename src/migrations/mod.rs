//! Ordered migrations of the target: files of SQL, each run once, in the order of their versions.
//!
//! In comes the policy with its files; the ledger, a table in the target's schema, keeps which were run. Out comes a
//! [`MigrationsReport`]. A file and its row in the ledger are one transaction; a file that can't be run in one is noted
//! before and after, so that a run that was killed in between is seen.
//!
//! Never runs anything where the files and the ledger disagree, and never undoes anything.

mod ledger;
mod report;
mod review;
mod run;

pub use report::{MigrationFailure, MigrationLine, MigrationState, MigrationsReport};
pub use run::{Settle, admit, run_migrations, status};
