//! Arguments and environment, resolved once.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::args::Arguments;
use super::text::shorten;
use crate::error::{Error, ErrorKind, Result};
use crate::gate;
use crate::plan::Policy;
use crate::postgres::ConnectionSettings;

/// What holds for the whole run.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) json: bool,
    pub(super) verbose: bool,
    pub(super) work_dir: PathBuf,
    pub(super) errors_to_terminal: bool,
    policy: Option<PathBuf>,
}

impl Settings {
    pub(super) fn of(arguments: &Arguments) -> Self {
        Self {
            json: arguments.json,
            verbose: arguments.verbose,
            work_dir: arguments.work_dir.clone(),
            errors_to_terminal: std::io::stderr().is_terminal(),
            policy: arguments.policy.clone(),
        }
    }

    /// A variable of the environment; nowhere else is one read.
    #[expect(clippy::unused_self, reason = "whoever reads the environment has been given the settings")]
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// Where the policy stands, or would stand.
    pub(super) fn policy_file(&self) -> &Path {
        self.policy.as_deref().unwrap_or(Path::new("outgrow.toml"))
    }

    /// The directory that names in the policy are taken from.
    pub(super) fn policy_directory(&self) -> &Path {
        match self.policy_file().parent() {
            Some(directory) if directory != Path::new("") => directory,
            Some(_) | None => Path::new("."),
        }
    }

    /// The policy: the file that is named, `outgrow.toml` where there is one, or none.
    pub(super) fn policy(&self) -> Result<Policy> {
        let usual = Path::new("outgrow.toml");
        let file = match &self.policy {
            Some(file) => file.as_path(),
            None if usual.exists() => usual,
            None => return Ok(Policy::default()),
        };
        let text = fs::read_to_string(file).map_err(|error| {
            Error::new(ErrorKind::Policy, format!("read the policy {}", file.display()), error.to_string()).because(error)
        })?;
        let mut policy = Policy::parse(&text)?;
        let directory = file.parent().unwrap_or_else(|| Path::new(""));
        policy.sql.read(&|name| {
            let read = |error: std::io::Error| {
                Error::new(ErrorKind::Policy, format!("read {name}, which the policy names under [sql]"), error.to_string()).because(error)
            };
            fs::read_to_string(directory.join(name)).map_err(read)
        })?;
        for reference in &mut policy.references {
            let read = |error: std::io::Error| {
                let doing = format!("read {}, which the policy names under [[reference]] in line {}", reference.file, reference.table.line);
                Error::new(ErrorKind::Policy, doing, error.to_string()).because(error)
            };
            let bytes = fs::read(directory.join(&reference.file)).map_err(read)?;
            reference.read(bytes)?;
        }
        if let Some(named) = policy.migrations.directory.clone() {
            policy.migrations.read(migration_files(&directory.join(named))?)?;
        }
        if let Some(waiver) =
            policy.waivers.iter().find(|waiver| gate::find(&waiver.finding).is_none() && gate::find_readiness(&waiver.finding).is_none())
        {
            let detail = format!("a waiver is for `{}`, and no finding is called so", shorten(&waiver.finding, 60));
            return Err(Error::new(ErrorKind::Policy, format!("read the policy {}", file.display()), detail)
                .hint("`outgrow explain` lists the findings"));
        }
        Ok(policy)
    }

    /// The source file. What is clearly a target is refused without showing it: it may hold a password.
    #[expect(clippy::unused_self, reason = "what is asked of the command line is asked of the settings")]
    pub(super) fn source<'a>(&self, named: &'a Path) -> Result<&'a Path> {
        let text = named.to_string_lossy();
        let looks_like_a_target = text.contains("://") || ["host=", "dbname=", "password="].iter().any(|word| text.contains(word));
        if looks_like_a_target && !named.exists() {
            return Err(Error::new(
                ErrorKind::Usage,
                "open the source",
                "what stands in the place of the SQLite file is a connection string",
            )
            .hint("the file comes first: outgrow migrate app.db postgres://user@host/database"));
        }
        Ok(named)
    }

    /// The target: what is named, or libpq's environment; without either there is none.
    pub(super) fn target(&self, named: Option<&str>) -> Result<ConnectionSettings> {
        let environment = |name: &str| self.variable(name);
        let anything = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT", "PGUSER"];
        if named.is_none() && !anything.iter().any(|name| environment(name).is_some()) {
            return Err(Error::new(ErrorKind::Usage, "find the target", "no URL is given, and libpq's environment names no server")
                .hint("name it: postgres://user@host/database, or set PGHOST, PGDATABASE and PGUSER, or PGSERVICE"));
        }
        ConnectionSettings::resolve(named, &environment)
    }
}

/// The name and the text of each file of SQL in a directory.
fn migration_files(directory: &Path) -> Result<Vec<(String, String)>> {
    let read = |path: &Path, error: std::io::Error| {
        let doing = format!("read {}, which the policy names under [migrations]", path.display());
        Error::new(ErrorKind::Policy, doing, error.to_string()).because(error)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(|error| read(directory, error))? {
        let path = entry.map_err(|error| read(directory, error))?.path();
        if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql")) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, fs::read_to_string(&path).map_err(|error| read(&path, error))?));
    }
    Ok(files)
}
