//! What the workers of a run share: the board, the ledger, and the books.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Notify;

use super::blocks::Span;
use super::board::Board;
use super::ledger::Ledger;
use super::outlook::Outlook;
use super::pace::Pace;
use super::report::{CopyReport, PhaseTime, RefusedObject, TableCopy};
use super::run::{Observer, Progress};
use crate::budget::Budget;
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::journal::{EventKind, Journal};
use crate::plan::{Action, Phase, Plan, Step, TablePlan};
use crate::postgres::ConnectionSettings;
use crate::sqlite::RowFates;

/// What the workers share. They are tasks of one thread, so that nobody waits for it.
pub(super) struct Desk<'a> {
    pub(super) plan: &'a Plan,
    pub(super) ledger: Ledger,
    pub(super) target: &'a ConnectionSettings,
    pub(super) snapshot: &'a Path,
    /// What becomes of rows without a parent.
    pub(super) fates: Arc<RowFates>,
    pub(super) budget: Budget,
    pub(super) pace: Pace,
    pub(super) board: RefCell<Board<'a>>,
    /// Told whenever a job is done.
    pub(super) changed: Notify,
    journal: &'a Journal,
    observer: &'a dyn Observer,
    books: RefCell<Books>,
}

#[derive(Debug)]
struct Books {
    report: CopyReport,
    begun: BTreeSet<String>,
    /// Steps of each phase that are not done.
    left: BTreeMap<Phase, usize>,
    of: BTreeMap<Phase, u64>,
    phase: Option<(Phase, Instant)>,
    rows: u64,
    rows_in_all: u64,
    outlook: Outlook,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        ledger: Ledger,
        (target, snapshot, budget): (&'a ConnectionSettings, &'a Path, Budget),
        fates: RowFates,
        journal: &'a Journal,
        observer: &'a dyn Observer,
    ) -> Self {
        let mut left: BTreeMap<Phase, usize> = BTreeMap::new();
        for step in &plan.steps {
            *left.entry(step.phase).or_default() += 1;
        }
        let of = left.iter().map(|(phase, steps)| (*phase, u64::try_from(*steps).unwrap_or(u64::MAX))).collect();
        let loaded = |step: &Step| match &step.action {
            Action::Copy { table } => plan.table(table).map(|table| table.rows),
            Action::Run { .. } | Action::Reference(_) => None,
        };
        let rows_in_all = plan.steps.iter().filter_map(loaded).sum();
        let outlook = Outlook::of(plan.tables.iter());
        let books = Books { report: CopyReport::default(), begun: BTreeSet::new(), left, of, phase: None, rows: 0, rows_in_all, outlook };
        Self {
            plan,
            ledger,
            target,
            snapshot,
            fates: Arc::new(fates),
            budget,
            pace: Pace::new(budget.rate),
            board: RefCell::new(Board::new(Vec::new(), 1, budget.memory)),
            changed: Notify::new(),
            journal,
            observer,
            books: RefCell::new(books),
        }
    }

    /// Memory that the quarantined cells of one chunk may take: a quarter of all, for all workers together.
    pub(super) fn held(&self) -> usize {
        usize::try_from(self.budget.memory / 4).unwrap_or(usize::MAX) / self.budget.jobs.get()
    }

    pub(super) fn say(&self, text: &str) {
        self.observer.progress(&Progress::Said(text));
    }

    pub(super) fn table(&self, lane: usize) -> Result<Arc<TablePlan>> {
        let board = self.board.borrow();
        board.lane(lane).map(|lane| lane.table.clone()).ok_or_else(|| Error::bug("load a table", format!("there is no lane {lane}")))
    }

    /// The steps that are left of some lanes.
    pub(super) fn steps(&self, lanes: &[usize]) -> Vec<&'a Step> {
        let board = self.board.borrow();
        lanes.iter().filter_map(|lane| board.lane(*lane)).flat_map(|lane| lane.steps.iter().copied()).collect()
    }

    /// Whether a load is among the steps of a lane.
    pub(super) fn has_load(&self, lane: usize) -> bool {
        self.board.borrow().lane(lane).is_some_and(|lane| lane.steps.iter().any(|step| matches!(step.action, Action::Copy { .. })))
    }

    /// Whether rows of a lane are to be loaded.
    pub(super) fn has_rows(&self, lane: usize) -> bool {
        !self.free(lane).is_empty()
    }

    /// The rows of a lane that nobody has taken.
    pub(super) fn free(&self, lane: usize) -> Vec<Span> {
        self.board.borrow().lane(lane).and_then(|lane| lane.blocks.as_ref()).map(super::blocks::Blocks::free).unwrap_or_default()
    }

    /// The columns by name, so that the target's own order never matters.
    pub(super) fn copy_statement(&self, table: &TablePlan) -> String {
        let columns: Vec<String> = table.loaded().map(|column| quoted(&column.target)).collect();
        format!("copy {}.{} ({}) from stdin (format binary)", quoted(&self.plan.schema), quoted(&table.target), columns.join(", "))
    }

    /// Notes that steps were found done.
    pub(super) fn found_done(&self, done: &BTreeMap<String, Option<String>>, loaded: &BTreeMap<String, TableCopy>) -> Result<()> {
        for step in &self.plan.steps {
            let Some(refused) = done.get(&step.id) else { continue };
            self.journal.note(&step.id, EventKind::AlreadyDone, None, &json!({}))?;
            let mut books = self.books.borrow_mut();
            books.report.steps_already_done += 1;
            books.report.refused.extend(refused.as_ref().map(|message| refusal(step, message)));
            if let Action::Copy { table } = &step.action {
                books.report.tables.entry(table.clone()).or_default();
            }
            if let Some(left) = books.left.get_mut(&step.phase) {
                *left = left.saturating_sub(1);
            }
        }
        let mut books = self.books.borrow_mut();
        for (table, copied) in loaded {
            books.rows += copied.rows;
            books.outlook.found(table, copied);
            books.report.tables.insert(table.clone(), copied.clone());
        }
        drop(books);
        self.turn();
        Ok(())
    }

    /// Notes that a step is about to be done, once.
    pub(super) fn begin(&self, step: &Step) -> Result<()> {
        if !self.books.borrow_mut().begun.insert(step.id.clone()) {
            return Ok(());
        }
        self.observer.progress(&Progress::Step { step });
        self.journal.note(&step.id, EventKind::Intent, None, &json!({ "object": step.object }))?;
        failpoint::pass("step.intended")
    }

    /// Notes that a step is done, or refused.
    pub(super) fn end(&self, step: &Step, refused: Option<&str>, took: Duration) -> Result<()> {
        let seconds = Some(took.as_secs_f64());
        match (refused, &step.action) {
            (Some(message), _) => self.journal.note(&step.id, EventKind::Refused, seconds, &json!({ "message": message }))?,
            (None, Action::Copy { table }) => {
                let copied = self.books.borrow().report.tables.get(table).cloned().unwrap_or_default();
                let detail = json!({ "rows": copied.rows, "bytes": copied.bytes, "cells": copied.cells });
                self.journal.note(&step.id, EventKind::Done, seconds, &detail)?;
            }
            (None, Action::Run { .. } | Action::Reference(_)) => self.journal.note(&step.id, EventKind::Done, seconds, &json!({}))?,
        }
        {
            let mut books = self.books.borrow_mut();
            books.report.steps_done += 1;
            books.report.refused.extend(refused.map(|message| refusal(step, message)));
            if let Some(left) = books.left.get_mut(&step.phase) {
                *left = left.saturating_sub(1);
            }
        }
        self.turn();
        failpoint::pass("step.journaled")
    }

    /// Notes that a step failed, which ends the run.
    pub(super) fn fail(&self, step: &Step, error: &Error, took: Duration) -> Result<()> {
        self.journal.note(&step.id, EventKind::Failed, Some(took.as_secs_f64()), &json!({ "message": error.to_string() }))
    }

    /// Notes that rows of a lane are in.
    pub(super) fn add(&self, lane: usize, more: &TableCopy) {
        let Ok(table) = self.table(lane) else { return };
        let copied = self.board.borrow_mut().add(lane, more);
        let mut books = self.books.borrow_mut();
        books.rows += more.rows;
        books.outlook.add(&table.source, more);
        let progress = Progress::Rows {
            table: &table.source,
            rows: copied.rows,
            of: table.rows,
            bytes: copied.bytes,
            rows_so_far: books.rows,
            rows_in_all: books.rows_in_all,
            work: books.outlook.work(),
        };
        self.observer.progress(&progress);
        books.report.tables.insert(table.source.clone(), copied);
    }

    /// Sees to it that a table has as many rows as the plan counted.
    pub(super) fn complete(&self, lane: usize) -> Result<()> {
        let table = self.table(lane)?;
        let rows = self.board.borrow().lane(lane).map_or(0, |lane| lane.copied.rows);
        self.books.borrow_mut().report.tables.entry(table.source.clone()).or_default();
        if rows == table.rows {
            return Ok(());
        }
        let detail = format!("the snapshot has {rows} rows where the plan counted {}", table.rows);
        Err(Error::new(ErrorKind::Unforeseen, format!("load {}", table.source), detail))
    }

    /// Ends each phase whose steps are all done, and begins the next. Where steps of two phases run side by side, the time
    /// counts for the earlier one until its last step is done.
    fn turn(&self) {
        let mut books = self.books.borrow_mut();
        loop {
            let current = books.left.iter().find(|(_, left)| **left > 0).map(|(phase, _)| *phase);
            match (books.phase, current) {
                (Some((phase, _)), Some(current)) if phase == current => return,
                (Some((phase, began)), _) => {
                    let (seconds, steps) = (began.elapsed().as_secs_f64(), books.of.get(&phase).copied().unwrap_or(0));
                    books.report.phases.push(PhaseTime { phase, steps, seconds });
                    books.phase = None;
                    self.observer.progress(&Progress::PhaseDone { phase, seconds });
                }
                (None, Some(phase)) => {
                    books.phase = Some((phase, Instant::now()));
                    let steps = books.left.get(&phase).copied().unwrap_or(0);
                    self.observer.progress(&Progress::Phase { phase, steps });
                    return;
                }
                (None, None) => return,
            }
        }
    }

    /// What was done.
    pub(super) fn report(self) -> CopyReport {
        self.books.into_inner().report
    }
}

fn refusal(step: &Step, message: &str) -> RefusedObject {
    let sql = match &step.action {
        Action::Run { sql, .. } => sql.clone(),
        Action::Copy { .. } | Action::Reference(_) => Vec::new(),
    };
    RefusedObject { step: step.id.clone(), object: step.object.clone(), message: message.to_owned(), sql, waived: None }
}
