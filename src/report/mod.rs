//! Pages and JSON made of the reports and the journal.
//!
//! [`MoveReport`] is the document of a rehearsal or a migration: what a program reads, and what the page is made of.
//!
//! [`CompletionReport`] is that of a cutover or a rollback: what was done to the running application, and what came of it.
//!
//! Never looks at a database, and never holds a cell value or a secret.

mod completion;
mod document;
mod judgement;
mod page;
mod starter;

pub use completion::{
    Around, BackupLine, ChangeLine, CommandLine, CompletionKind, CompletionReport, CourseLine, HealthLine, HookLine, LatencyLine,
    MachineLine, Moved, NoticeLine, RestartLine, RevertedLine, SignedOff, SmokeLine, StepLine, Timing, WayBack, WrittenTable,
    completion_markdown, completion_page, gather, keep_completion, keep_incident, last_completion, last_incident,
};
pub use document::{
    CommandResult, DOCUMENT_FORMAT, LoadFacts, MoveReport, PhaseReport, PlanFacts, ProbeReport, ProbeSurprise, SessionSetting, SourceFacts,
    TableLine, TargetFacts, write_json,
};
pub use judgement::{Judgement, Tone, judge};
pub use page::page;
pub use starter::{Found, starter_policy};
