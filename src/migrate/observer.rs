//! Who is told what happens.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::copy;
use crate::plan::{Plan, TablePlan};
use crate::report::PhaseReport;

/// What happens.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Something that the operator should know: a sentence.
    Said(&'a str),
    /// A phase begins.
    Begins(&'a str),
    /// Part of a phase is done: so much, of so much where that is known, of which unit.
    Advanced {
        /// Done so far.
        done: u64,
        /// In all.
        of: u64,
        /// `bytes`, `rows`, `tables`.
        unit: &'static str,
        /// The work that is done, and all that there is, in a unit that takes about the same time; none where nobody knows: then nothing
        /// is said of when it will end.
        work: Option<(u64, u64)>,
        /// What is worked on.
        at: &'a str,
    },
    /// The load advances.
    Copy(&'a copy::Progress<'a>),
    /// A phase has ended.
    Ended(&'a PhaseReport),
}

/// Is told what happens. Must return at once.
pub trait Observer: Send + Sync {
    /// Is told.
    fn event(&self, event: Event<'_>);
}

/// The observer of the load, made of one of the whole road.
pub(super) struct OfCopy<'a>(pub(super) &'a dyn Observer);

impl copy::Observer for OfCopy<'_> {
    fn progress(&self, progress: &copy::Progress<'_>) {
        self.0.event(Event::Copy(progress));
    }
}

/// How far a comparison is: tables by number, and by how much there is in them.
#[derive(Debug)]
pub struct Compared<'p> {
    plan: &'p Plan,
    tables: AtomicU64,
    work: AtomicU64,
    work_in_all: u64,
}

impl<'p> Compared<'p> {
    /// Of a plan of which no table is compared.
    pub fn of(plan: &'p Plan) -> Self {
        let work_in_all = plan.tables.iter().map(Self::work_of).fold(0, u64::saturating_add);
        Self { plan, tables: AtomicU64::new(0), work: AtomicU64::new(0), work_in_all }
    }

    /// Each cell is looked at, and its bytes; no more is known of these than how many the longest row has.
    fn work_of(table: &TablePlan) -> u64 {
        let cells = u64::try_from(table.columns.len()).unwrap_or(u64::MAX);
        table.rows.saturating_mul(cells.saturating_mul(16).saturating_add(table.longest_row / 2))
    }

    /// One more table is compared.
    pub fn by<'e>(&self, table: &'e str) -> Event<'e> {
        let done = self.tables.fetch_add(1, Ordering::Relaxed) + 1;
        let more = self.plan.table(table).map_or(0, Self::work_of);
        let work = self.work.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        let of = u64::try_from(self.plan.tables.len()).unwrap_or(u64::MAX);
        Event::Advanced { done, of, unit: "tables", work: Some((work, self.work_in_all)), at: table }
    }
}
