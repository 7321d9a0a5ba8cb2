//! What a cutover came to, and what a rollback came to: for whoever was not there, and for whoever looks it up a year later.
//!
//! [`gather`] makes a [`CompletionReport`] of what the work directory remembers: the record of the courses, the journal, and the report
//! of the move. The report is the JSON; [`completion_page`] and [`completion_markdown`] say the same. [`keep_completion`] writes all
//! three.
//!
//! What hooks were told may hold secrets: what looks like one is left out. Never decides anything, and never holds a cell.

mod course;
mod detail;
mod facts;
mod figures;
mod gather;
mod issues;
mod kept;
mod masked;
mod verdict;
mod written;

pub use facts::{
    BackupLine, ChangeLine, CommandLine, CompletionKind, CompletionReport, CourseLine, HealthLine, HookLine, LatencyLine, MachineLine,
    Moved, NoticeLine, RestartLine, RevertedLine, SignedOff, SmokeLine, StepLine, Timing, WayBack, WrittenTable,
};
pub use gather::{Around, gather};
pub use kept::{keep_completion, keep_incident, last_completion, last_incident};
pub use written::{completion_markdown, completion_page};
