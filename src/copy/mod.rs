//! Executes the steps of an approved plan, resumably.
//!
//! Every step, and every chunk of rows, commits its line in the target's ledger in the same transaction as its effect:
//! whatever is killed whenever, the next run finds exactly what is done and does the rest. The ledger and the
//! quarantine live in the schema `outgrow` of the target.
//!
//! Takes an [`crate::gate::ApprovedPlan`] and nothing less. Never decides anything: what the plan did not foresee stops
//! it. Never touches a relation that the plan did not make, or does not load.

mod blocks;
mod board;
mod desk;
mod fates;
mod ledger;
mod outlook;
mod pace;
mod reader;
mod reference;
mod refused_row;
mod report;
mod run;
mod tuned;
mod worker;

pub use fates::row_fates;
pub use ledger::{Before, Ledger, PlanState};
pub use reference::{ReferenceCopy, admit_references};
pub use refused_row::{RefusedRows, refused_rows};
pub use report::{CopyReport, PhaseTime, RefusedObject, TableCopy, WaivedRefusal};
pub use run::{Load, Observer, Progress, run};
pub use tuned::SESSION_SETTINGS;
