//! Takes a switch back.
//!
//! A file that is as we left it gets its old content, byte for byte. One that somebody has edited keeps the edit: only our
//! keys go back. Run again, it does what is not done.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::change::program;
use super::dotenv::taken_back;
use super::file::{self, sha256};
use super::kept::{CommandEntry, CommandState, Entry, FileEntry, Keep};
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::probe::{Given, run};

/// What becomes of what somebody else has changed in a switched file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edits {
    /// It stays in the file; only our keys go back.
    #[default]
    Keep,
    /// The file gets its old content; the edited one is kept beside it in the work directory.
    SetAside,
}

/// How something was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It was as before already.
    Unchanged,
    /// Byte for byte.
    Exactly,
    /// Our keys alone: somebody has edited the file meanwhile.
    KeysOnly,
    /// By a command.
    ByCommand,
}

impl How {
    /// In words, behind the place.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Unchanged => "was as before already",
            Self::Exactly => "is as it was, byte for byte",
            Self::KeysOnly => "has its old keys, and what somebody has edited since",
            Self::ByCommand => "has taken it back",
        }
    }
}

/// One change that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// The file, or the program that was run.
    pub place: String,
    /// How it was taken back.
    pub how: How,
    /// Where the file is kept as somebody has edited it.
    pub edited: Option<PathBuf>,
}

/// What was taken back, the last change first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverted {
    /// Each change; none where nothing was switched, or all is taken back already.
    pub restored: Vec<Restored>,
}

/// Takes back what [`super::apply()`] has changed, as it is kept in this directory.
///
/// Goes on where one change can't be taken back, and then fails: the application is better served by the rest than by nothing.
pub async fn revert(keep: &Path, edits: Edits) -> Result<Reverted> {
    let mut keep = Keep::open(keep)?;
    let (mut reverted, mut failed) = (Reverted::default(), None);
    for index in (0..keep.entries.len()).rev() {
        let restored = match keep.entries[index].clone() {
            Entry::File(entry) if !entry.is_reverted => revert_file(&entry, edits, &keep),
            Entry::Command(entry) if entry.state != CommandState::Reverted => revert_command(&entry).await,
            Entry::File(_) | Entry::Command(_) => continue,
        };
        match restored {
            Ok(restored) => reverted.restored.push(restored),
            Err(error) if error.kind() == ErrorKind::Bug => return Err(error),
            Err(error) => {
                failed.get_or_insert(error);
                continue;
            }
        }
        failpoint::pass("switch.reverted")?;
        match &mut keep.entries[index] {
            Entry::File(entry) => entry.is_reverted = true,
            Entry::Command(entry) => entry.state = CommandState::Reverted,
        }
        keep.save()?;
    }
    failed.map_or(Ok(reverted), Err)
}

fn revert_file(entry: &FileEntry, edits: Edits, keep: &Keep) -> Result<Restored> {
    let (file, place) = (&entry.file, entry.file.display().to_string());
    let old = keep.kept(file, &entry.old)?;
    file::clear_draft(file);
    let now = match fs::read(file) {
        Ok(now) => Some(now),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::new(ErrorKind::Usage, format!("read {place}"), error.to_string()).because(error)),
    };
    let is = now.as_deref().map(sha256);
    if is.as_ref() == Some(&entry.old) {
        return Ok(Restored { place, how: How::Unchanged, edited: None });
    }
    let edit = now.as_deref().zip(is).filter(|(_, is)| !entry.written.contains(is));
    let Some((edited, _)) = edit else {
        file::replace(file, now.as_deref(), &old, entry.owner)?;
        return Ok(Restored { place, how: How::Exactly, edited: None });
    };
    let kept = keep.keep(file, edited)?;
    let kept = Some(keep.place(file, &kept));
    let merged = match edits {
        Edits::Keep => taken_back(&old, edited, &entry.keys),
        Edits::SetAside => None,
    };
    // An edit that can't be told from our keys is set aside.
    let (becomes, how) = merged.map_or((old, How::Exactly), |merged| (merged, How::KeysOnly));
    // Whoever edited it may have given it another mode, for a reason.
    let owner = file::read(file)?.owner;
    file::replace(file, Some(edited), &becomes, owner)?;
    Ok(Restored { place, how, edited: kept })
}

async fn revert_command(entry: &CommandEntry) -> Result<Restored> {
    let command = entry.revert.command();
    let place = program(&command.words);
    let ended = run(&command, Given::default()).await?;
    if ended.is_success() {
        return Ok(Restored { place, how: How::ByCommand, edited: None });
    }
    let detail = format!("it {}; the application may still be switched to the target", ended.ending());
    Err(Error::new(ErrorKind::Unforeseen, format!("switch back by {place}"), detail))
}
