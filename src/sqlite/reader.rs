//! The reader: one read-only connection in one read transaction.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::access::{self, Access, Opened};
use super::connection::{each_row, integer_of, name_of, number};
use super::fault::{code, fault};
use super::header::Header;
use crate::catalog::{JournalMode, quoted};
use crate::error::{Error, ErrorKind, Result};

/// How long to wait for another program's lock. Long enough for any transaction that an application makes while it
/// serves requests; a longer wait would look like a hang.
const BUSY_SECONDS: u64 = 10;
/// How many problems `integrity` lists; a damaged file can have as many as it has rows.
const PROBLEMS: u32 = 10_000;

/// Reads one SQLite file, as it was at one moment. Has no method that writes.
#[derive(Debug)]
pub struct SourceReader {
    path: PathBuf,
    opened: Opened,
    /// The tables without rowids, folded; asked for once, because SQLite goes through all tables to tell it of one.
    without_rowid: OnceCell<BTreeSet<String>>,
}

impl SourceReader {
    /// Opens the file and begins the read transaction, waiting up to ten seconds for other programs' locks.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_within(path, Duration::from_secs(BUSY_SECONDS))
    }

    /// Opens as [`Self::open`] does, waiting for locks as long as given.
    pub fn open_within(path: &Path, busy: Duration) -> Result<Self> {
        Ok(Self { path: path.to_owned(), opened: access::open(path, busy)?, without_rowid: OnceCell::new() })
    }

    /// The path as the user named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the file was opened.
    pub fn access(&self) -> Access {
        self.opened.access
    }

    /// The journal mode that the file's header says.
    pub fn journal_mode(&self) -> JournalMode {
        self.opened.header.journal_mode
    }

    /// Lets SQLite keep so many bytes of the file's pages in memory, for what looks here and there in it.
    pub fn keep_pages(&self, bytes: u64) -> Result<()> {
        let doing = format!("set the memory for reading {}", self.path.display());
        self.connection().execute_batch(&format!("pragma main.cache_size = -{}", bytes / 1024)).map_err(|error| fault(doing, error))
    }

    /// Whether a table is one without rowids.
    pub(super) fn is_without_rowid(&self, table: &str) -> Result<bool> {
        if self.without_rowid.get().is_none() {
            let relations = super::catalog::relations(self.connection())?.into_iter();
            let found = relations.filter(|(_, relation)| relation.without_rowid).map(|(name, _)| name.to_ascii_lowercase());
            self.without_rowid.set(found.collect()).ok();
        }
        Ok(self.without_rowid.get().is_some_and(|found| found.contains(&table.to_ascii_lowercase())))
    }

    /// How many rows a table or a view has.
    pub fn count(&self, table: &str) -> Result<u64> {
        let doing = format!("count the rows of {}", quoted(table));
        let count = number(self.connection(), &format!("select count(*) from main.{}", quoted(table)), &doing)?;
        u64::try_from(count).map_err(|error| Error::bug(doing, "the count is negative").because(error))
    }

    /// Whether SQLite understands a condition over a table's columns; if not, why.
    pub fn misunderstood(&self, table: &str, condition: &str) -> Option<String> {
        let sql = format!("select 1 from main.{} as s where ({condition}\n)", quoted(table));
        self.connection().prepare(&sql).err().map(|error| super::fault::message(&error))
    }

    /// The least and the greatest rowid of a table, by this name of it; none where the table is empty.
    pub fn rowid_bounds(&self, table: &str, name: &str) -> Result<Option<(i64, i64)>> {
        let doing = format!("look for the rowids of {}", quoted(table));
        // Asked for together, SQLite would read the whole table.
        let bound = |which: &str| format!("(select {which}(s.{}) from main.{} as s)", quoted(name), quoted(table));
        let sql = format!("select {}, {}", bound("min"), bound("max"));
        let bounds = self.connection().query_row(&sql, [], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)));
        let (least, greatest) = bounds.map_err(|error| self.judged(fault(doing, error)))?;
        Ok(least.zip(greatest))
    }

    /// What SQLite finds wrong with the file, up to ten thousand problems; empty when it is sound.
    ///
    /// `thorough` also compares every index with its table (`integrity_check` rather than `quick_check`).
    pub fn integrity(&self, thorough: bool) -> Result<Vec<String>> {
        let pragma = if thorough { "integrity_check" } else { "quick_check" };
        let mut problems = Vec::new();
        let checked = each_row(self.connection(), &format!("pragma main.{pragma}({PROBLEMS})"), "check the file's integrity", &mut |row| {
            problems.extend(name_of(row, 0)?.filter(|problem| problem != "ok"));
            Ok(())
        });
        match checked {
            Ok(()) => Ok(problems),
            // A virtual table that SQLite can't start here stops the check of all others.
            Err(error) if error.source_code() == Some(ErrorCode::Unknown) && self.has_virtual_tables()? => self.integrity_by_table(pragma),
            // What stops the check is a finding too: damage, or a schema that names what this SQLite does not have.
            Err(error) => match error.source_code() {
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => {
                    problems.push(format!("the check could not be completed: {}", error.detail()));
                    Ok(problems)
                }
                Some(_) | None => Err(error),
            },
        }
    }

    fn has_virtual_tables(&self) -> Result<bool> {
        let count = "select count(*) from main.sqlite_schema where type = 'table' and sql like 'create virtual table%'";
        number(self.connection(), count, "check the file's integrity").map(|count| count > 0)
    }

    /// What SQLite finds wrong, asked table by table. Virtual tables that it can't start are told of elsewhere.
    fn integrity_by_table(&self, pragma: &str) -> Result<Vec<String>> {
        let doing = "check the file's integrity";
        let mut tables = Vec::new();
        let sql = "select name, rootpage from main.sqlite_schema where type = 'table' order by rowid";
        each_row(self.connection(), sql, doing, &mut |row| {
            tables.extend(name_of(row, 0)?.map(|name| (name, integer_of(row, 1) == 0)));
            Ok(())
        })?;
        let mut problems = Vec::new();
        for (table, is_virtual) in tables {
            let checked = each_row(self.connection(), &format!("pragma main.{pragma}({})", quoted(&table)), doing, &mut |row| {
                problems.extend(name_of(row, 0)?.filter(|problem| problem != "ok"));
                Ok(())
            });
            match checked {
                Err(error) if error.source_code() != Some(ErrorCode::Unknown) => return Err(error),
                Err(error) if !is_virtual => problems.push(format!("the check could not be completed: {}", error.detail())),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(problems)
    }

    /// Ends the read transaction and closes the file; where it was read without locks, fails if it changed meanwhile.
    pub fn finish(self) -> Result<()> {
        let Opened { connection, access, header: _, held, private, before, real } = self.opened;
        let doing = format!("finish reading {}", self.path.display());
        connection.execute_batch("rollback").map_err(|error| fault(&doing, error))?;
        connection.close().map_err(|(_, error)| fault(&doing, error))?;
        drop(held);
        if let Some(private) = private {
            let kept = private.path().display().to_string();
            private.close().map_err(|error| {
                Error::new(ErrorKind::WorkDirectory, &doing, format!("the private copy {kept} can't be removed")).because(error)
            })?;
        }
        match access {
            Access::Immutable if !before.is_some_and(|before| before.still_hold(&real)) => Err(changed_meanwhile(&doing)),
            Access::Immutable | Access::Shared | Access::PrivateCopy => Ok(()),
        }
    }

    /// What an error met while reading really is: a file that is read without locks and changes meanwhile looks damaged.
    pub(super) fn judged(&self, error: Error) -> Error {
        let Opened { access, before, real, .. } = &self.opened;
        let changed = *access == Access::Immutable && !before.is_some_and(|before| before.still_hold(real));
        if changed && error.kind() == ErrorKind::SourceCorrupt { changed_meanwhile(error.doing()).because(error) } else { error }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.opened.connection
    }

    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.opened.connection
    }

    pub(super) fn header(&self) -> Header {
        self.opened.header
    }
}

fn changed_meanwhile(doing: &str) -> Error {
    Error::new(ErrorKind::SourceChanged, doing, "another program wrote to the file meanwhile; what was read may be mixed and is not used")
        .hint("run the same command again: with the application running, the file is read together with it")
}

/// The code of the SQLite error that an error was made of.
trait SourceCode {
    fn source_code(&self) -> Option<ErrorCode>;
}

impl SourceCode for Error {
    fn source_code(&self) -> Option<ErrorCode> {
        let cause = std::error::Error::source(self)?.downcast_ref::<rusqlite::Error>()?;
        code(cause)
    }
}
