//! What there is to compare, in parts, and who takes which part when.
//!
//! A part is taken only where the rows that it holds in memory at the same time fit beside those of the parts that are being
//! compared; the one that fits nowhere is compared alone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::cells::Books;
use super::digest::Sum;
use super::target_rows::given_up;
use crate::error::{Error, Result};

/// A part of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All rows of both sides, in the order of the key.
    Whole,
    /// The rows of both sides whose keys are in this range.
    Keys(Keys),
    /// The digests of the source's rows whose rowids are in this range; of all of them without one.
    Source(Option<Keys>),
    /// The digests of the target's rows on these pages.
    Target(Pages),
    /// All rows of both sides once more, because their digests differ: says which.
    Again,
    /// How many rows there are.
    Count,
    /// Some rows of both sides, by their keys.
    Sample,
}

/// A range of integers, both ends included. The ends of `i64` are open ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Keys {
    pub(super) first: i64,
    pub(super) last: i64,
}

/// Pages of a table of the target; without an end, all behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pages {
    pub(super) from: u32,
    pub(super) to: Option<u32>,
}

/// A part that is to be compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// The table, by its place in the list.
    pub(super) table: usize,
    /// Its place among the table's parts, for the order of what is shown.
    pub(super) place: usize,
    pub(super) part: Part,
    /// The memory that its rows take.
    pub(super) memory: u64,
}

/// What came of a part.
#[derive(Debug)]
pub(super) enum Done {
    /// The cells were compared; where the source's rows were digested, their sum.
    Compared(Box<Books>, Sum),
    /// The target's rows were digested.
    Target(Sum),
    /// Both sides were counted: the source, the target.
    Counted(u64, u64),
    /// The server refused to read the table; why.
    Unreadable(String),
}

/// All that came of a table's parts.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    waiting: usize,
    /// By their places.
    pub(super) books: BTreeMap<usize, Books>,
    pub(super) source: Sum,
    pub(super) target: Sum,
    pub(super) counted: Option<(u64, u64)>,
    pub(super) unreadable: Option<String>,
    /// Whether the digests differed, and the rows were compared once more.
    pub(super) again: bool,
    /// Whether only some rows were compared.
    pub(super) sampled: bool,
}

impl Gathered {
    /// Whether not all cells were looked at.
    pub(super) fn is_partial(&self) -> bool {
        self.sampled || self.counted.is_some() || self.unreadable.is_some()
    }
}

#[derive(Debug)]
struct State {
    waiting: VecDeque<Unit>,
    free: u64,
    taken: usize,
    tables: BTreeMap<usize, Gathered>,
    failed: Option<Error>,
}

/// The parts that wait, and what came of the others.
#[derive(Debug)]
pub(super) struct Work {
    state: Mutex<State>,
    changed: Condvar,
    /// Set when nothing is to be compared any more.
    pub(super) stop: AtomicBool,
}

impl Work {
    /// These parts, within this memory.
    pub(super) fn new(units: Vec<Unit>, memory: u64) -> Self {
        let mut tables: BTreeMap<usize, Gathered> = BTreeMap::new();
        for unit in &units {
            tables.entry(unit.table).or_default().waiting += 1;
        }
        let waiting = units.into_iter().map(|unit| Unit { memory: unit.memory.min(memory), ..unit }).collect();
        Self {
            state: Mutex::new(State { waiting, free: memory, taken: 0, tables, failed: None }),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
        }
    }

    /// Waits for a part that fits; none when all are done, or when the comparison is given up.
    pub(super) fn take(&self) -> Option<Unit> {
        let mut state = self.lock();
        loop {
            if state.failed.is_some() {
                return None;
            }
            let free = state.free;
            if let Some(place) = state.waiting.iter().position(|unit| unit.memory <= free) {
                let unit = state.waiting.remove(place)?;
                state.free -= unit.memory;
                state.taken += 1;
                return Some(unit);
            }
            if state.waiting.is_empty() && state.taken == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes what came of a part. Gives all that came of the table where this was the last.
    pub(super) fn settle(&self, unit: Unit, result: Result<Done>) -> Option<Gathered> {
        let mut state = self.lock();
        state.free += unit.memory;
        state.taken -= 1;
        let gathered = match result {
            Err(error) => {
                self.give_up(&mut state, error);
                None
            }
            Ok(done) => state.gather(unit, done),
        };
        drop(state);
        self.changed.notify_all();
        gathered
    }

    /// Ends the comparison; the first error is the one that is told.
    pub(super) fn fail(&self, error: Error) {
        self.give_up(&mut self.lock(), error);
        self.changed.notify_all();
    }

    /// Why the comparison was given up, if it was.
    pub(super) fn failure(&self) -> Option<Error> {
        self.lock().failed.take()
    }

    fn give_up(&self, state: &mut State, error: Error) {
        self.stop.store(true, Ordering::Relaxed);
        state.waiting.clear();
        state.failed.get_or_insert(error);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn gather(&mut self, unit: Unit, done: Done) -> Option<Gathered> {
        let gathered = self.tables.get_mut(&unit.table)?;
        gathered.waiting -= 1;
        gathered.sampled |= unit.part == Part::Sample;
        match done {
            Done::Compared(books, sum) => {
                gathered.source.merge(sum);
                drop(gathered.books.insert(unit.place, *books));
            }
            Done::Target(sum) => gathered.target.merge(sum),
            Done::Counted(source, target) => gathered.counted = Some((source, target)),
            Done::Unreadable(why) => drop(gathered.unreadable.get_or_insert(why)),
        }
        if gathered.waiting > 0 {
            return None;
        }
        if gathered.source != gathered.target && !gathered.again && gathered.unreadable.is_none() {
            gathered.again = true;
            gathered.waiting = 1;
            gathered.books.clear();
            self.waiting.push_front(Unit { part: Part::Again, ..unit });
            return None;
        }
        self.tables.remove(&unit.table)
    }
}

/// A part in somebody's hands: whoever drops it without having settled it has panicked, and nobody must wait for it.
pub(super) struct Taken<'a> {
    work: &'a Work,
    unit: Option<Unit>,
}

impl<'a> Taken<'a> {
    pub(super) fn new(work: &'a Work, unit: Unit) -> Self {
        Self { work, unit: Some(unit) }
    }

    pub(super) fn settle(mut self, result: Result<Done>) -> Option<Gathered> {
        self.unit.take().and_then(|unit| self.work.settle(unit, result))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(unit) = self.unit.take() {
            self.work.settle(unit, Err(Error::bug("compare a table", "a thread ended in a panic")));
        }
    }
}

/// Ends the work of the threads when whoever waits for them is gone.
pub(super) struct EndsWork(pub(super) std::sync::Arc<Work>);

impl Drop for EndsWork {
    fn drop(&mut self) {
        self.0.fail(given_up());
    }
}
