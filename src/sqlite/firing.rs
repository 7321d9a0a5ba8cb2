//! Firing triggers on a scratch copy: which of them fired, and the rows that they left.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rusqlite::functions::FunctionFlags;

use super::fault::fault;
use super::scan::{ScannedRow, visit_rows};
use super::scratch::{Attempt, PATIENCE, ScratchCopy, Trial};
use crate::catalog::quoted;
use crate::error::Result;
use crate::value::Value;

/// Says that the trigger with this number fired; what a companion calls.
const FIRED: &str = "outgrow_fired";

/// The numbers of the triggers that fired.
#[derive(Debug, Clone, Default)]
pub struct Fired(Arc<Mutex<BTreeSet<i64>>>);

impl Fired {
    /// What fired since this was asked last.
    pub fn take(&self) -> BTreeSet<i64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The body of a temporary trigger that says that it fired.
    pub fn body(number: usize) -> String {
        format!("SELECT {FIRED}({number})")
    }
}

/// What a series of statements did, and what the last one returned.
type Tried = (Attempt, Vec<Vec<Value>>);

impl ScratchCopy {
    /// Drops triggers.
    pub fn drop_triggers<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> Result<()> {
        for name in names {
            let dropped = self.connection().execute_batch(&format!("drop trigger if exists main.{}", quoted(name)));
            dropped.map_err(|error| fault(format!("drop the trigger {} of the scratch copy", quoted(name)), error))?;
        }
        Ok(())
    }

    /// Lets temporary triggers say that they fired.
    pub fn watch(&mut self) -> Result<Fired> {
        let fired = Fired::default();
        let noted = fired.clone();
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
        let made = self.connection().create_scalar_function(FIRED, 1, flags, move |context| {
            let number: i64 = context.get(0)?;
            noted.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
            Ok(number)
        });
        made.map(|()| fired).map_err(|error| fault("watch the triggers of the scratch copy", error))
    }

    /// Makes a temporary trigger. False where SQLite refuses it.
    pub fn add_companion(&mut self, sql: &str) -> bool {
        self.connection().execute_batch(sql).is_ok()
    }

    /// Tries statements as `attempt_all` does, and shows, before they are rolled back, the rows of these
    /// queries where none was refused: the query's position and the row.
    pub fn fire(
        &mut self,
        trials: &[Trial],
        queries: &[String],
        visit: &mut dyn FnMut(usize, &ScannedRow<'_>) -> Result<()>,
    ) -> Result<Tried> {
        let doing = "read what a trigger left in the scratch copy";
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PATIENCE);
        let tried = self.attempt_then(trials, |connection| {
            for (position, query) in queries.iter().enumerate() {
                visit_rows(connection, query, None, doing, &mut |row| visit(position, row).map(|()| ControlFlow::Continue(())))?;
            }
            Ok(())
        });
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = None;
        tried
    }
}
