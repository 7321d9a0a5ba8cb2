//! A query of the user's, read and no more.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rusqlite::ErrorCode;

use super::fault::{code, fault};
use super::reader::SourceReader;
use super::scan::ScannedRow;
use crate::error::{Error, ErrorKind, Result};

/// How many steps of SQLite's machine lie between two looks at the clock.
const STEPS: i32 = 1000;

impl SourceReader {
    /// Visits the rows that a query gives, until the visitor breaks; stops it when it takes too long.
    pub fn ask(&mut self, query: &str, timeout: Duration, visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<ControlFlow<()>>) -> Result<()> {
        let until = Instant::now().checked_add(timeout);
        let is_over = move || until.is_some_and(|until| Instant::now() >= until);
        self.connection_mut().progress_handler(STEPS, Some(is_over)).map_err(|error| fault("set the time for a query", error))?;
        let asked = self.ask_untimed(query, visit);
        let cleared = self.connection_mut().progress_handler(0, None::<fn() -> bool>);
        cleared.map_err(|error| fault("take the time of a query away", error))?;
        asked
    }

    fn ask_untimed(&self, query: &str, visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<ControlFlow<()>>) -> Result<()> {
        const DOING: &str = "ask the source";
        let refused = |error: rusqlite::Error| match code(&error) {
            Some(ErrorCode::OperationInterrupted) => Error::new(ErrorKind::Unforeseen, DOING, "the query took too long, and was stopped"),
            Some(_) | None => fault(DOING, error),
        };
        let mut statement = self.connection().prepare(query).map_err(refused)?;
        if !statement.readonly() {
            return Err(Error::new(ErrorKind::Policy, DOING, "the query would write; nothing was changed"));
        }
        let columns = statement.column_count();
        let mut rows = statement.query([]).map_err(refused)?;
        while let Some(row) = rows.next().map_err(refused)? {
            if visit(&ScannedRow::new(row, columns))?.is_break() {
                break;
            }
        }
        Ok(())
    }
}
