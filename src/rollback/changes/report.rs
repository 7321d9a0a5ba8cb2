//! What is told of the changes: counts and names, never a cell.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// The file with the account.
pub(super) const SUMMARY: &str = "summary.json";

/// The format of `summary.json`: raised when its meaning changes.
pub(super) const FORMAT: u32 = 1;

/// What was written to one table since the mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableChanges {
    /// The table, by its name in the source.
    pub table: String,
    /// The same in the target.
    pub target: String,
    /// Rows that came.
    pub inserted: u64,
    /// Rows of which a cell changed.
    pub updated: u64,
    /// Rows that went.
    pub deleted: u64,
    /// Whether these numbers are exact. Where nothing identifies a row on both sides, a changed one is counted as one that went and
    /// one that came.
    pub exact: bool,
    /// How the changes were found.
    pub basis: Basis,
    /// Cells that stand in the file beside, because SQLite has no form or no place for them.
    pub beside: u64,
    /// Cells that SQLite keeps in another form than was wanted, because of the type that their column declares.
    pub converted: u64,
    /// Rows for which no statement could be written.
    pub unwritten: u64,
    /// The file with the statements, in the directory of the change set; none where nothing was written.
    pub file: Option<String>,
    /// The file with the cells that no statement holds.
    pub beside_file: Option<String>,
}

impl TableChanges {
    /// Nothing yet.
    pub(super) fn none(table: &str, target: &str, basis: Basis) -> Self {
        Self {
            table: table.to_owned(),
            target: target.to_owned(),
            inserted: 0,
            updated: 0,
            deleted: 0,
            exact: true,
            basis,
            beside: 0,
            converted: 0,
            unwritten: 0,
            file: None,
            beside_file: None,
        }
    }

    /// Rows that came, changed or went.
    pub fn rows(&self) -> u64 {
        self.inserted.saturating_add(self.updated).saturating_add(self.deleted)
    }
}

/// How the changes of a table were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// By the transactions that wrote its rows.
    Transactions,
    /// Row by row: which transactions wrote them says nothing any more.
    Values,
    /// Not at all: the table, or what names its rows, is not there any more. The rows of such a table stand in a file as JSON.
    Gone,
}

/// What else became other since, or could not be written as a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ChangeSetNote {
    /// The table, or `table.column`.
    pub place: String,
    /// What is the matter, in one sentence.
    pub what: String,
}

/// What was written since the mark, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Changes {
    /// Each table of the plan.
    pub tables: Vec<TableChanges>,
    /// What else became other.
    pub notes: Vec<ChangeSetNote>,
}

impl Changes {
    /// Rows that came, changed or went, in all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(TableChanges::rows).sum()
    }
}

/// What was exported: the content of `summary.json`, and the proof for `clear`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ChangeSet {
    /// The format of this document.
    pub format: u32,
    /// The plan by which the target was loaded.
    pub plan: String,
    /// The schema of the target.
    pub schema: String,
    /// The server and its timeline; none where the role may not ask.
    pub server: Option<String>,
    /// The number of the database.
    pub database: i64,
    /// The moment from which on changes count (RFC 3339, UTC).
    pub since: String,
    /// The moment of the export.
    pub until: String,
    /// The same for the server: what came behind this is not in the change set.
    pub snapshot: String,
    /// Where the files are.
    pub directory: PathBuf,
    /// The file that runs all others in one transaction, for `sqlite3`.
    pub apply: String,
    /// Each table of the plan.
    pub tables: Vec<TableChanges>,
    /// What else became other, or could not be written as a statement.
    pub notes: Vec<ChangeSetNote>,
}

impl ChangeSet {
    /// The files with statements, in the order in which they are run.
    pub fn scripts(&self) -> Vec<PathBuf> {
        self.tables.iter().filter_map(|table| table.file.as_ref()).map(|file| self.directory.join(file)).collect()
    }

    /// Rows that came, changed or went, in all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(TableChanges::rows).sum()
    }

    /// Reads the change set in a directory; none where there is none, or where the export did not come to its end.
    pub fn read(directory: &Path) -> Result<Option<Self>> {
        let file = directory.join(SUMMARY);
        let doing = || format!("read {}", file.display());
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::new(ErrorKind::WorkDirectory, doing(), error.to_string()).because(error)),
        };
        let set: Self = serde_json::from_str(&text).map_err(|error| {
            Error::new(ErrorKind::Unforeseen, doing(), format!("it is no account of a change set: {error}"))
                .hint("it was written by another version of outgrow, or changed: export the changes once more")
        })?;
        Ok(Some(Self { directory: directory.to_owned(), ..set }))
    }
}
