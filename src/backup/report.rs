//! What came of making a backup, and of restoring one.

use jiff::Timestamp;
use serde::Serialize;

use super::manifest::{Manifest, RestoreTest};
use super::name::{BackupName, Side};
use crate::error::Outcome;
use crate::plan::Compression;
use crate::verify::Verdict;

/// A backup, as lists and documents have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BackupFacts {
    /// The file.
    pub name: BackupName,
    /// Which side it is of.
    pub side: Side,
    /// The database.
    pub of: String,
    /// When the database was as the backup has it.
    pub taken_at: Timestamp,
    /// How long it took to make.
    pub seconds: f64,
    /// Which program copied it.
    pub by: String,
    /// How it is compressed.
    pub compression: Compression,
    /// How long the file is.
    pub bytes: u64,
    /// How large the database was.
    pub content_bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// SHA-256 of the content: of the file that comes out, or over the digests of the target's tables.
    pub content: String,
    /// SHA-256 over the schema.
    pub schema: Option<String>,
    /// How many tables it holds.
    pub tables: u64,
    /// How many rows they hold.
    pub rows: u64,
    /// Whether it lies on another disk than the database; not known of a server.
    pub other_disk: Option<bool>,
    /// What came of restoring it.
    pub test: Option<RestoreTest>,
}

impl From<&Manifest> for BackupFacts {
    fn from(manifest: &Manifest) -> Self {
        Self {
            name: manifest.name.clone(),
            side: manifest.side,
            of: manifest.of.clone(),
            taken_at: manifest.taken_at,
            seconds: manifest.seconds,
            by: manifest.by.clone(),
            compression: manifest.compression,
            bytes: manifest.bytes,
            content_bytes: manifest.content_bytes,
            sha256: manifest.sha256.clone(),
            content: manifest.content.clone(),
            schema: manifest.schema.clone(),
            tables: u64::try_from(manifest.tables.len()).unwrap_or(u64::MAX),
            rows: manifest.rows(),
            other_disk: manifest.other_disk,
            test: manifest.test.clone(),
        }
    }
}

/// What came of making a backup.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BackupReport {
    /// What the command ends with.
    pub outcome: Outcome,
    /// The file, with its directory.
    pub file: String,
    /// What is known of it.
    pub backup: BackupFacts,
    /// The second place, where one is named.
    pub second: Option<SecondReport>,
    /// Files of earlier runs that did not come to their end; they are removed.
    pub cleared: Vec<String>,
    /// Backups that were removed because nothing keeps them any more.
    pub removed: Vec<Removed>,
    /// What else is worth knowing.
    pub remarks: Vec<String>,
    /// How long all of it took.
    pub seconds: f64,
}

/// What came of the copy in the second place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SecondReport {
    /// The directory.
    pub directory: String,
    /// Whether the copy is there, read back and found equal.
    pub copied: bool,
    /// Whether it is on another disk than the first place.
    pub other_disk: bool,
    /// Why there is no copy.
    pub why_not: Option<String>,
}

/// A backup that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Removed {
    /// Its file, with its directory.
    pub file: String,
    /// Why nothing kept it.
    pub why: String,
}

impl BackupReport {
    /// The outcome that follows from the test and the second place.
    pub(super) fn judged(test: Option<&RestoreTest>, second: Option<&SecondReport>) -> Outcome {
        let tested = test.map_or(Outcome::Done, |test| test.verdict.outcome());
        let is_doubled = second.is_none_or(|second| second.copied);
        match (tested, is_doubled) {
            (Outcome::Done, false) => Outcome::Inconclusive,
            (other, _) => other,
        }
    }

    /// In one sentence, what there is now.
    pub fn summary(&self) -> &'static str {
        let is_doubled = self.second.as_ref().is_none_or(|second| second.copied);
        match (self.backup.test.as_ref().map(|test| test.verdict), is_doubled) {
            (Some(Verdict::Mismatch), _) => "What was restored is not what was backed up: don't rely on this backup.",
            (Some(Verdict::Inconclusive), true) => "The backup is made; whether it can be restored is not proven.",
            (Some(Verdict::Inconclusive), false) => {
                "The backup is made, but not copied to its second place; whether it can be restored is not proven."
            }
            (Some(Verdict::Match), true) => "The backup is made, and was restored and compared: it is equal.",
            (Some(Verdict::Match), false) => {
                "The backup is made and was restored and found equal, but it is not copied to its second place."
            }
            (None, true) => "The backup is made; it was not tried to restore it.",
            (None, false) => "The backup is made, but not copied to its second place; it was not tried to restore it.",
        }
    }
}

/// What came of restoring a backup.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RestoreReport {
    /// What the command ends with.
    pub outcome: Outcome,
    /// The backup.
    pub backup: BackupFacts,
    /// Where it was restored to: a file, or `user@host:port/database`.
    pub to: String,
    /// The files that were there before, under their new names.
    pub put_aside: Vec<String>,
    /// What was compared after the restore, and what was found; none where nothing was.
    pub verified: Option<RestoreTest>,
    /// What else is worth knowing.
    pub remarks: Vec<String>,
    /// How long all of it took.
    pub seconds: f64,
}
