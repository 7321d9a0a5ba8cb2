//! The document of a move.

use std::io;

use serde::{Deserialize, Serialize};

use crate::copy::{ReferenceCopy, RefusedObject};
use crate::error::Outcome;
use crate::gate::Finding;
use crate::migrations::MigrationsReport;
use crate::plan::Rename;
use crate::value::CellCounts;
use crate::verify::VerifyReport;

/// The format of the documents; raised when a field changes its meaning or goes.
pub const DOCUMENT_FORMAT: u32 = 1;

/// A document and its format.
#[derive(Debug, Serialize)]
struct Formatted<'a, T: Serialize> {
    format: u32,
    #[serde(flatten)]
    document: &'a T,
}

/// Writes a document as programs read it: JSON, with its format first. Piece by piece: that of a large schema is larger than the
/// memory that a run may take.
pub fn write_json(document: &impl Serialize, out: impl io::Write) -> io::Result<()> {
    let document = Formatted { format: DOCUMENT_FORMAT, document };
    serde_json::to_writer_pretty(out, &document).map_err(io::Error::from)
}

/// What a rehearsal or a migration found and did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MoveReport {
    /// `rehearse` or `migrate`.
    pub verb: String,
    /// The version of outgrow.
    pub version: String,
    /// When it was made (RFC 3339, UTC).
    pub made_at: String,
    /// What it ended with.
    pub outcome: Outcome,
    /// The source.
    pub source: SourceFacts,
    /// The target.
    pub target: TargetFacts,
    /// The plan.
    pub plan: PlanFacts,
    /// What the gates found, what stands in the way first.
    pub findings: Vec<Finding>,
    /// Each phase with its time.
    pub phases: Vec<PhaseReport>,
    /// All cells by class, as the load counted them.
    pub cells: CellCounts,
    /// What the load used, where there was one.
    pub load: Option<LoadFacts>,
    /// Each table.
    pub tables: Vec<TableLine>,
    /// What files of reference data have brought.
    #[serde(default)]
    pub references: Vec<ReferenceCopy>,
    /// Objects that the server refused.
    pub refused: Vec<RefusedObject>,
    /// The comparison, where one was made.
    pub verification: Option<VerifyReport>,
    /// The behaviour probes, in a rehearsal.
    pub probes: Option<ProbeReport>,
    /// The migrations of the policy, where it names a directory of them and the load came so far.
    pub migrations: Option<MigrationsReport>,
    /// The application's own tests, where a command was given.
    pub tests: Option<CommandResult>,
    /// Whether the source was written to after its snapshot was taken: the target is then as old as the snapshot.
    pub source_moved_on: bool,
    /// How long the application would have to stand still with this way of moving, in seconds.
    pub freeze_seconds: f64,
}

impl MoveReport {
    /// How many refusals of the server nobody answers for.
    pub fn open_refusals(&self) -> u64 {
        let open = self.refused.iter().filter(|object| object.waived.is_none()).count();
        u64::try_from(open).unwrap_or(u64::MAX)
    }
}

/// What a load used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LoadFacts {
    /// Connections that worked at the same time.
    pub connections: u64,
    /// The most memory that the process had in use, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
    /// Settings of the sessions that were changed for the load; they ended with them.
    pub settings: Vec<SessionSetting>,
}

/// A setting of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SessionSetting {
    /// Its name.
    pub name: String,
    /// What it was set to.
    pub value: String,
    /// Why.
    pub why: String,
}

/// The source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SourceFacts {
    /// The file as named.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Ordinary tables.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// Their cells.
    pub cells: u64,
    /// Views.
    pub views: u64,
    /// Triggers.
    pub triggers: u64,
    /// `wal` or `rollback`.
    pub journal_mode: String,
    /// How the file was opened.
    pub access: String,
    /// The framework that it looks like, where one was recognised.
    pub framework: Option<String>,
    /// SHA-256 of the schema.
    pub schema_fingerprint: String,
    /// SHA-256 of the cells.
    pub content_fingerprint: String,
}

/// The target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TargetFacts {
    /// Where it is, without secrets.
    pub place: String,
    /// The server's version.
    pub version: String,
    /// The schema that got the tables.
    pub schema: String,
    /// The size of the database after the load in bytes, where it was asked for.
    pub bytes: Option<u64>,
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanFacts {
    /// Its id.
    pub id: String,
    /// Whose tables are loaded: `own` where outgrow made them, `existing` where the application's own migrations did.
    pub mode: String,
    /// Columns that come across exactly.
    pub columns_exact: u64,
    /// Columns in which a rule changes cells.
    pub columns_normalised: u64,
    /// Columns in which cells go into the quarantine, or break what the declaration intends.
    pub columns_to_decide: u64,
    /// Steps.
    pub steps: u64,
    /// Names that had to change.
    pub renames: Vec<Rename>,
}

/// A phase and its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PhaseReport {
    /// Its name.
    pub name: String,
    /// What it did, in a few words: `6,213,004 rows`.
    pub what: String,
    /// What came of it.
    pub result: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Whether the application has to stand still in it.
    pub frozen: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableLine {
    /// Its name in the source.
    pub source: String,
    /// Its name in the target.
    pub target: String,
    /// Rows in the source.
    pub rows: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Its cells by class.
    pub cells: CellCounts,
    /// What the comparison says: `match`, `mismatch`, `inconclusive` or `not compared`.
    pub verdict: String,
}

/// What the behaviour probes found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProbeReport {
    /// Tables that take a row made up of their defaults and identity, with the same key as in SQLite.
    pub first_inserts: u64,
    /// What could not be probed, or only in part, each with the reason: a table for which no legal row could be made up,
    /// a constraint that no row was found to break, a view whose rows were counted and not compared.
    pub not_probed: Vec<String>,
    /// Constraints that were tried with an illegal row on both sides, in tables whose legal row both sides took.
    pub constraints: u64,
    /// Defaults that were evaluated.
    pub defaults: u64,
    /// Views that were read to their end on both sides.
    pub views: u64,
    /// Triggers that were fired on both sides with the same statements, and whose effects were compared.
    pub triggers: u64,
    /// Where the two sides behaved differently.
    pub surprises: Vec<ProbeSurprise>,
}

/// Something that behaves differently on the two sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProbeSurprise {
    /// What was probed: `first insert into grades`.
    pub probe: String,
    /// What SQLite did.
    pub source: String,
    /// What PostgreSQL did.
    pub target: String,
}

/// What a command of the user's did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CommandResult {
    /// The command as given.
    pub command: String,
    /// Its exit code; none where a signal or the timeout ended it.
    pub exit_code: Option<i32>,
    /// How long it took, in seconds.
    pub seconds: f64,
}
