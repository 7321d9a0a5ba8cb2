//! What a command ends with when nothing failed, and the process's exit codes.

/// The process's exit codes: documented, constant, tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitCode {
    /// Done.
    Done,
    /// A bug.
    Bug,
    /// Usage or policy.
    Usage,
    /// Blocked by a gate.
    Blocked,
    /// Mismatch.
    Mismatch,
    /// Inconclusive.
    Inconclusive,
    /// Source unavailable.
    SourceUnavailable,
    /// Target unavailable.
    TargetUnavailable,
    /// Interrupted; can be resumed.
    Interrupted,
    /// Another run holds the lock.
    Locked,
}

impl ExitCode {
    /// The number that the process exits with.
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Bug => 1,
            Self::Usage => 2,
            Self::Blocked => 3,
            Self::Mismatch => 4,
            Self::Inconclusive => 5,
            Self::SourceUnavailable => 6,
            Self::TargetUnavailable => 7,
            Self::Interrupted => 8,
            Self::Locked => 9,
        }
    }
}

/// What a command that ran to its end has to say: results, not errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All that was asked is done.
    Done,
    /// A gate stands between the command and its work; nothing was changed.
    Blocked,
    /// A comparison found a difference.
    Mismatch,
    /// A comparison could not be made, or compared nothing.
    Inconclusive,
}

impl Outcome {
    /// The exit code of this outcome.
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Done => ExitCode::Done,
            Self::Blocked => ExitCode::Blocked,
            Self::Mismatch => ExitCode::Mismatch,
            Self::Inconclusive => ExitCode::Inconclusive,
        }
    }
}
