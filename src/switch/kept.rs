//! What is remembered of a switch: the old files, and how each change is taken back.
//!
//! Written before the change that it speaks of, so that whatever dies, the way back is known. Readable by its owner alone:
//! the files hold secrets.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::file::{Owner, sha256};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Command, Period};

/// The place in the work directory, and what it holds.
pub(super) struct Keep {
    directory: PathBuf,
    pub(super) entries: Vec<Entry>,
}

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Entry {
    File(FileEntry),
    Command(CommandEntry),
}

/// A file that is changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub(super) file: PathBuf,
    pub(super) owner: Owner,
    pub(super) keys: Vec<String>,
    /// The SHA-256 of the file before the switch.
    pub(super) old: String,
    /// The SHA-256 of each content that we made of the old one, written or about to be.
    pub(super) written: Vec<String>,
    pub(super) is_reverted: bool,
}

/// A command that is run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CommandEntry {
    pub(super) run: Vec<String>,
    pub(super) revert: KeptCommand,
    pub(super) state: CommandState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CommandState {
    /// It is to be run, or was, or was run in part.
    Begun,
    Done,
    Reverted,
}

/// A command as it is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptCommand {
    words: Vec<String>,
    timeout_seconds: f64,
    directory: Option<PathBuf>,
    environment: BTreeMap<String, String>,
}

impl KeptCommand {
    /// A command with the directory that it is run in, whoever runs it later and from where.
    pub(super) fn of(command: &Command, policy: Option<&Path>) -> Self {
        let base = policy.filter(|policy| !policy.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let directory = command.directory.as_ref().map_or_else(|| base.to_owned(), |directory| base.join(directory));
        Self {
            words: command.words.clone(),
            timeout_seconds: command.timeout.0.as_secs_f64(),
            directory: fs::canonicalize(directory).ok(),
            environment: command.environment.clone(),
        }
    }

    pub(super) fn command(&self) -> Command {
        Command {
            words: self.words.clone(),
            timeout: Period(std::time::Duration::try_from_secs_f64(self.timeout_seconds).unwrap_or_default()),
            directory: self.directory.clone(),
            environment: self.environment.clone(),
        }
    }
}

impl Keep {
    /// Opens the place; it need not be there.
    pub(super) fn open(directory: &Path) -> Result<Self> {
        let file = directory.join("switch.json");
        let entries = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                let detail = format!("{} can't be read: {error}; nothing was changed", file.display());
                Error::new(ErrorKind::WorkDirectory, "read what was switched", detail).because(error)
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(refused(directory, error)),
        };
        Ok(Self { directory: directory.to_owned(), entries })
    }

    /// Writes down what is to happen, or has happened.
    pub(super) fn save(&self) -> Result<()> {
        let text =
            serde_json::to_vec_pretty(&self.entries).map_err(|error| Error::bug("write down what is switched", error.to_string()))?;
        self.write("switch.json", &text)
    }

    /// Keeps a content of a file; tells its SHA-256.
    pub(super) fn keep(&self, file: &Path, bytes: &[u8]) -> Result<String> {
        let sha256 = sha256(bytes);
        self.write(&name(file, &sha256), bytes)?;
        Ok(sha256)
    }

    /// A content that was kept.
    pub(super) fn kept(&self, file: &Path, wanted: &str) -> Result<Vec<u8>> {
        let place = self.place(file, wanted);
        let bytes = fs::read(&place).map_err(|error| refused(&self.directory, error))?;
        if sha256(&bytes) == wanted {
            return Ok(bytes);
        }
        let detail = format!("{} is not what was kept there: its SHA-256 should be {wanted}; nothing was changed", place.display());
        Err(Error::new(ErrorKind::WorkDirectory, format!("take {} back", file.display()), detail))
    }

    /// Where a content is kept.
    pub(super) fn place(&self, file: &Path, sha256: &str) -> PathBuf {
        self.directory.join(name(file, sha256))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let write = || -> io::Result<()> {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
            let draft = self.directory.join(format!("{name}.partial"));
            let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&draft, self.directory.join(name))?;
            File::open(&self.directory)?.sync_all()
        };
        write().map_err(|error| refused(&self.directory, error))
    }
}

fn name(file: &Path, sha256: &str) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    format!("{}.{}", name.trim_start_matches('.'), sha256.get(..16).unwrap_or_default())
}

fn refused(directory: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, format!("keep what is switched in {}", directory.display()), error.to_string()).because(error)
}
