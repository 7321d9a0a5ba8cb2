//! The command line of backups.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::SourceArgs;

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: BackupWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupWhat {
    /// Back up the SQLite database. The application goes on.
    Source(BackupSourceArgs),
    /// Back up the PostgreSQL database, by `pg_dump`. The application goes on.
    Target(BackupTargetArgs),
    /// List the backups: age, size, whether each was tested, and whether it stays.
    List(BackupListArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BackupPlaceArgs {
    /// The directory of the backups; the policy's word where it is left out, else `backups`.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BackupMakingArgs {
    #[command(flatten)]
    pub(in crate::cli) place: BackupPlaceArgs,
    /// Another directory that gets a copy, best on another disk; the policy's word where it is left out.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) second: Option<PathBuf>,
    /// Don't restore the backup to see whether it can be.
    #[arg(long)]
    pub(in crate::cli) no_test: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BackupSourceArgs {
    #[command(flatten)]
    pub(in crate::cli) source: SourceArgs,
    #[command(flatten)]
    pub(in crate::cli) making: BackupMakingArgs,
    /// How the copy is compressed; the policy's word where it is left out, else zstd.
    #[arg(long, value_enum, value_name = "FORM")]
    pub(in crate::cli) compression: Option<NamedCompression>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum NamedCompression {
    /// Fast, and small.
    Zstd,
    /// What every machine can undo.
    Gzip,
    /// Not at all.
    None,
}

#[derive(Debug, Args)]
pub(crate) struct BackupTargetArgs {
    /// The target; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) making: BackupMakingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BackupListArgs {
    #[command(flatten)]
    pub(in crate::cli) place: BackupPlaceArgs,
    /// Read every file and compare its checksum.
    #[arg(long)]
    pub(in crate::cli) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: RestoreWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RestoreWhat {
    /// Make a SQLite file of a backup of the source.
    Source(RestoreSourceArgs),
    /// Fill an empty PostgreSQL database from a backup of the target: wholly or not at all.
    Target(RestoreTargetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BackupFileArgs {
    /// The backup's file, or its name in the directory of the backups.
    #[arg(value_name = "BACKUP")]
    pub(in crate::cli) backup: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) place: BackupPlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreSourceArgs {
    #[command(flatten)]
    pub(in crate::cli) backup: BackupFileArgs,
    /// The file to make.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) to: PathBuf,
    /// Put a file that is there aside, under another name; nobody may have it open.
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// Have SQLite check the file, and count its rows, before it gets its name.
    #[arg(long)]
    pub(in crate::cli) verify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreTargetArgs {
    #[command(flatten)]
    pub(in crate::cli) backup: BackupFileArgs,
    /// The database to fill; libpq's environment where it is left out.
    #[arg(value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    /// Restore into a database that holds something. Nothing is dropped: what is there already makes it fail.
    #[arg(long)]
    pub(in crate::cli) not_empty: bool,
    /// Leave owners and rights out: everything belongs to the role that restores.
    #[arg(long)]
    pub(in crate::cli) no_owner: bool,
    /// Compare the database with the backup afterwards: every table by its digest, every object.
    #[arg(long)]
    pub(in crate::cli) verify: bool,
}
