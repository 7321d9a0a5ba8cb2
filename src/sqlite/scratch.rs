//! A writable copy of the source, to try out what SQLite accepts and what its views show.
//!
//! Only ever a file that this module made; every attempt is rolled back.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::ffi;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, ValueRef as SqlValue};
use rusqlite::{Connection, ErrorCode, ToSql};

use super::access::beside;
use super::fault::{code, extended_code, fault};
use super::own;
use super::reader::SourceReader;
use super::row_fates::{TableFates, value};
use super::scan::{ScannedRow, visit_rows};
use super::snapshot::open_own;
use crate::catalog::{LinkedTable, OrphanFate, quoted};
use crate::error::Result;
use crate::value::{RowFate, Value, ValueRef};

/// A writable copy of a source. Its file is removed when it is dropped.
#[derive(Debug)]
pub struct ScratchCopy {
    // None only while it is being dropped: the connection must be closed before the file goes.
    connection: Option<Connection>,
    path: PathBuf,
    /// When the running view is given up.
    pub(super) deadline: Arc<Mutex<Option<Instant>>>,
}

/// A statement to try, with its parameters.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The statement.
    pub sql: String,
    /// Its parameters, in order.
    pub params: Vec<Value>,
}

/// Rows kept of what a statement returns; a trial is about a few rows.
const ROWS_KEPT: usize = 32;

/// How long a view may take: one that takes longer would look like a hang.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Operations of SQLite's machine between two looks at the clock, some milliseconds.
const OPERATIONS: i32 = 100_000;

/// What SQLite did with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It was carried out (and rolled back).
    Accepted {
        /// Rows that it inserted, changed or deleted.
        changes: u64,
        /// The rowid that the last insert was given.
        last_insert_rowid: i64,
    },
    /// It was refused.
    Refused(RefusalClass),
}

/// Why SQLite refuses a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalClass {
    /// NOT NULL.
    NotNull,
    /// UNIQUE.
    Unique,
    /// PRIMARY KEY, a rowid that is taken included.
    PrimaryKey,
    /// CHECK.
    Check,
    /// A foreign key that is checked at once; deferred ones are not checked before a commit, which never comes here.
    ForeignKey,
    /// A trigger's RAISE.
    Trigger,
    /// The type of a STRICT table's column, or a value that is no integer for a rowid.
    Datatype,
    /// Anything else, such as a function that only the application has.
    Other,
}

impl SourceReader {
    /// Makes a writable copy of what this reader sees, in a new file at `at`.
    pub fn scratch(&self, at: &Path) -> Result<ScratchCopy> {
        self.snapshot(at, &mut |_| {})?;
        let doing = format!("open the scratch copy {}", at.display());
        let mut connection = open_own(at).map_err(|error| fault(&doing, error))?;
        own::remove(&connection).map_err(|error| fault(&doing, error))?;
        let deadline = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&deadline);
        let is_over = move || seen.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|deadline| Instant::now() > deadline);
        connection.progress_handler(OPERATIONS, Some(is_over)).map_err(|error| fault(&doing, error))?;
        let scratch = ScratchCopy { connection: Some(connection), path: at.to_owned(), deadline };
        scratch
            .connection()
            // As most frameworks set it; the bundled SQLite's own default is not every SQLite's.
            .execute_batch("pragma foreign_keys = on; pragma trusted_schema = off; pragma synchronous = off; pragma temp_store = memory;")
            .map_err(|error| fault(doing, error))?;
        Ok(scratch)
    }
}

impl ScratchCopy {
    /// Keeps those rows of a table for which the condition holds. No trigger fires.
    pub fn keep(&mut self, table: &str, condition: &str) -> Result<()> {
        let doing = format!("leave rows out of the scratch copy of {}", quoted(table));
        let connection = self.connection();
        let keep = || -> rusqlite::Result<()> {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
            connection.execute_batch("pragma foreign_keys = off")?;
            connection.execute_batch(&format!("delete from main.{} where ({condition}\n) is not true", quoted(table)))?;
            connection.execute_batch("pragma foreign_keys = on")?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true).map(drop)
        };
        keep().map_err(|error| fault(doing, error))
    }

    /// Does to the rows of a table what becomes of those without a parent: takes out what is held out, and makes NULL what
    /// becomes NULL. No trigger fires.
    pub fn follow(&mut self, table: &LinkedTable, fates: TableFates) -> Result<()> {
        if fates.all_kept() {
            return Ok(());
        }
        let doing = format!("follow the rules for rows without a parent in the scratch copy of {}", quoted(&table.name));
        let connection = self.connection();
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        let has_fate = move |context: &rusqlite::functions::Context<'_>| -> rusqlite::Result<bool> {
            let key: i64 = context.get(0)?;
            let fate = fates.of_named((1..context.len()).map(|index| value(context.get_raw(index))));
            let fate = fate.map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?;
            Ok(match fate {
                RowFate::Kept => false,
                RowFate::HeldOut => key < 0,
                RowFate::Nulled(keys) => keys.iter().any(|place| i64::try_from(*place) == Ok(key)),
            })
        };
        let names: Vec<_> = table.identity_columns().iter().map(|column| quoted(column)).collect();
        let names = names.join(", ");
        let follow = || -> rusqlite::Result<()> {
            connection.create_scalar_function("outgrow_has_fate", -1, flags, has_fate)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
            connection.execute_batch("pragma foreign_keys = off; pragma ignore_check_constraints = on")?;
            let of_table = quoted(&table.name);
            connection.execute_batch(&format!("delete from main.{of_table} where outgrow_has_fate(-1, {names})"))?;
            for (place, key) in table.keys.iter().enumerate() {
                let OrphanFate::Null { columns } = &key.fate else { continue };
                let set: Vec<_> = columns.iter().map(|column| format!("{} = null", quoted(column))).collect();
                let set = set.join(", ");
                connection.execute_batch(&format!("update main.{of_table} set {set} where outgrow_has_fate({place}, {names})"))?;
            }
            connection.execute_batch("pragma ignore_check_constraints = off; pragma foreign_keys = on")?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
            connection.remove_function("outgrow_has_fate", -1)
        };
        follow().map_err(|error| fault(doing, error))
    }

    /// Adds rows to a table; gives how many it took. No trigger fires.
    pub fn add(&mut self, table: &str, columns: &[String], rows: &[Vec<Value>]) -> Result<usize> {
        let doing = format!("add rows to the scratch copy of {}", quoted(table));
        let connection = self.connection();
        let names: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let places: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
        let insert = format!("insert into main.{} ({}) values ({})", quoted(table), names.join(", "), places.join(", "));
        let add = || -> rusqlite::Result<usize> {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
            connection.execute_batch("pragma foreign_keys = off")?;
            let mut added = 0;
            for row in rows.iter().filter(|row| row.len() == columns.len()) {
                added += usize::from(run(connection, &insert, row, &mut Vec::new()).is_ok());
            }
            connection.execute_batch("pragma foreign_keys = on")?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
            Ok(added)
        };
        add().map_err(|error| fault(doing, error))
    }

    /// Tries a statement in a savepoint that is rolled back, whatever comes of it.
    pub fn attempt(&mut self, sql: &str, params: &[Value]) -> Result<Attempt> {
        self.attempt_all(&[Trial { sql: sql.to_owned(), params: params.to_vec() }]).map(|(attempt, _)| attempt)
    }

    /// Tries statements one after the other in one savepoint that is rolled back, up to the first that is refused. Gives
    /// what became of the last one tried, and the first few rows that it returned.
    pub fn attempt_all(&mut self, trials: &[Trial]) -> Result<(Attempt, Vec<Vec<Value>>)> {
        self.attempt_then(trials, |_| Ok(()))
    }

    /// The same, and looks at what they left before it is rolled back, where none was refused.
    pub(super) fn attempt_then(
        &mut self,
        trials: &[Trial],
        look: impl FnOnce(&Connection) -> Result<()>,
    ) -> Result<(Attempt, Vec<Vec<Value>>)> {
        let doing = "try a statement on the scratch copy";
        let connection = self.connection();
        connection.execute_batch("savepoint outgrow_attempt").map_err(|error| fault(doing, error))?;
        let mut tried = Ok(Attempt::Accepted { changes: 0, last_insert_rowid: 0 });
        let mut kept = Vec::new();
        for trial in trials {
            kept.clear();
            tried = run(connection, &trial.sql, &trial.params, &mut kept);
            if tried.is_err() {
                break;
            }
        }
        let looked = if tried.is_ok() { look(connection) } else { Ok(()) };
        // RAISE(ROLLBACK) and ON CONFLICT ROLLBACK have ended the savepoint already.
        if !connection.is_autocommit() {
            connection.execute_batch("rollback to outgrow_attempt; release outgrow_attempt").map_err(|error| fault(doing, error))?;
        }
        looked?;
        match tried {
            Ok(accepted) => Ok((accepted, kept)),
            Err(error) => match refusal(&error) {
                Some(class) => Ok((Attempt::Refused(class), Vec::new())),
                None => Err(fault(doing, error)),
            },
        }
    }

    /// Runs a view to its end and counts its rows.
    pub fn view_rows(&self, view: &str) -> Result<u64> {
        self.read_view(view, &mut |_| Ok(ControlFlow::Continue(())))
    }

    /// Visits the rows of a view, all columns in order, until the visitor breaks; tells how many it visited. Fails after
    /// a minute.
    pub fn read_view(&self, view: &str, visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<ControlFlow<()>>) -> Result<u64> {
        let doing = format!("run the view {} in SQLite", quoted(view));
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PATIENCE);
        let visited = visit_rows(self.connection(), &format!("select * from main.{}", quoted(view)), None, &doing, visit);
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = None;
        visited
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("a scratch copy has its connection until it is dropped")
    }
}

impl Drop for ScratchCopy {
    fn drop(&mut self) {
        drop(self.connection.take());
        for suffix in ["", "-journal"] {
            // What can't be removed stays in the work directory, which is removed as a whole.
            fs::remove_file(beside(&self.path, suffix)).ok();
        }
    }
}

fn run(connection: &Connection, sql: &str, params: &[Value], kept: &mut Vec<Vec<Value>>) -> rusqlite::Result<Attempt> {
    let before = connection.total_changes();
    let mut statement = connection.prepare(sql)?;
    let len = statement.column_count();
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, Bound(value.as_ref()))?;
    }
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        if kept.len() < ROWS_KEPT {
            let row = ScannedRow::new(row, len);
            kept.push((0..len).map(|index| row.value(index).to_owned()).collect());
        }
    }
    Ok(Attempt::Accepted { changes: connection.total_changes() - before, last_insert_rowid: connection.last_insert_rowid() })
}

/// The class of a refusal; none for a failure that says nothing about the statement.
fn refusal(error: &rusqlite::Error) -> Option<RefusalClass> {
    let class = match extended_code(error) {
        ffi::SQLITE_CONSTRAINT_NOTNULL => RefusalClass::NotNull,
        ffi::SQLITE_CONSTRAINT_UNIQUE => RefusalClass::Unique,
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => RefusalClass::PrimaryKey,
        ffi::SQLITE_CONSTRAINT_CHECK => RefusalClass::Check,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => RefusalClass::ForeignKey,
        ffi::SQLITE_CONSTRAINT_TRIGGER => RefusalClass::Trigger,
        ffi::SQLITE_CONSTRAINT_DATATYPE | ffi::SQLITE_MISMATCH => RefusalClass::Datatype,
        _ => RefusalClass::Other,
    };
    let about_the_statement =
        matches!(code(error), Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::Unknown | ErrorCode::TooBig));
    about_the_statement.then_some(class)
}

/// A value as a parameter; text goes in byte for byte, UTF-8 or not.
struct Bound<'a>(ValueRef<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            ValueRef::Null => SqlValue::Null,
            ValueRef::Integer(number) => SqlValue::Integer(number),
            ValueRef::Real(number) => SqlValue::Real(number),
            ValueRef::Text(bytes) => SqlValue::Text(bytes),
            ValueRef::Blob(bytes) => SqlValue::Blob(bytes),
        }))
    }
}
