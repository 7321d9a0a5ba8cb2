//! The command line.

mod backup;
mod course;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use backup::{
    BackupArgs, BackupFileArgs, BackupMakingArgs, BackupPlaceArgs, BackupSourceArgs, BackupTargetArgs, BackupWhat, NamedCompression,
    RestoreArgs, RestoreSourceArgs, RestoreTargetArgs, RestoreWhat,
};
pub(crate) use course::{CutoverArgs, GateArgs, NotifyArgs, RolesArgs, RollbackArgs, SignOffArgs};

use crate::budget::Budget;
use crate::plan::{Mode, Policy};
use crate::verify::Level;

/// Moves a live application from SQLite to PostgreSQL: rehearses the move, makes it, proves every cell, and goes back.
#[derive(Debug, Parser)]
#[command(name = "outgrow", version, max_term_width = 100, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// Print one JSON document on standard output instead of a page; its schema is in docs/schema.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Where journal, snapshots and reports are kept.
    #[arg(long, global = true, value_name = "DIR", default_value = ".outgrow", env = "OUTGROW_WORK_DIR")]
    pub(super) work_dir: PathBuf,
    /// The policy file; `outgrow.toml` where there is one and none is named.
    #[arg(long, global = true, value_name = "FILE", env = "OUTGROW_POLICY")]
    pub(super) policy: Option<PathBuf>,
    /// Show the causes of an error as well.
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done · 1 a bug · 2 usage or policy · 3 blocked by a gate · 4 mismatch · 5 inconclusive · \
6 source unavailable · 7 target unavailable · 8 interrupted, can be resumed · 9 another run holds the lock

The target is a URL (postgres://user@host/db), a DSN (\"host=… dbname=…\") or libpq's environment (PGHOST, PGUSER,
PGPASSWORD, PGPASSFILE, PGSERVICE …). Keep passwords out of the command line.";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make the whole move on a throw-away PostgreSQL, and say what to expect. Changes nothing of yours.
    #[command(after_help = "Examples:\n  outgrow rehearse app.db\n  outgrow rehearse app.db --run \"php artisan test\"\n  \
                            outgrow rehearse app.db --like postgres://app@db.example/app\n  \
                            outgrow rehearse app.db --schema-file db/structure.sql\n  \
                            outgrow rehearse app.db --keep --json")]
    Rehearse(RehearseArgs),
    /// Say what is in the file: objects, a profile of every column, orphans, oddities.
    #[command(after_help = "Examples:\n  outgrow inspect app.db\n  outgrow inspect app.db --json > inspection.json")]
    Inspect(SourceArgs),
    /// Show every decision with its reason, as a page, JSON or DDL. The same inputs give the same bytes.
    #[command(after_help = "Examples:\n  outgrow plan app.db\n  outgrow plan app.db postgres://app@db.example/app --ddl > schema.sql")]
    Plan(PlanArgs),
    /// Move the database: plan, load, keys, indexes, sequences, verification. Resumes where it was stopped.
    #[command(after_help = "Examples:\n  outgrow migrate app.db postgres://app@db.example/app\n  PGSERVICE=app outgrow migrate app.db")]
    Migrate(MigrateArgs),
    /// Move the running application: stop, final copy, load, comparison, switch, start, smoke tests; and back where one fails.
    #[command(after_help = "Examples:\n  outgrow cutover app.db --dry-run\n  outgrow cutover app.db postgres://app@db.example/app\n  \
                            PGSERVICE=app outgrow cutover app.db --yes --by \"Ada Lovelace\"")]
    Cutover(CutoverArgs),
    /// Take the application back to SQLite; what was written to PostgreSQL since is counted first, and exported.
    #[command(after_help = "Examples:\n  outgrow rollback app.db --dry-run\n  \
                            outgrow rollback app.db postgres://app@db.example/app --reason \"logins fail\"")]
    Rollback(RollbackArgs),
    /// Run the policy's SQL migrations that were not run yet, in order; `--status` only lists them.
    #[command(after_help = "Examples:\n  outgrow migrations postgres://app@db.example/app --status\n  PGSERVICE=app outgrow migrations")]
    Migrations(MigrationsArgs),
    /// Compare both sides cell by cell, at any time after a migration.
    #[command(
        after_help = "Examples:\n  outgrow verify app.db postgres://app@db.example/app\n  outgrow verify app.db --show 100\n  outgrow verify app.db --level counts\n  outgrow verify app.db postgres://app@db.example/app --schema"
    )]
    Verify(VerifyArgs),
    /// Say whether a cutover may begin: every gate before it, with its state and what was seen. Changes nothing.
    #[command(after_help = "Examples:\n  outgrow gate app.db postgres://app@db.example/app\n  PGSERVICE=app outgrow gate app.db --json")]
    Gate(GateArgs),
    /// Make the roles that the application and its readers log in as, with exactly the rights that they need.
    #[command(after_help = "Examples:\n  outgrow plan app.db --roles\n  outgrow roles postgres://owner@db.example/app")]
    Roles(RolesArgs),
    /// Say in a role's name that the move may be made as it is decided; void as soon as a decision changes.
    #[command(after_help = "Examples:\n  outgrow sign-off --role tech-lead --by \"Ada Lovelace\" app.db\n  \
                            outgrow sign-off --list app.db\n  outgrow sign-off --withdraw --role qa")]
    SignOff(SignOffArgs),
    /// Tell people about the move, by the channels of the policy; `--preview` shows what would go where.
    #[command(after_help = "Examples:\n  outgrow notify announcement-3-days --preview\n  outgrow notify announcement-3-days\n  \
                            outgrow notify --test\n  outgrow notify health-4-hours --detail \"errors in the log: 0\"")]
    Notify(NotifyArgs),
    /// Say whether a server can be used: connection, TLS, version, rights, limits, latency.
    #[command(after_help = "Examples:\n  outgrow check postgres://app@db.example/app\n  PGHOST=db.example outgrow check --wait 60")]
    Check(CheckArgs),
    /// Make a backup of either side, restored once to see whether it can be; or list the backups.
    #[command(
        after_help = "Examples:\n  outgrow backup source app.db\n  outgrow backup target postgres://app@db.example/app\n  outgrow backup list --check"
    )]
    Backup(BackupArgs),
    /// Make a database of a backup again.
    #[command(after_help = "Examples:\n  outgrow restore source backups/app-20261121T204500Z.sqlite.zst --to restored.db\n  \
                            outgrow restore target backups/app-20261121T204500Z.dump postgres://app@db.example/empty --verify")]
    Restore(RestoreArgs),
    /// Make a school administration's SQLite database, rehearse its move, and print the report.
    #[command(after_help = "Examples:\n  outgrow demo\n  outgrow demo --dir school --size 100000000")]
    Demo(DemoArgs),
    /// Say where the move stands.
    Status,
    /// Show the report of the last run, as a page, HTML or JSON.
    Report(ReportArgs),
    /// Say what a finding, a mapping rule or a check means, why it matters, and what the choices are.
    #[command(after_help = "Examples:\n  outgrow explain\n  outgrow explain orphan-rows")]
    Explain(ExplainArgs),
    /// Write a first outgrow.toml: every key with a comment, and what was found in the source.
    #[command(after_help = "Examples:\n  outgrow init app.db\n  outgrow init --policy staging.toml")]
    Init(InitArgs),
    /// Print the completions for a shell.
    Completions(CompletionsArgs),
    /// Write the manual pages.
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// The SQLite file. It is only read.
    #[arg(value_name = "app.db")]
    pub(super) source: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ModeArgs {
    /// Whose tables are loaded: outgrow's own, those that the application's migrations made, or whichever are there. The
    /// policy's word where it is left out.
    #[arg(long, value_enum, value_name = "MODE")]
    mode: Option<NamedMode>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NamedMode {
    /// The application's tables, where at least one has the name of a table of the source; else outgrow's own.
    Auto,
    /// outgrow makes the tables.
    Own,
    /// The application's own migrations made them.
    Existing,
}

impl ModeArgs {
    /// The policy, with the mode that is named.
    pub(super) fn over(&self, mut policy: Policy) -> Policy {
        policy.target.mode = match self.mode {
            Some(NamedMode::Auto) => Mode::Auto,
            Some(NamedMode::Own) => Mode::Own,
            Some(NamedMode::Existing) => Mode::Existing,
            None => policy.target.mode,
        };
        policy
    }
}

#[derive(Debug, Args)]
pub(crate) struct BudgetArgs {
    /// How many connections may work at the same time, each with a thread that reads the source; as many as there are
    /// processors where it is left out, two at the least and eight at the most.
    #[arg(long, value_name = "COUNT")]
    jobs: Option<NonZeroUsize>,
    /// Memory that the run may take: bytes, or with kB, MB, GB, KiB, MiB or GiB behind.
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = super::text::read_bytes)]
    memory: u64,
}

#[derive(Debug, Args)]
pub(crate) struct PaceArgs {
    /// Bytes a second that the load may send, for a server that others use meanwhile: bytes, or with kB, MB, … behind.
    #[arg(long, value_name = "SIZE", value_parser = super::text::read_bytes)]
    rate_limit: Option<u64>,
    /// Wait while a replica of the target is more than so many seconds behind.
    #[arg(long, value_name = "SECONDS")]
    max_lag: Option<u64>,
    /// How long to wait for a server that goes away in the middle of the load, in seconds; then the load goes on.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    reconnect: u64,
}

impl PaceArgs {
    /// The budget, with the pace that is named.
    pub(super) fn over(&self, budget: Budget) -> Budget {
        let max_lag = self.max_lag.map(Duration::from_secs);
        Budget { rate: self.rate_limit, max_lag, patience: Duration::from_secs(self.reconnect), ..budget }
    }
}

impl BudgetArgs {
    pub(super) fn budget(&self) -> Budget {
        Budget { jobs: self.jobs.unwrap_or(Budget::default().jobs), memory: self.memory, ..Budget::default() }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    #[command(flatten)]
    pub(super) source: SourceArgs,
    #[command(flatten)]
    pub(super) budget: BudgetArgs,
    /// Rehearse in a scratch database of this server instead of a private one; the database is dropped at the end.
    #[arg(long, value_name = "URL")]
    pub(super) target: Option<String>,
    /// Rehearse the load into the application's own tables: make them on the throw-away server as they are in this database,
    /// which is only read.
    #[arg(long, value_name = "URL", conflicts_with = "schema_file")]
    pub(super) like: Option<String>,
    /// The same, with the tables that this file of SQL describes: `pg_dump --schema-only`, or what the framework writes.
    #[arg(long, value_name = "FILE")]
    pub(super) schema_file: Option<PathBuf>,
    /// The application's own tests: run with DATABASE_URL set to the rehearsed database.
    #[arg(long, value_name = "COMMAND")]
    pub(super) run: Option<String>,
    /// How long that command may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1800)]
    pub(super) run_timeout: u64,
    /// Leave the database up, and say how to connect and how to stop it.
    #[arg(long)]
    pub(super) keep: bool,
    /// Never download a PostgreSQL where none is installed.
    #[arg(long)]
    pub(super) no_fetch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// The target, to plan for its version and look for names that are taken.
    #[arg(value_name = "URL")]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) mode: ModeArgs,
    /// Print the statements only, in the order in which they would run.
    #[arg(long, conflicts_with = "json")]
    pub(super) ddl: bool,
    /// Print the statements only that make the roles of the policy and give them their rights.
    #[arg(long, conflicts_with_all = ["json", "ddl"])]
    pub(super) roles: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) mode: ModeArgs,
    #[command(flatten)]
    pub(super) budget: BudgetArgs,
    #[command(flatten)]
    pub(super) pace: PaceArgs,
    /// Take a new snapshot even where an unfinished run left one, and take back what that run has loaded into the
    /// application's own tables.
    #[arg(long)]
    pub(super) fresh: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MigrationsArgs {
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(super) target: Option<String>,
    /// Only say where each migration stands; nothing is run.
    #[arg(long, conflicts_with_all = ["applied", "again"])]
    pub(super) status: bool,
    /// Say of a migration that was begun without a transaction: all of it is done.
    #[arg(long, value_name = "VERSION", conflicts_with = "again")]
    pub(super) applied: Option<String>,
    /// Say of a migration that was begun without a transaction: nothing of it is left, run it again.
    #[arg(long, value_name = "VERSION")]
    pub(super) again: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) budget: BudgetArgs,
    /// How many differences of each table to show.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(super) show: usize,
    /// How much to compare. Only `full` can say that both sides are equal.
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "full", conflicts_with = "schema")]
    pub(super) level: NamedLevel,
    /// Compare the schema instead of the cells: every table, column, key, index, view, trigger and sequence by name.
    #[arg(long)]
    pub(super) schema: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum NamedLevel {
    /// How many rows each table has.
    Counts,
    /// Every cell of about a thousand rows of each table, evenly spread over its key; all rows of a table without an integer key.
    Sample,
    /// Every cell.
    Full,
}

impl NamedLevel {
    pub(super) fn level(self) -> Level {
        match self {
            Self::Counts => Level::Counts,
            Self::Sample => Level::Sample,
            Self::Full => Level::Full,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(super) target: Option<String>,
    /// Wait so many seconds for the server to answer.
    #[arg(long, value_name = "SECONDS")]
    pub(super) wait: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to write the database; a new directory.
    #[arg(long, value_name = "DIR", default_value = "outgrow-demo")]
    pub(super) dir: PathBuf,
    /// Pad the database to about this many bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub(super) size: u64,
    /// Only make the database.
    #[arg(long)]
    pub(super) only: bool,
    /// Never download a PostgreSQL where none is installed.
    #[arg(long)]
    pub(super) no_fetch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Print the page as HTML.
    #[arg(long, conflicts_with = "json")]
    pub(super) html: bool,
    #[command(flatten)]
    pub(super) course: CourseReportArgs,
    /// Print Markdown.
    #[arg(long, conflicts_with_all = ["json", "html"])]
    pub(super) markdown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CourseReportArgs {
    /// The report of the last cutover instead: as Markdown where neither HTML nor JSON is asked for.
    #[arg(long)]
    pub(super) completion: bool,
    /// The report of the last rollback instead.
    #[arg(long, conflicts_with = "completion")]
    pub(super) incident: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The id of a finding, a rule, a reason of the quarantine or a check; all of them are listed where it is left out.
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The SQLite file to look into; it is only read. Without it, the keys alone are written.
    #[arg(value_name = "app.db")]
    pub(super) source: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The directory to write them to.
    #[arg(value_name = "DIR")]
    pub(super) directory: PathBuf,
}
