//! The way back: what was written to PostgreSQL since the cutover, and what becomes of the target afterwards.
//!
//! What was written is counted and exported before anything is touched: [`Mark`] knows when the cutover was, [`count`] says how much
//! came since, [`export`] writes it as SQL for SQLite that gives the exact cells. [`clear`] makes room in the target, and takes nothing
//! away that is neither outgrow's own nor exported.
//!
//! Never writes to the source, never shows a cell: only the exported files hold data. Never `CASCADE`.

mod changes;
mod target;

pub use changes::{Basis, ChangeSet, ChangeSetNote, Changes, Mark, MarkedTable, TableChanges, apply, count, export};
pub use target::{Cleared, ClearedWhat, clear};
