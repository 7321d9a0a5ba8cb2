//! Compares source and target, three-valued; the only maker of [`VerifiedCopy`].
//!
//! Each cell of the target is taken back through the inverse of its column's conversion, which shares no code with the
//! encoder, and compared with the cell of the source. What the plan normalises is compared with what the rule makes of
//! it, and what it quarantines is looked up in the quarantine, byte for byte.
//!
//! Several threads compare a part each, all under one view of the target. A check that compared nothing is inconclusive,
//! never equal. Memory does not grow with the tables. Never writes to either side and never shows a cell.

mod cells;
mod checks;
mod digest;
mod facts;
mod level;
mod merge;
mod multiset;
mod put_back;
mod quarantine;
mod relations;
mod report;
mod run;
mod sample;
mod schema;
mod sequences;
mod split;
mod target;
mod target_rows;
mod work;
mod worker;

pub use checks::{CHECKS, Check, Running};
pub use level::Level;
pub use merge::in_order;
pub use report::{CellShape, CheckResult, Difference, Sign, TableVerdict, Verdict, VerifyReport};
pub use run::{Comparison, VerifiedCopy, holds_the_same, run};
pub use schema::{AuditCounts, AuditKind, AuditLine, Objects, SchemaAudit, Standing, audit, schema_objects};
