//! A whole database in one file, as PostgreSQL's own `pg_dump` writes it and `pg_restore` reads it.
//!
//! Never puts a password into an argument, and never repeats what the programs say of a row.

use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use super::disposable::DisposableOptions;
use super::dump::{Dumper, command, dumpers, places};
use crate::error::{Error, ErrorKind, Result};
use crate::postgres::ConnectionSettings;

/// A `pg_dump` and the `pg_restore` beside it.
#[derive(Debug)]
pub struct Archiver {
    dumper: Dumper,
}

/// How an archive is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreManner {
    /// In one transaction: all of it or, where anything fails, nothing.
    Whole {
        /// Whether objects get the owners and rights that they had.
        owners: bool,
    },
    /// Up to the first failure, without owners and rights: into a database that is dropped again. A transaction of very many
    /// objects needs more locks than a server has unless told so.
    Trial,
}

impl Archiver {
    /// The nearest pair that reads a server, or an archive, of this major version.
    pub fn find(options: &DisposableOptions, major: u32) -> Result<Self> {
        let mut found = dumpers(options);
        found.retain(|dumper| dumper.program.with_file_name("pg_restore").is_file());
        let newest = found.iter().map(|dumper| (dumper.major, dumper.text.clone())).max();
        // It refuses servers newer than itself; the nearest writes what most servers understand.
        match found.into_iter().filter(|dumper| dumper.major >= major).min_by_key(|dumper| dumper.major) {
            Some(dumper) => Ok(Self { dumper }),
            None => Err(none_fits(options, newest.map(|(_, text)| text).as_deref(), major)),
        }
    }

    /// `15.18`.
    pub fn version(&self) -> &str {
        &self.dumper.text
    }

    /// The major version.
    pub fn major(&self) -> u32 {
        self.dumper.major
    }

    /// Dumps a database into a file, as a transaction that exported this snapshot sees it.
    pub async fn dump(&self, database: &ConnectionSettings, snapshot: &str, compressed: bool, into: File) -> Result<()> {
        let mut command = self.program("pg_dump", database);
        command.args(["--format=custom", "--no-password", "--lock-wait-timeout=60000"]).arg(format!("--snapshot={snapshot}"));
        if !compressed {
            command.arg("--compress=0");
        }
        command.stdout(Stdio::from(into));
        run(command, "pg_dump", &format!("dump {}", database.describe())).await
    }

    /// Restores an archive into a database.
    pub async fn restore(&self, archive: &Path, database: &ConnectionSettings, manner: RestoreManner) -> Result<()> {
        let mut command = self.program("pg_restore", database);
        // The name alone would be read as a whole connection string where it looks like one.
        let name = database.database().replace('\\', "\\\\").replace('\'', "\\'");
        command.args(["--exit-on-error", "--no-password"]).arg(format!("--dbname=dbname='{name}'"));
        let (is_whole, has_owners) = match manner {
            RestoreManner::Whole { owners } => (true, owners),
            RestoreManner::Trial => (false, false),
        };
        if is_whole {
            command.arg("--single-transaction");
        }
        if !has_owners {
            command.args([
                "--no-owner",
                "--no-privileges",
                "--no-publications",
                "--no-subscriptions",
                "--no-security-labels",
                "--no-tablespaces",
            ]);
        }
        command.arg(archive).stdout(Stdio::null());
        run(command, "pg_restore", &format!("restore {} into {}", archive.display(), database.describe())).await
    }

    fn program(&self, name: &str, database: &ConnectionSettings) -> tokio::process::Command {
        let mut command = command(&self.dumper.program.with_file_name(name), &self.dumper.libraries);
        for (name, value) in database.child_environment() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut command = tokio::process::Command::from(command);
        // A run that is given up takes it along.
        command.kill_on_drop(true);
        command
    }
}

async fn run(mut command: tokio::process::Command, name: &str, doing: &str) -> Result<()> {
    let failed = |error: std::io::Error| Error::new(ErrorKind::NoServer, doing, format!("{name} can't be run: {error}")).because(error);
    let child = command.stderr(Stdio::piped()).spawn().map_err(failed)?;
    let output = child.wait_with_output().await.map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let detail = format!("{name} failed: {}", spoken(&said, output.status));
    let is_of_the_disk = said.contains("No space left on device") || said.contains("File too large");
    let kind = if is_of_the_disk && name == "pg_dump" { ErrorKind::BackupPlace } else { ErrorKind::TargetRefused };
    Err(Error::new(kind, doing, detail))
}

/// The first complaint of a program, without what it may quote of a row.
fn spoken(said: &str, status: ExitStatus) -> String {
    let complaint = said.lines().find(|line| line.contains("error:")).or_else(|| said.lines().find(|line| !line.trim().is_empty()));
    complaint.map_or_else(|| format!("it says nothing, and ended with {status}"), |line| without_values(line.trim()))
}

/// Words that a quoted name follows; what is quoted behind any other word may be a value.
const NAMED: [&str; 22] = [
    "relation",
    "table",
    "column",
    "constraint",
    "index",
    "sequence",
    "view",
    "schema",
    "type",
    "domain",
    "function",
    "procedure",
    "role",
    "user",
    "database",
    "extension",
    "language",
    "tablespace",
    "trigger",
    "collation",
    "parameter",
    "file",
];

/// A message in which every quotation is cut out that is not plainly a name.
fn without_values(message: &str) -> String {
    let mut kept = String::new();
    let mut parts = message.split('"');
    kept.push_str(parts.next().unwrap_or_default());
    while let Some(quotation) = parts.next() {
        let is_name = kept.split_whitespace().next_back().is_some_and(|word| NAMED.contains(&word));
        let shown = if is_name { quotation } else { "…" };
        kept.push_str(&format!("\"{shown}\""));
        kept.push_str(parts.next().unwrap_or_default());
    }
    // A server that speaks another language quotes otherwise.
    match kept.find(|letter: char| "«»„“‚‘”’「」'".contains(letter)) {
        Some(mark) => format!("{}…", kept.get(..mark).unwrap_or_default()),
        None => kept,
    }
}

fn none_fits(options: &DisposableOptions, newest: Option<&str>, major: u32) -> Error {
    let looked: Vec<String> = places(options).iter().map(|(directory, _)| directory.display().to_string()).collect();
    let searched = if looked.is_empty() { "nowhere: no directory is named".to_owned() } else { looked.join(", ") };
    let detail = newest.map_or_else(
        || format!("no pg_dump with its pg_restore is installed; searched: {searched}"),
        |newest| format!("PostgreSQL {major} needs a pg_dump of {major} or newer, and the newest here is {newest}; searched: {searched}"),
    );
    Error::new(ErrorKind::NoServer, "find pg_dump and pg_restore", detail).hint(format!(
        "install the client programs of PostgreSQL {major} or newer (Debian, Ubuntu: postgresql-client-{major}), or name their directory in PATH"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_keep_names_and_lose_values() {
        for (said, expected) in [
            ("pg_restore: error: relation \"t\" already exists", "pg_restore: error: relation \"t\" already exists"),
            ("ERROR: invalid input syntax for type integer: \"secret\"", "ERROR: invalid input syntax for type integer: \"…\""),
            ("x\npg_restore: error: role \"app\" of \"secret\"", "pg_restore: error: role \"app\" of \"…\""),
            ("ERROR: ungültige Syntax: »secret«", "ERROR: ungültige Syntax: …"),
            ("", "it says nothing, and ended with exit status: 0"),
        ] {
            assert_eq!(spoken(said, ExitStatus::default()), expected);
        }
    }
}
