//! What became of each migration.

use serde::{Deserialize, Serialize};

use crate::error::Outcome;
use crate::mapping::counted;

/// The migrations of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MigrationsReport {
    /// The ledger, with its schema.
    pub ledger: String,
    /// Each migration, in the order of the versions.
    pub migrations: Vec<MigrationLine>,
    /// The one that failed; those behind it were not run.
    pub failed: Option<MigrationFailure>,
}

/// A migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MigrationLine {
    /// Its version.
    pub version: String,
    /// Its file's name.
    pub name: String,
    /// What became of it.
    pub state: MigrationState,
    /// When it was run (RFC 3339, UTC).
    pub applied_at: Option<String>,
    /// The role that ran it.
    pub applied_by: Option<String>,
    /// How long it took, in milliseconds.
    pub execution_ms: Option<i64>,
}

/// What became of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MigrationState {
    /// It was run now.
    Applied,
    /// It was run before.
    Skipped,
    /// It is still to be run.
    Pending,
    /// It failed, and left nothing, or (without a transaction) perhaps a part.
    Failed,
    /// It was begun without a transaction, and nothing says how it ended.
    Started,
    /// Its file says something else than when it was run.
    Changed,
    /// It was run, and its file is not there.
    Missing,
    /// It is still to be run, and one of a later version was run already.
    OutOfOrder,
}

impl MigrationState {
    /// In a word or two, as shown to people.
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Skipped => "applied before",
            Self::Pending => "pending",
            Self::Failed => "FAILED",
            Self::Started => "begun, end unknown",
            Self::Changed => "file changed",
            Self::Missing => "file missing",
            Self::OutOfOrder => "out of order",
        }
    }
}

/// Where a migration failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MigrationFailure {
    /// The file's name.
    pub name: String,
    /// The line of it that the server refused.
    pub line: u64,
    /// What the server said.
    pub message: String,
    /// What it left, and what to do.
    pub action: String,
}

impl MigrationsReport {
    /// How many are in this state.
    pub fn count(&self, state: MigrationState) -> u64 {
        u64::try_from(self.migrations.iter().filter(|line| line.state == state).count()).unwrap_or(u64::MAX)
    }

    /// Blocked where one failed, or where files and ledger disagree.
    pub fn outcome(&self) -> Outcome {
        let is_in_the_way = |line: &MigrationLine| match line.state {
            MigrationState::Applied | MigrationState::Skipped | MigrationState::Pending => false,
            MigrationState::Failed
            | MigrationState::Started
            | MigrationState::Changed
            | MigrationState::Missing
            | MigrationState::OutOfOrder => true,
        };
        if self.migrations.iter().any(is_in_the_way) { Outcome::Blocked } else { Outcome::Done }
    }

    /// What came of them, in a few words.
    pub fn summary(&self) -> String {
        let mut words = vec![format!("{} applied", self.count(MigrationState::Applied))];
        words.push(format!("{} before", self.count(MigrationState::Skipped)));
        let pending = self.count(MigrationState::Pending);
        if pending > 0 {
            words.push(format!("{pending} pending"));
        }
        if self.failed.is_some() {
            words.push("1 failed".to_owned());
        }
        words.join(" · ")
    }

    /// How many there are, with the noun.
    pub fn counted(&self) -> String {
        counted(u64::try_from(self.migrations.len()).unwrap_or(u64::MAX), "migration")
    }
}
