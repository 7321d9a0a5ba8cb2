//! The structure of a database, as PostgreSQL's own `pg_dump` writes it.
//!
//! Never dumps a row, never writes to the database, and never puts a password into an argument.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::binaries::{usual_directories, version};
use super::disposable::DisposableOptions;
use super::fetch;
use crate::error::{Error, ErrorKind, Result};
use crate::postgres::ConnectionSettings;

const DOING: &str = "dump the structure of the database";

/// The structure of a database, as SQL.
#[derive(Debug, Clone)]
pub struct StructureDump {
    /// What stands before the rows: schemas, types, functions, tables with their checks.
    pub before_rows: String,
    /// What stands behind them: keys, indexes, foreign keys, triggers.
    pub behind_rows: String,
    /// Which program wrote it: `pg_dump 15.18`.
    pub by: String,
}

/// A `pg_dump` that was seen to run.
#[derive(Debug)]
pub(super) struct Dumper {
    pub(super) program: PathBuf,
    pub(super) libraries: Vec<PathBuf>,
    pub(super) major: u32,
    pub(super) text: String,
}

/// Dumps the structure of a database whose server is of this major version. Owners and rights are left out, and so is
/// what outgrow keeps for itself.
pub fn dump_structure(options: &DisposableOptions, database: &ConnectionSettings, server_major: u32) -> Result<StructureDump> {
    let found = dumpers(options);
    // It refuses servers newer than itself; the nearest writes what most servers understand.
    let fitting = found.iter().filter(|dumper| dumper.major >= server_major).min_by_key(|dumper| dumper.major);
    let Some(dumper) = fitting else { return Err(none_fits(&found, server_major)) };
    Ok(StructureDump {
        before_rows: dumper.section("pre-data", database)?,
        behind_rows: dumper.section("post-data", database)?,
        by: format!("pg_dump {}", dumper.text),
    })
}

fn none_fits(found: &[Dumper], server_major: u32) -> Error {
    let newest = found.iter().max_by_key(|dumper| dumper.major);
    let detail = newest.map_or_else(
        || "no pg_dump is installed".to_owned(),
        |newest| {
            format!(
                "the server is PostgreSQL {server_major}, and pg_dump reads no server newer than itself: the newest here is {}",
                newest.text
            )
        },
    );
    Error::new(ErrorKind::NoServer, DOING, detail)
        .hint(format!(
            "install the client programs of PostgreSQL {server_major} or newer (Debian, Ubuntu: postgresql-client-{server_major})"
        ))
        .hint("or dump it where there is one, and name the file: pg_dump --schema-only … > structure.sql, then --schema-file structure.sql")
}

/// Where a `pg_dump` may be: on the search path, where packages put it, and beside a server that was fetched before; each
/// with the libraries that came with it.
pub(super) fn places(options: &DisposableOptions) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let path = options.search_path.as_deref().map(std::env::split_paths).into_iter().flatten();
    let usual = options.usual_places.then(usual_directories).into_iter().flatten();
    let mut places: Vec<(PathBuf, Vec<PathBuf>)> = path.chain(usual).map(|directory| (directory, Vec::new())).collect();
    for binaries in options.cache.iter().flat_map(|cache| fetch::cached(cache)) {
        places.push((binaries.directory, binaries.libraries));
    }
    places
}

/// Every `pg_dump` that runs.
pub(super) fn dumpers(options: &DisposableOptions) -> Vec<Dumper> {
    let mut found: Vec<Dumper> = Vec::new();
    for (directory, libraries) in places(options) {
        let program = directory.join("pg_dump");
        if program.is_file() && !found.iter().any(|dumper| dumper.program == program) {
            found.extend(Dumper::at(program, libraries));
        }
    }
    found
}

impl Dumper {
    fn at(program: PathBuf, libraries: Vec<PathBuf>) -> Option<Self> {
        let output = command(&program, &libraries).arg("--version").stderr(Stdio::null()).output().ok()?;
        let version = version(&String::from_utf8_lossy(&output.stdout)).filter(|_| output.status.success())?;
        Some(Self { program, libraries, major: version.major, text: version.text })
    }

    fn section(&self, section: &str, database: &ConnectionSettings) -> Result<String> {
        let mut command = command(&self.program, &self.libraries);
        command.arg(format!("--section={section}")).args([
            "--no-owner",
            "--no-privileges",
            "--no-publications",
            "--no-subscriptions",
            "--no-security-labels",
            "--no-tablespaces",
            "--no-password",
            "--exclude-schema=outgrow",
            "--lock-wait-timeout=60000",
            "--encoding=UTF8",
        ]);
        for (name, value) in database.child_environment() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output = command.output();
        let output =
            output.map_err(|error| Error::new(ErrorKind::NoServer, DOING, format!("pg_dump can't be run: {error}")).because(error))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let line =
                said.lines().find(|line| line.contains("error:")).or_else(|| said.lines().next()).unwrap_or("it says nothing").trim();
            return Err(Error::new(ErrorKind::TargetRefused, DOING, format!("{} failed: {line}", self.program.display()))
                .hint("the role needs to read every table's structure; or name a file that somebody else dumped, by --schema-file"));
        }
        String::from_utf8(output.stdout).map_err(|error| Error::bug(DOING, "pg_dump wrote what is not UTF-8").because(error))
    }
}

pub(super) fn command(program: &Path, libraries: &[PathBuf]) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
    if !libraries.is_empty() {
        let list: Vec<&OsStr> = libraries.iter().map(|path| path.as_os_str()).collect();
        command.env("LD_LIBRARY_PATH", list.join(OsStr::new(":")));
    }
    command
}
