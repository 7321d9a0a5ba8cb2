//! The way back: the course of a rollback, also where it takes a failed cutover back; what was written to PostgreSQL since the
//! cutover; and what becomes of the target afterwards.
//!
//! What was written is counted and exported before anything is touched: [`Mark`] knows when the cutover was, [`count`] says how much
//! came since, [`export`] writes it as SQL for SQLite that gives the exact cells. [`clear`] makes room in the target, and takes nothing
//! away that is neither outgrow's own nor exported.
//!
//! Never prints, never shows a cell: only the exported files hold data. Never `CASCADE`.

mod acts;
mod changes;
mod run;
mod scene;
mod target;

pub use acts::BackActs;
pub use changes::{Basis, ChangeSet, ChangeSetNote, Changes, Mark, MarkedTable, TableChanges, apply, count, export};
pub use run::{Asked, Rolled, Way, go_on, rollback, take_back};
pub use scene::{Scene, evidence};
pub use target::{Cleared, ClearedWhat, clear};
