//! Every kind of failure, and what each means for the exit code, for retrying and for the operator.

use super::ExitCode;

/// The class of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// A mistake in this program.
    Bug,
    /// The command line does not make sense.
    Usage,
    /// The policy file does not make sense.
    Policy,
    /// The source file is not there or may not be read.
    SourceMissing,
    /// The source file is empty.
    SourceEmpty,
    /// The source file is not a SQLite database.
    SourceNotSqlite,
    /// The source file looks encrypted.
    SourceEncrypted,
    /// The source file is damaged.
    SourceCorrupt,
    /// The source file is locked by another program for too long.
    SourceBusy,
    /// The source changed while or after it was read, where it had to stand still.
    SourceChanged,
    /// No server answers at the target.
    TargetUnreachable,
    /// The server refused the credentials.
    TargetAuth,
    /// The connection could not be secured as asked.
    TargetTls,
    /// The role lacks a right that is needed.
    TargetRights,
    /// The server is of a version or has a setting that can't be used.
    TargetUnfit,
    /// The connection was lost.
    TargetLost,
    /// The server's disk is full.
    TargetFull,
    /// The server could not do it just now: a lock, a cancellation, a deadlock, too little memory.
    TargetBusy,
    /// The server refused a statement.
    TargetRefused,
    /// No PostgreSQL to use as a disposable server could be found, fetched or started.
    NoServer,
    /// The local disk is full or the work directory can't be written.
    WorkDirectory,
    /// A place for backups is full or can't be written.
    BackupPlace,
    /// A backup is not what its manifest says: damaged, cut short, or not wholly there.
    BackupDamaged,
    /// A signal or a failpoint stopped the run.
    Interrupted,
    /// Another run holds the lock.
    Locked,
    /// What happens now was not foreseen by the plan; nothing was improvised.
    Unforeseen,
}

/// Whether the same command, run again, may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Running it again changes nothing; something else must be mended first.
    No,
    /// Running it again continues where it stopped.
    Resume,
}

/// What a kind of failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The process's exit code.
    pub exit_code: ExitCode,
    /// Whether to run the same command again.
    pub retry: Retry,
    /// What to do, in one sentence, where every failure of the kind has the same way on.
    pub advice: Option<&'static str>,
}

const fn policy(exit_code: ExitCode, retry: Retry, advice: Option<&'static str>) -> Policy {
    Policy { exit_code, retry, advice }
}

impl ErrorKind {
    /// The table: each kind's exit code, retry and advice.
    pub const fn policy(self) -> Policy {
        use ExitCode as Code;
        match self {
            Self::Bug => policy(
                Code::Bug,
                Retry::No,
                Some("this is a bug in outgrow: please report it with the output of the same command and --verbose"),
            ),
            Self::Usage => policy(Code::Usage, Retry::No, None),
            Self::Policy => policy(Code::Usage, Retry::No, Some("mend the policy file and run the command again")),
            Self::SourceMissing | Self::SourceEmpty | Self::SourceNotSqlite | Self::SourceEncrypted | Self::SourceCorrupt => {
                policy(Code::SourceUnavailable, Retry::No, None)
            }
            Self::SourceBusy | Self::SourceChanged => policy(Code::SourceUnavailable, Retry::Resume, None),
            Self::TargetUnreachable | Self::TargetLost => {
                policy(Code::TargetUnavailable, Retry::Resume, Some("run the same command again once the server answers"))
            }
            Self::TargetBusy => policy(
                Code::TargetUnavailable,
                Retry::Resume,
                Some("see in pg_stat_activity what else runs or holds locks, then run the same command again: it resumes"),
            ),
            Self::TargetFull => policy(
                Code::TargetUnavailable,
                Retry::Resume,
                Some("make space on the server's disk, then run the same command again: it resumes"),
            ),
            Self::TargetAuth | Self::TargetTls | Self::TargetRights | Self::TargetUnfit | Self::TargetRefused | Self::NoServer => {
                policy(Code::TargetUnavailable, Retry::No, None)
            }
            Self::WorkDirectory => policy(Code::Interrupted, Retry::Resume, Some("make space or name another directory with --work-dir")),
            Self::BackupPlace => policy(
                Code::Interrupted,
                Retry::Resume,
                Some("make space there, or name another directory under [backup], and run the same command again"),
            ),
            Self::BackupDamaged => policy(Code::Mismatch, Retry::No, Some("take another backup: `outgrow backup list` shows them")),
            Self::Interrupted => policy(Code::Interrupted, Retry::Resume, Some("run the same command again: it resumes")),
            Self::Locked => policy(Code::Locked, Retry::Resume, Some("wait until the other run ends, or stop it")),
            Self::Unforeseen => policy(Code::Blocked, Retry::No, None),
        }
    }
}
