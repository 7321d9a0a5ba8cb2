//! Catalogs + profile + policy → [`Plan`] and [`PlanReport`].
//!
//! The planner decides everything and does nothing: execution has no choices left. A plan is immutable, complete and
//! hashed; the report says why it is as it is. The same inputs give the same bytes.
//!
//! Never does I/O, never reads a clock, never guesses: what has no exact translation is reported with its text.

mod build;
mod columns;
mod expected;
mod fingerprint;
mod foreign_keys;
mod installed;
mod keys;
mod names;
mod policy;
mod programs;
mod report;
mod statements;
mod step;
mod table;

pub use build::{Inputs, Plan, build};
pub use fingerprint::{PlanId, SourceFingerprint};
pub use installed::installed_helpers;
pub use policy::{OrphanRule, Policy, Rules, TargetPolicy, Waiver};
pub use report::{
    ColumnDecision, ConflictClause, ForeignKeyProblem, Inexact, NullKey, PlanReport, Rename, SkippedVirtualTable, Untranslated,
};
pub use step::{Action, Phase, Step};
pub use table::{ColumnPlan, Compare, IdentityPlan, ScanColumns, TablePlan};
