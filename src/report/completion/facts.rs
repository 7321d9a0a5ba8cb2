//! The document.

use serde::{Deserialize, Serialize};

use crate::gate::Judgement;
use crate::plan::Side;
use crate::report::{MoveReport, Tone};
use crate::runbook::{CourseKind, Ending, StepState};

/// What the report is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompletionKind {
    /// A cutover, and what came of it.
    Completion,
    /// A way back, and why it was gone.
    Incident,
}

/// What a cutover or a rollback came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CompletionReport {
    /// What it is of.
    pub kind: CompletionKind,
    /// The course that it is of.
    pub course: String,
    /// The version of outgrow.
    pub version: String,
    /// When it was made (RFC 3339, UTC).
    pub made_at: String,
    /// What it is called.
    pub title: String,
    /// How good it is.
    pub tone: Tone,
    /// What became of it, in a word or two.
    pub verdict: String,
    /// The same in a sentence.
    pub sentence: String,
    /// The side that the application is on.
    pub side: Side,
    /// The source.
    pub source: String,
    /// The target, without secrets.
    pub target: String,
    /// How long the application took no writes, in seconds; none where it always did.
    pub downtime_seconds: Option<f64>,
    /// How long it was allowed to, in seconds; none for a rollback of its own, which nothing takes back.
    pub budget_seconds: Option<f64>,
    /// The way back, where one was gone.
    pub way_back: Option<WayBack>,
    /// The report of the move, where one was made.
    pub moved: Option<Moved>,
    /// How the gates stood when it began; empty where the journal does not tell.
    pub gates: Vec<Judgement>,
    /// Who has agreed.
    pub sign_offs: Vec<SignedOff>,
    /// The courses with their steps, oldest first.
    pub courses: Vec<CourseLine>,
    /// Runs that were killed, or ended with something else than all that was asked.
    pub restarts: Vec<RestartLine>,
    /// What the smoke tests answered.
    pub smoke: Vec<SmokeLine>,
    /// How fast the application answered, before and after.
    pub latency: Vec<LatencyLine>,
    /// The machine, before and after.
    pub health: Vec<HealthLine>,
    /// Commands of the policy that were run.
    pub hooks: Vec<HookLine>,
    /// What was changed in the application's environment.
    pub changes: Vec<ChangeLine>,
    /// Backups that were made.
    pub backups: Vec<BackupLine>,
    /// Who was told.
    pub notices: Vec<NoticeLine>,
    /// What somebody should look at; one sentence each.
    pub issues: Vec<String>,
    /// Commands that may be needed.
    pub commands: Vec<CommandLine>,
}

/// The report of the move as its own file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Its format.
    pub format: u32,
    /// The report.
    #[serde(flatten)]
    pub report: MoveReport,
}

/// The way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WayBack {
    /// Why it was gone, where that was said.
    pub cause: Option<String>,
    /// Who has decided it; none where a failed cutover did.
    pub by: Option<String>,
    /// Whether what was written to the target was exported; none where it can't have been written to.
    pub exported: Option<bool>,
    /// From when on changes count (RFC 3339, UTC).
    pub since: Option<String>,
    /// Until when.
    pub until: Option<String>,
    /// The directory with what was written.
    pub directory: Option<String>,
    /// The file in it that runs all others, for `sqlite3`.
    pub apply: Option<String>,
    /// What was written, by table; tables without any are left out.
    pub written: Vec<WrittenTable>,
    /// What else became other; one sentence each.
    pub notes: Vec<String>,
    /// What was put back in the environment.
    pub reverted: Vec<RevertedLine>,
    /// What became of the target, in words; none where nothing was done about it.
    pub target: Option<String>,
}

/// What was written to a table since the cutover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WrittenTable {
    /// The table.
    pub table: String,
    /// Rows that came.
    pub inserted: u64,
    /// Rows that changed.
    pub updated: u64,
    /// Rows that went.
    pub deleted: u64,
    /// Whether these numbers are exact.
    pub exact: bool,
    /// Cells that stand in a file beside, because SQLite has no place for them.
    pub beside: u64,
    /// Rows for which no statement could be written.
    pub unwritten: u64,
}

/// Something that was put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RevertedLine {
    /// The file or the program.
    pub place: String,
    /// How: `unchanged`, `exactly`, `keys-only` or `by-command`.
    pub how: String,
    /// Where the file is kept as somebody has edited it.
    pub edited: Option<String>,
}

/// Somebody's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SignedOff {
    /// In which role.
    pub role: String,
    /// Who.
    pub by: String,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// What they said besides.
    pub note: Option<String>,
    /// When it was taken back.
    pub withdrawn_at: Option<String>,
}

/// A course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CourseLine {
    /// Its name.
    pub id: String,
    /// What it was for.
    pub kind: CourseKind,
    /// Who began it.
    pub by: Option<String>,
    /// When it began (RFC 3339, UTC).
    pub began_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// What it ended with.
    pub ending: Option<Ending>,
    /// When the application ceased to take writes.
    pub down_at: Option<String>,
    /// When it took writes again.
    pub up_at: Option<String>,
    /// How long it took from its beginning to its end, in seconds.
    pub seconds: Option<f64>,
    /// How often it was gone on with.
    pub resumed: u32,
    /// Its steps.
    pub steps: Vec<StepLine>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepLine {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What became of it.
    pub state: StepState,
    /// When it was begun, the first time (RFC 3339, UTC).
    pub began_at: String,
    /// How long its last attempt took.
    pub seconds: f64,
    /// Whether the application took no writes in it.
    pub frozen: bool,
    /// What came of it.
    pub what: String,
}

/// A run that did not go through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RestartLine {
    /// `cutover` or `rollback`.
    pub verb: String,
    /// When it began (RFC 3339, UTC).
    pub started_at: String,
    /// How it ended, in words.
    pub what: String,
}

/// A smoke test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SmokeLine {
    /// The course in which it was asked.
    pub course: CourseKind,
    /// What it is called.
    pub name: String,
    /// Whether the answer was the right one.
    pub passed: bool,
    /// How often it was asked.
    pub attempts: u32,
    /// How long the last answer took.
    pub seconds: f64,
    /// What came back, or what was wrong.
    pub what: String,
}

/// How fast a question was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LatencyLine {
    /// What the probe is called.
    pub name: String,
    /// On SQLite, before.
    pub before: Option<Timing>,
    /// On PostgreSQL, after.
    pub after: Option<Timing>,
}

/// Times of answers, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Timing {
    /// How many right answers came.
    pub samples: u32,
    /// How many wrong ones.
    pub errors: u32,
    /// Half of the answers came within this time.
    pub median_ms: Option<f64>,
    /// Nineteen of twenty did.
    pub p95_ms: Option<f64>,
    /// The slowest.
    pub max_ms: Option<f64>,
    /// What was wrong with the last wrong answer.
    pub fault: Option<String>,
}

/// A figure of the machine, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HealthLine {
    /// The side that was measured.
    pub side: Side,
    /// The machine that outgrow ran on.
    pub machine: MachineLine,
}

/// What the machine had to do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MachineLine {
    /// Its processors.
    pub processors: Option<u64>,
    /// How much of their time was taken, from 0 to 1.
    pub busy: Option<f64>,
    /// Its load over the last minute.
    pub load: Option<f64>,
    /// Its memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// How much of it programs could still get.
    pub available_bytes: Option<u64>,
}

/// A command of the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HookLine {
    /// The course in which it was run.
    pub course: CourseKind,
    /// The step.
    pub step: String,
    /// The command; what looks like a secret is left out.
    pub command: String,
    /// Its exit code; none where a signal or the timeout ended it.
    pub exit_code: Option<i32>,
    /// Whether its time was over.
    pub timed_out: bool,
    /// How long it took.
    pub seconds: f64,
}

/// What was changed in a file, or by a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ChangeLine {
    /// The file, or the program.
    pub place: String,
    /// `-` and `+` lines, with an ellipsis in the place of each secret.
    pub lines: Vec<String>,
    /// What the operator should know.
    pub notes: Vec<String>,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BackupLine {
    /// The file, with its directory.
    pub file: String,
    /// Which side it is of.
    pub side: Side,
    /// When the database was as the backup has it (RFC 3339, UTC).
    pub taken_at: String,
    /// How long the file is.
    pub bytes: u64,
    /// How large the database was.
    pub content_bytes: u64,
    /// How it is compressed.
    pub compression: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How many rows it holds.
    pub rows: u64,
    /// What came of restoring it: `match`, `mismatch` or `inconclusive`; none where it was not tried.
    pub test: Option<String>,
    /// The same in words.
    pub test_detail: Option<String>,
    /// The second place, where one is named.
    pub second: Option<String>,
    /// Whether a copy is there, read back and found equal.
    pub second_copied: Option<bool>,
    /// Why there is none.
    pub second_why_not: Option<String>,
    /// Whether the copy is on another disk.
    pub second_other_disk: Option<bool>,
    /// Until when it is kept, in words.
    pub kept: String,
}

/// A notice on a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NoticeLine {
    /// Which notice.
    pub notice: String,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// The channel.
    pub channel: String,
    /// `webhook`, `email`, `command` or `file`.
    pub by: String,
    /// Whether it was taken.
    pub ok: bool,
    /// Why not.
    pub why: Option<String>,
}

/// A command that may be needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CommandLine {
    /// What it is for.
    pub what: String,
    /// The command, for a shell.
    pub command: String,
}
