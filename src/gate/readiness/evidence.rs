//! What is known before a cutover, as plain data: whoever may look about has collected it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Outcome;
use crate::gate::Finding;
use crate::plan::{Period, Policy};

/// Something that was looked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Known<T> {
    /// It was looked for, and this was seen.
    Seen(T),
    /// It was not, or could not be, looked for: why. A gate that needs it can't be passed.
    Unseen(String),
}

/// How far the cutover is when the gates are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Nothing is stopped yet: the application runs, and has its database open.
    Before,
    /// The hooks that stop the application have been run.
    Stopped,
}

/// All that a readiness gate may look at.
#[derive(Debug)]
pub struct Readiness<'a> {
    /// What people decided.
    pub policy: &'a Policy,
    /// The time.
    pub now: Timestamp,
    /// How far the cutover is.
    pub point: Point,
    /// What would be done.
    pub plan: Known<PlanFacts>,
    /// The last rehearsal of this source; none where there was none.
    pub rehearsal: Known<Option<RehearsalFacts>>,
    /// The newest backup of this source; none where there is none.
    pub backup: Known<Option<BackupFacts>>,
    /// The target.
    pub target: Known<TargetFacts>,
    /// Who has the source open.
    pub holders: Known<HolderFacts>,
    /// Settings that would still lead the application to SQLite after the switch.
    pub overrides: Known<Vec<OverrideFacts>>,
    /// The approvals that the policy asks for.
    pub sign_offs: Known<Vec<SignOffFacts>>,
    /// The policy's own checks, in its order.
    pub checks: Known<Vec<CheckFacts>>,
}

/// A plan, as far as readiness goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFacts {
    /// Its id.
    pub id: String,
    /// The fingerprint of the source's schema.
    pub schema: String,
    /// Whether the application's own tables are loaded.
    pub existing: bool,
    /// What the gates of the plan found, waivers applied.
    pub findings: Vec<Finding>,
    /// The framework that the source looks like.
    pub framework: Option<String>,
    /// Whether the framework's ledgers on both sides could be compared.
    pub ledgers_compared: bool,
    /// How large the source is.
    pub source_bytes: u64,
    /// Names of tables that are to be loaded, as the target has them.
    pub tables: Vec<String>,
}

/// What a rehearsal has left in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RehearsalFacts {
    /// The source, as a full path.
    pub source: String,
    /// When it ended.
    pub at: Timestamp,
    /// What it ended with.
    pub outcome: Outcome,
    /// The fingerprint of the source's schema.
    pub schema: String,
    /// The fingerprint of the policy's decisions.
    pub decisions: String,
    /// The version of outgrow.
    pub version: String,
    /// The major version of the server.
    pub server_major: u32,
    /// Whether the application's own tables were loaded.
    pub existing: bool,
    /// How large the loaded database was, in bytes.
    pub target_bytes: Option<u64>,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFacts {
    /// When the database was as it has it.
    pub at: Timestamp,
    /// Whether it was restored to see that it can be, and that was well.
    pub tested: bool,
    /// Whether it, or its second copy, lies on another disk than the source.
    pub other_disk: bool,
    /// Whether its checksum still holds.
    pub intact: bool,
}

/// Who a server is, as it says itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServerIdentity {
    /// The cluster's own number, given when its data directory was made. Kept as text: it has more digits than JSON's
    /// numbers hold. None where this role may not ask.
    pub system_identifier: Option<String>,
    /// The data directory, where this role may know it.
    pub data_directory: Option<String>,
    /// The major version.
    pub major: u32,
}

impl ServerIdentity {
    /// When the data directory was made: its time stands in the upper half of the cluster's number.
    pub fn made_at(&self) -> Option<Timestamp> {
        let number: u64 = self.system_identifier.as_ref()?.parse().ok()?;
        Timestamp::from_second(i64::try_from(number >> 32).ok()?).ok()
    }
}

/// Another database of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherDatabase {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: String,
}

/// The target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFacts {
    /// Where: `user@host:port/database`.
    pub place: String,
    /// The database.
    pub database: String,
    /// Who owns it.
    pub owner: String,
    /// Who the server says it is.
    pub identity: ServerIdentity,
    /// Who it said it was when somebody looked at it last (`outgrow check`).
    pub seen_before: Option<ServerIdentity>,
    /// What `outgrow check` has to say: the id, whether it failed, and what that means.
    pub failures: Vec<(String, String)>,
    /// Connections that are free for this role; none where that can't be known.
    pub free_connections: Option<u64>,
    /// Bytes that are free on the server's disk; none where that can't be known.
    pub free_bytes: Option<u64>,
    /// The other databases of the server, templates aside.
    pub others: Vec<OtherDatabase>,
    /// Tables outside of the schema that is to be loaded: schema and name.
    pub elsewhere: Vec<(String, String)>,
}

/// A process that has the source open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderFact {
    /// Its process id.
    pub pid: u32,
    /// What it is.
    pub command: String,
    /// Whether it is in a transaction that writes.
    pub writes: bool,
}

/// Who has the source open, besides ourselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolderFacts {
    /// The processes.
    pub others: Vec<HolderFact>,
    /// Somebody without a process id here holds a lock: what he does.
    pub elsewhere: Option<String>,
    /// What could not be looked into and might hide a holder; in words.
    pub unseen: Vec<String>,
}

/// A setting that still points to SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideFacts {
    /// The variable or key.
    pub name: String,
    /// Where it stands: a file and line, or a process.
    pub place: String,
    /// What it does, without its value.
    pub what: String,
}

/// An approval that the policy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOffFacts {
    /// The role.
    pub role: String,
    /// Who has given it, and when; none where nobody has.
    pub given: Option<String>,
    /// Why it does not count any more.
    pub void: Option<String>,
}

/// A check of the policy's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFacts {
    /// What it is called.
    pub name: String,
    /// Whether the answer was the right one.
    pub passed: bool,
    /// What came back, or what is wrong with it.
    pub what: String,
}

/// `3 days`, `5 hours`, `12 min`, `40 s`: how long ago something was.
pub(super) fn age(now: Timestamp, at: Timestamp) -> String {
    length(u64::try_from(now.duration_since(at).as_secs()).unwrap_or(0))
}

/// The same of a period.
pub(super) fn span(period: Period) -> String {
    length(period.0.as_secs())
}

fn length(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Whether something is older than allowed.
pub(super) fn is_older(now: Timestamp, at: Timestamp, allowed: Period) -> bool {
    u64::try_from(now.duration_since(at).as_secs()).is_ok_and(|age| age > allowed.0.as_secs())
}
