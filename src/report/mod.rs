//! Pages and JSON made of the reports and the journal.
//!
//! [`MoveReport`] is the document of a rehearsal or a migration: what a program reads, and what the page is made of.
//!
//! Never looks at a database, and never holds a cell value or a secret.

mod document;
mod judgement;
mod page;
mod starter;

pub use document::{
    CommandResult, DOCUMENT_FORMAT, LoadFacts, MoveReport, PhaseReport, PlanFacts, ProbeReport, ProbeSurprise, SessionSetting, SourceFacts,
    TableLine, TargetFacts, write_json,
};
pub use judgement::{Judgement, Tone, judge};
pub use page::page;
pub use starter::{Found, starter_policy};
