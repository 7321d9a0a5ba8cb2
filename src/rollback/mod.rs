//! From the target back to the source: the course that a rollback is, and that takes back a cutover which failed.
//!
//! What was written to the target since the cutover is counted and exported, never thrown away. Never prints.

mod acts;
mod run;
mod scene;

pub use acts::BackActs;
pub use run::{Asked, Rolled, Way, go_on, rollback, take_back};
pub use scene::Scene;
//! The way back: what was written to PostgreSQL since the cutover, and what becomes of the target afterwards.
//!
//! What was written is counted and exported before anything is touched: [`Mark`] knows when the cutover was, [`count`] says how much
//! came since, [`export`] writes it as SQL for SQLite that gives the exact cells. `clear` makes room in the target, and takes nothing
//! away that is neither outgrow's own nor exported.
//!
//! Never writes to the source, never shows a cell: only the exported files hold data. Never `CASCADE`.

mod changes;
mod target;

pub use changes::{Basis, ChangeSet, ChangeSetNote, Changes, Mark, MarkedTable, TableChanges, apply, count, export};
