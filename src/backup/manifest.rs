//! What is known of a backup: a JSON file beside it.
//!
//! A backup without its manifest is none: the manifest comes last when one is made, and goes last when one is removed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::name::{BackupName, Side};
use crate::catalog::JournalMode;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Compression;
use crate::verify::Verdict;

/// The format of a manifest; raised when a field changes its meaning or goes.
pub(super) const MANIFEST_FORMAT: u32 = 1;

/// What is known of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// The format of this document.
    pub format: u32,
    /// The version of outgrow that made it.
    pub version: String,
    /// The backup's file.
    pub name: BackupName,
    /// Which side it is of.
    pub side: Side,
    /// The database: the file's path, or `user@host:port/database`.
    pub of: String,
    /// When the database was as the backup has it.
    pub taken_at: Timestamp,
    /// How long it took to make.
    pub seconds: f64,
    /// Which program copied it, and which server it was copied from.
    pub by: String,
    /// The major version of the server.
    pub server_major: Option<u32>,
    /// The major version of `pg_dump`: an older `pg_restore` can't read what it wrote.
    pub program_major: Option<u32>,
    /// How the file is compressed; a dump compresses itself.
    pub compression: Compression,
    /// How long the file is.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How large the database was.
    pub content_bytes: u64,
    /// Source: SHA-256 of the file that comes out. Target: SHA-256 over the digests of its tables.
    pub content: String,
    /// SHA-256 over the schema; none where outgrow can't read it.
    pub schema: Option<String>,
    /// The source's journal mode, which a restored file gets back.
    pub journal_mode: Option<JournalMode>,
    /// The tables, each with its rows.
    pub tables: Vec<TableContent>,
    /// The target's objects, each with the SHA-256 of the server's own text of it.
    pub objects: BTreeMap<String, String>,
    /// Whether the backup lies on another disk than the database: none where the database is on a server.
    pub other_disk: Option<bool>,
    /// Its copy in the second place.
    pub second: Option<SecondCopy>,
    /// What came of restoring it; none where that was not tried.
    pub test: Option<RestoreTest>,
}

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableContent {
    /// The table; of the target, with its schema.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// A digest of all rows, computed by the server; none for the source, whose file has one.
    pub digest: Option<String>,
}

/// A copy in the second place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SecondCopy {
    /// The directory.
    pub directory: String,
    /// Whether it is on another disk than the first.
    pub other_disk: bool,
}

/// What came of restoring a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RestoreTest {
    /// When.
    pub at: Timestamp,
    /// Whether what was restored is what was backed up.
    pub verdict: Verdict,
    /// Where it was restored, what was compared, and what was found.
    pub detail: String,
    /// How long it took.
    pub seconds: f64,
}

impl Manifest {
    /// Whether it was restored and was found to be what was backed up.
    pub fn is_proven(&self) -> bool {
        self.test.as_ref().is_some_and(|test| test.verdict == Verdict::Match)
    }

    /// Whether it was restored and was found to be something else.
    pub fn is_refuted(&self) -> bool {
        self.test.as_ref().is_some_and(|test| test.verdict == Verdict::Mismatch)
    }

    /// Whether one of its places is on another disk than the database, as far as the numbers of the devices tell.
    pub fn is_on_another_disk(&self) -> bool {
        self.other_disk == Some(true) || self.second.as_ref().is_some_and(|second| second.other_disk)
    }

    /// How many rows it holds.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// The file's text.
    pub(super) fn to_text(&self) -> Result<String> {
        let mut text = serde_json::to_string_pretty(self).map_err(|error| Error::bug("write a manifest", error.to_string()))?;
        text.push('\n');
        Ok(text)
    }

    /// The line that `sha256sum --check` reads.
    pub(super) fn checksum_line(&self) -> String {
        format!("{}  {}\n", self.sha256, self.name)
    }

    /// The manifest of a backup's file.
    pub fn beside(file: &Path) -> Result<Self> {
        let doing = format!("look at the backup {}", file.display());
        let name = file.file_name().and_then(|name| name.to_str()).and_then(BackupName::parse).ok_or_else(|| {
            Error::new(ErrorKind::Usage, &doing, "it is not called as outgrow calls its backups")
                .hint("a backup is named by its own file, such as app-20261121T204500Z.sqlite.zst")
        })?;
        if !file.exists() {
            return Err(Error::new(ErrorKind::Usage, doing, "there is no such file").hint("`outgrow backup list` shows the backups"));
        }
        let path = file.with_file_name(name.manifest());
        read(&path, &name).map_err(|error| {
            Error::new(ErrorKind::BackupDamaged, doing, format!("its manifest {} can't be used: {error}", path.display()))
                .hint("without it nobody can say whether the file is whole; sha256sum --check may, where the .sha256 file lies beside it")
        })
    }
}

fn read(path: &Path, name: &BackupName) -> io::Result<Manifest> {
    let text = fs::read(path)?;
    let manifest: Manifest = serde_json::from_slice(&text)?;
    if manifest.format != MANIFEST_FORMAT {
        return Err(io::Error::other(format!("it is of format {}, and this is outgrow {}", manifest.format, env!("CARGO_PKG_VERSION"))));
    }
    if manifest.name != *name {
        return Err(io::Error::other("it speaks of another file"));
    }
    Ok(manifest)
}

/// What a directory of backups holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The backups, the newest first.
    pub(super) backups: Vec<Manifest>,
    /// Files that are called as manifests are and can't be read as such, with why.
    pub(super) unreadable: Vec<(PathBuf, String)>,
}

/// Looks into a directory of backups.
pub(super) fn survey(directory: &Path) -> Result<Found> {
    let failed = |error: io::Error| {
        Error::new(ErrorKind::BackupPlace, format!("list the backups in {}", directory.display()), error.to_string()).because(error)
    };
    let mut found = Found::default();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).and_then(BackupName::of_manifest) else { continue };
        match read(&path, &name) {
            Ok(manifest) => found.backups.push(manifest),
            Err(error) => found.unreadable.push((path, error.to_string())),
        }
    }
    found.backups.sort_by(|one, other| other.taken_at.cmp(&one.taken_at).then_with(|| other.name.cmp(&one.name)));
    found.unreadable.sort();
    Ok(found)
}

/// The backups in a directory, the newest first; none where there is no such directory.
pub fn list(directory: &Path) -> Result<Vec<Manifest>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    survey(directory).map(|found| found.backups)
}
