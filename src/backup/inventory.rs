//! The list of backups: how old, how large, where, proven or not, and whether they stay.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::manifest::{Manifest, survey};
use super::report::BackupFacts;
use super::run::Backups;
use super::{retention, stream};
use crate::error::{Outcome, Result};

/// The backups of a directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Inventory {
    /// What the command ends with: a mismatch where a file is not what it should be.
    pub outcome: Outcome,
    /// The directory.
    pub directory: String,
    /// The backups, the newest first.
    pub backups: Vec<InventoryLine>,
    /// Files that are called as manifests are and can't be read as such.
    pub unreadable: Vec<Unreadable>,
}

/// A backup in the list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct InventoryLine {
    /// What is known of it.
    pub backup: BackupFacts,
    /// How old it is.
    pub age_seconds: u64,
    /// What was seen of its file.
    pub file: FileState,
    /// Its copy in the second place.
    pub second: Option<SecondLine>,
    /// Whether it stays when the next backup is made.
    pub stays: bool,
    /// Why.
    pub why: String,
}

/// The copy in the second place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SecondLine {
    /// The directory.
    pub directory: String,
    /// Whether it is on another disk than the first.
    pub other_disk: bool,
    /// What was seen of the file.
    pub file: FileState,
}

/// What was seen of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// It is there, and as long as it should be.
    There,
    /// It was read, and is what was written.
    Intact,
    /// It is there, and is not what was written.
    Damaged,
    /// It is not there.
    Missing,
}

/// A file that should be a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unreadable {
    /// The file.
    pub file: String,
    /// Why it can't be read.
    pub why: String,
}

/// Lists the backups; `read_all` reads every file and compares its checksum.
pub fn inventory(backups: &Backups, read_all: bool) -> Result<Inventory> {
    let directory = backups.directory.display().to_string();
    if !backups.directory.exists() {
        return Ok(Inventory { outcome: Outcome::Done, directory, backups: Vec::new(), unreadable: Vec::new() });
    }
    let found = survey(&backups.directory)?;
    let now = Timestamp::now();
    let state = |place: &Path, manifest: &Manifest| seen(&place.join(manifest.name.as_str()), manifest, read_all);
    let files: Vec<FileState> = found.backups.iter().map(|manifest| state(&backups.directory, manifest)).collect();
    let is_intact = |manifest: &Manifest| {
        let position = found.backups.iter().position(|other| other.name == manifest.name);
        position.and_then(|position| files.get(position)).is_some_and(|file| matches!(file, FileState::There | FileState::Intact))
    };
    let fates = retention::fates(&found.backups, backups.retention, now, &is_intact);
    let line = |((manifest, fate), file): ((&Manifest, retention::Fate), &FileState)| InventoryLine {
        backup: BackupFacts::from(manifest),
        age_seconds: u64::try_from(now.duration_since(manifest.taken_at).as_secs()).unwrap_or(0),
        file: *file,
        second: manifest.second.as_ref().map(|second| SecondLine {
            directory: second.directory.clone(),
            other_disk: second.other_disk,
            file: state(&PathBuf::from(&second.directory), manifest),
        }),
        stays: fate.stays,
        why: fate.why,
    };
    let lines: Vec<InventoryLine> = found.backups.iter().zip(fates).zip(&files).map(line).collect();
    let is_bad = |file: FileState| matches!(file, FileState::Damaged | FileState::Missing);
    let bad = lines.iter().any(|line| is_bad(line.file) || line.second.as_ref().is_some_and(|second| is_bad(second.file)));
    let unreadable: Vec<Unreadable> =
        found.unreadable.into_iter().map(|(file, why)| Unreadable { file: file.display().to_string(), why }).collect();
    let outcome = if bad || !unreadable.is_empty() { Outcome::Mismatch } else { Outcome::Done };
    Ok(Inventory { outcome, directory, backups: lines, unreadable })
}

fn seen(file: &Path, manifest: &Manifest, read_all: bool) -> FileState {
    match file.metadata() {
        Err(_) => FileState::Missing,
        Ok(metadata) if metadata.len() != manifest.bytes => FileState::Damaged,
        Ok(_) if !read_all => FileState::There,
        Ok(_) if stream::digest(file).is_ok_and(|digest| digest.sha256 == manifest.sha256) => FileState::Intact,
        Ok(_) => FileState::Damaged,
    }
}
