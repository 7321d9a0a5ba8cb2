//! What was written to PostgreSQL since the cutover: counted, and exported per table as SQL for SQLite.
//!
//! Rows are found by the transaction that wrote them: those that a [`Mark`] does not see yet. A table whose storage was made
//! anew since, or a server of which the mark knows nothing, is compared row by row instead. What is found is taken back through the
//! inverse of each column's conversion and laid beside the source's row of the same key, so that a cell that nobody changed stays in
//! SQLite as it is, also where PostgreSQL has it in another form.
//!
//! What SQLite has no form or place for is never left out silently: it stands as text in a file beside, and is counted and named.
//! Memory does not grow with the tables.

mod apply;
mod digest;
mod files;
mod keyed;
mod mark;
mod multiset;
mod others;
mod report;
mod run;
mod statement;
mod subject;
mod target_rows;
mod trial;
mod writer;

pub use apply::apply;
pub use mark::{Mark, MarkedTable};
pub(in crate::rollback) use mark::{horizon, short};
pub use report::{Basis, ChangeSet, ChangeSetNote, Changes, TableChanges};
pub use run::{count, export};
