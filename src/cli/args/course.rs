//! The command line of the move of a running application.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{BudgetArgs, ModeArgs, PaceArgs, SourceArgs};
use crate::plan::{Notice, TargetAfter};

#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    #[command(flatten)]
    pub(in crate::cli) source: SourceArgs,
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) mode: ModeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CutoverArgs {
    #[command(flatten)]
    pub(in crate::cli) source: SourceArgs,
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) mode: ModeArgs,
    #[command(flatten)]
    pub(in crate::cli) budget: BudgetArgs,
    #[command(flatten)]
    pub(in crate::cli) pace: PaceArgs,
    /// Show the steps and what would be changed, and do nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Begin without asking for the word.
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Who decides; the account where it is left out.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    #[command(flatten)]
    pub(in crate::cli) source: SourceArgs,
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    /// Show what was written since and what would be done, and do nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Begin without asking for the word.
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Who decides; the account where it is left out.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) by: Option<String>,
    /// Why; it stands in the notice and in the incident report.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// What becomes of the target's tables; the policy's word where it is left out.
    #[arg(long, value_enum, value_name = "WHAT")]
    target_after: Option<NamedAfter>,
    /// Go back also where the target can't be frozen and asked. What was written there stays there, and is not in SQLite.
    #[arg(long)]
    pub(in crate::cli) leave_target: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NamedAfter {
    /// They stay as they are, to be looked at.
    Keep,
    /// Their schema gets another name, and so makes room.
    Rename,
    /// What outgrow made or loaded is taken away.
    Drop,
}

impl RollbackArgs {
    /// Whether it was said here what becomes of the target.
    pub(in crate::cli) fn clears(&self) -> bool {
        self.target_after.is_some_and(|after| !matches!(after, NamedAfter::Keep))
    }

    /// What becomes of the target.
    pub(in crate::cli) fn after(&self, policy: TargetAfter) -> TargetAfter {
        match self.target_after {
            Some(NamedAfter::Keep) => TargetAfter::Keep,
            Some(NamedAfter::Rename) => TargetAfter::Rename,
            Some(NamedAfter::Drop) => TargetAfter::Drop,
            None => policy,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RolesArgs {
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    /// Give the roles new passwords where they are there already.
    #[arg(long)]
    pub(in crate::cli) new_passwords: bool,
    /// The file that passwords are written to, readable by you alone; libpq reads it as PGPASSFILE. In the work directory where
    /// none is named.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) credentials: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SignOffArgs {
    /// The SQLite file that the decisions are about. It is only read.
    #[arg(value_name = "app.db")]
    pub(in crate::cli) source: Option<PathBuf>,
    /// The target, where the decisions depend on it.
    #[arg(value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    /// The role, one of those that the policy names under [sign-offs].
    #[arg(long, value_name = "ROLE")]
    pub(in crate::cli) role: Option<String>,
    /// Who signs.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["list", "withdraw"])]
    pub(in crate::cli) by: Option<String>,
    /// What is to be remembered with it.
    #[arg(long, value_name = "TEXT", requires = "by")]
    pub(in crate::cli) note: Option<String>,
    /// Only show who has signed, and whether it still holds.
    #[arg(long, conflicts_with_all = ["role", "withdraw"])]
    pub(in crate::cli) list: bool,
    /// Take a role's sign-off back.
    #[arg(long, requires = "role")]
    pub(in crate::cli) withdraw: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NotifyArgs {
    /// Which: announcement-3-days, announcement-1-day, announcement-1-hour, start, progress, completion, rollback, failed,
    /// health-4-hours or report-48-hours.
    #[arg(value_name = "NOTICE", value_parser = notice, required_unless_present = "test")]
    pub(in crate::cli) notice: Option<Notice>,
    /// Show exactly what would go to which channel; nothing is sent.
    #[arg(long)]
    pub(in crate::cli) preview: bool,
    /// Send a letter that says it is a test to every channel.
    #[arg(long, conflicts_with_all = ["notice", "preview", "at", "state", "reason", "details", "report"])]
    pub(in crate::cli) test: bool,
    /// The time that the notice gives as its own: 2026-03-01T22:00:00+04:00; now where it is left out.
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) at: Option<String>,
    /// Where the move stands.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) state: Option<String>,
    /// Why it failed or was taken back.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// What was checked or measured; may be given several times.
    #[arg(long = "detail", value_name = "TEXT")]
    pub(in crate::cli) details: Vec<String>,
    /// Where the report is.
    #[arg(long, value_name = "PLACE")]
    pub(in crate::cli) report: Option<String>,
}

fn notice(name: &str) -> Result<Notice, String> {
    let names = || Notice::ALL.map(Notice::name).join(", ");
    Notice::ALL.into_iter().find(|notice| notice.name() == name).ok_or_else(|| format!("there are {}", names()))
}
