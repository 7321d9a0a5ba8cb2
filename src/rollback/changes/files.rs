//! The files of a change set: readable for their owner only, and whole or not there.
//!
//! All of them are written into a directory beside, which gets its name when the last one, `summary.json`, is on the disk.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::report::{ChangeSet, SUMMARY, TableChanges};
use crate::error::{Error, ErrorKind, Result};

const DOING: &str = "write the change set";

/// The file that runs all others.
pub(super) const APPLY: &str = "apply.sql";

/// Names of files are cut here.
const NAME_LETTERS: usize = 80;

/// The directory while it is being written.
#[derive(Debug)]
pub(super) struct Directory {
    wanted: PathBuf,
    partial: PathBuf,
    taken: BTreeSet<String>,
}

impl Directory {
    /// Makes the directory beside; what an export that was killed left there is replaced.
    pub(super) fn begin(wanted: &Path) -> Result<Self> {
        if wanted.is_file() || fs::read_dir(wanted).is_ok_and(|mut entries| entries.next().is_some()) {
            let detail = format!("{} holds something already, which is not replaced", wanted.display());
            return Err(Error::new(ErrorKind::WorkDirectory, DOING, detail).hint("name another directory"));
        }
        let mut partial = wanted.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        match fs::remove_dir_all(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(error)),
            Ok(()) | Err(_) => {}
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&partial).map_err(unwritable)?;
        let taken = ["apply", "summary"].map(ToOwned::to_owned).into_iter().collect();
        Ok(Self { wanted: wanted.to_owned(), partial, taken })
    }

    /// A stem for the files of a table, by which no other table's go.
    pub(super) fn stem(&mut self, table: &str) -> String {
        let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' || letter == '_' { letter } else { '_' };
        let bare: String = table.chars().take(NAME_LETTERS).map(letter).collect();
        let bare = if bare.is_empty() { "_".to_owned() } else { bare };
        let mut stem = bare.clone();
        let mut number = 1;
        // Some systems don't tell large letters from small ones.
        while !self.taken.insert(stem.to_ascii_lowercase()) {
            number += 1;
            stem = format!("{bare}-{number}");
        }
        stem
    }

    /// A file that has no name yet, to be read again later.
    pub(super) fn spool(&self) -> Result<BufWriter<File>> {
        tempfile::tempfile_in(&self.partial).map(BufWriter::new).map_err(unwritable)
    }

    /// A new file of this name.
    pub(super) fn create(&self, name: &str) -> Result<BufWriter<File>> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.partial.join(name)).map_err(unwritable)?;
        Ok(BufWriter::new(file))
    }

    /// Writes the last files and gives the directory its name.
    pub(super) fn finish(self, set: &ChangeSet) -> Result<()> {
        let mut apply = self.create(APPLY)?;
        apply.write_all(apply_sql(set).as_bytes()).map_err(unwritable)?;
        done(apply)?;
        let document = serde_json::to_string_pretty(set).map_err(|error| Error::bug(DOING, error.to_string()))?;
        let mut summary = self.create(SUMMARY)?;
        summary.write_all(document.as_bytes()).map_err(unwritable)?;
        done(summary)?;
        File::open(&self.partial).and_then(|directory| directory.sync_all()).map_err(unwritable)?;
        fs::rename(&self.partial, &self.wanted).map_err(unwritable)?;
        let above = self.wanted.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(above).and_then(|directory| directory.sync_all()).map_err(unwritable)
    }
}

/// Writes a spool behind what a file holds already.
pub(super) fn append(file: &mut BufWriter<File>, spool: BufWriter<File>) -> Result<()> {
    let mut spool = spool.into_inner().map_err(|error| unwritable(error.into_error()))?;
    spool.rewind().map_err(unwritable)?;
    io::copy(&mut spool, file).map(drop).map_err(unwritable)
}

/// Brings a file to the disk.
pub(super) fn done(file: BufWriter<File>) -> Result<()> {
    let file = file.into_inner().map_err(|error| unwritable(error.into_error()))?;
    file.sync_all().map_err(unwritable)
}

/// Appends to a file.
pub(super) fn write(file: &mut BufWriter<File>, text: &str) -> Result<()> {
    file.write_all(text.as_bytes()).map_err(unwritable)
}

fn unwritable(error: io::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, DOING, error.to_string()).because(error)
}

/// The head of a table's file.
pub(super) fn head(changes: &TableChanges, since: &str, until: &str) -> String {
    let TableChanges { inserted, updated, deleted, beside, converted, unwritten, .. } = changes;
    let beside = match &changes.beside_file {
        Some(file) => format!("-- Not in these statements: {beside} cells and {unwritten} rows, which stand in {file}.\n"),
        None => String::new(),
    };
    let converted = if *converted == 0 {
        String::new()
    } else {
        format!("-- {converted} cells are of a type that their column in SQLite turns into another one when it takes them.\n")
    };
    format!(
        "-- {}: {inserted} inserted, {updated} updated, {deleted} deleted in PostgreSQL between {since} and {until}.\n\
         -- For the SQLite file as it was at the first of these moments, with foreign keys and triggers off: what they did in\n\
         -- PostgreSQL is among these statements. {APPLY} does that for all tables in one transaction.\n\
         -- Tried with SQLite {}. This file holds data.\n{beside}{converted}",
        one_line(&changes.table),
        rusqlite::version(),
    )
}

/// A name in a comment must not end it.
fn one_line(name: &str) -> String {
    name.replace(['\n', '\r'], " ")
}

/// For the program `sqlite3`: PRAGMA foreign_keys does nothing within a transaction, and triggers can be switched off by a command of
/// its own only.
fn apply_sql(set: &ChangeSet) -> String {
    let files: Vec<String> = set.tables.iter().filter_map(|table| table.file.as_ref()).map(|file| format!(".read {file}\n")).collect();
    format!(
        "-- Brings the SQLite file to what PostgreSQL held at {}, in one transaction. In this directory, and on a copy first:\n\
         --   sqlite3 /path/to/app.db < {APPLY}\n\
         .bail on\n.dbconfig enable_trigger off\nPRAGMA foreign_keys = OFF;\nBEGIN IMMEDIATE;\n{}COMMIT;\nPRAGMA foreign_key_check;\n",
        set.until,
        files.concat()
    )
}
