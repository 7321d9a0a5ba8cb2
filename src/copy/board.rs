//! What is to be done next, and by whom.
//!
//! The steps of a plan come in stages: those that work on one table each form a stage together and run side by side, a
//! lane for each table; any other step is done alone, before all that stand behind it. Pure: knows no server and no file.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::TableCopy;
use super::blocks::{Blocks, Span};
use super::worker::is_outside;
use crate::plan::{Action, Plan, Step, TablePlan};

/// A table whose rows take no more bytes than this is done in one go, in a transaction with others of its kind.
const SMALL_BYTES: u64 = 8 * 1024 * 1024;

/// The most tables that are done in one transaction.
const MOST_AT_ONCE: usize = 32;

/// Memory that a worker takes whatever it reads, and how often a row may be in memory at the same time.
const WORKER_BYTES: u64 = 4 * 1024 * 1024;
const ROW_COPIES: u64 = 3;

/// Steps that are done one after the other, or side by side.
#[derive(Debug)]
pub(super) enum Stage<'p> {
    /// One after the other.
    Alone(Vec<&'p Step>),
    /// By table.
    BySide(Vec<&'p Step>),
    /// The rows of one table, in one go and with nothing beside it: foreign keys that stay in place look at their order.
    Rows(&'p Step),
}

/// The stages of a plan, in order.
pub(super) fn stages<'p>(steps: impl Iterator<Item = &'p Step>) -> Vec<Stage<'p>> {
    let mut stages: Vec<Stage<'p>> = Vec::new();
    for step in steps {
        if step.table.is_none() && matches!(step.action, Action::Copy { .. }) {
            stages.push(Stage::Rows(step));
            continue;
        }
        match (stages.last_mut(), &step.table) {
            (Some(Stage::Alone(steps)), None) | (Some(Stage::BySide(steps)), Some(_)) => steps.push(step),
            (_, None) => stages.push(Stage::Alone(vec![step])),
            (_, Some(_)) => stages.push(Stage::BySide(vec![step])),
        }
    }
    stages
}

/// A piece of work for one worker.
#[derive(Debug)]
pub(super) enum Job<'p> {
    /// A step of a table that nobody else works on.
    Step { lane: usize, step: &'p Step },
    /// Some of a table's rows.
    Block { lane: usize, step: &'p Step, span: Span },
    /// The end of a table's load: everything of it is in.
    Loaded { lane: usize, step: &'p Step },
    /// All steps of some small tables.
    Whole { lanes: Vec<usize> },
}

/// What a worker is told.
#[derive(Debug)]
pub(super) enum Next<'p> {
    Job(Job<'p>),
    /// Others must end something first.
    Wait,
    /// The stage is over.
    Over,
}

/// The steps of one table.
#[derive(Debug)]
pub(super) struct Lane<'p> {
    pub(super) table: Arc<TablePlan>,
    pub(super) steps: VecDeque<&'p Step>,
    /// Rows that nobody has taken; none where no load is left to do.
    pub(super) blocks: Option<Blocks>,
    pub(super) copied: TableCopy,
    /// Whether its rows take the place of others, which the first chunk deletes.
    pub(super) clears: bool,
    small: bool,
    workers: usize,
}

impl<'p> Lane<'p> {
    pub(super) fn of(plan: &'p Plan, table: &'p TablePlan, steps: VecDeque<&'p Step>, blocks: Option<Blocks>, copied: TableCopy) -> Self {
        let clears = plan.existing.as_ref().is_some_and(|existing| existing.replaced.contains_key(&table.source)) && copied.rows == 0;
        let bytes = table.rows.saturating_mul(table.longest_row.saturating_add(8 * u64::try_from(table.columns.len()).unwrap_or(0)));
        let small = bytes <= SMALL_BYTES && !clears && copied.rows == 0 && !steps.iter().any(|step| is_outside(step));
        Self { table: Arc::new(table.clone()), steps, blocks, copied, clears, small, workers: 0 }
    }

    /// Memory that a worker needs for it.
    fn need(&self) -> u64 {
        self.table.longest_row.saturating_mul(ROW_COPIES).saturating_add(WORKER_BYTES)
    }

    /// How much work it is, as far as one can tell.
    fn weight(&self) -> u64 {
        self.table.rows.saturating_mul(self.table.longest_row.clamp(1, 4096))
    }
}

/// The lanes of a stage.
#[derive(Debug)]
pub(super) struct Board<'p> {
    /// The heaviest first.
    lanes: Vec<Lane<'p>>,
    workers: usize,
    memory: u64,
    taken: u64,
}

impl<'p> Board<'p> {
    pub(super) fn new(mut lanes: Vec<Lane<'p>>, workers: usize, memory: u64) -> Self {
        lanes.sort_by(|a, b| b.weight().cmp(&a.weight()).then_with(|| a.table.source.cmp(&b.table.source)));
        Self { lanes, workers, memory, taken: 0 }
    }

    pub(super) fn lane(&self, number: usize) -> Option<&Lane<'p>> {
        self.lanes.get(number)
    }

    /// How many workers find something to do at the same time.
    pub(super) fn useful_workers(&self) -> usize {
        let lanes = self.lanes.iter().filter(|lane| !lane.steps.is_empty());
        let parts = lanes.map(|lane| match &lane.blocks {
            Some(blocks) if !lane.small => blocks.parts(),
            Some(_) | None => 1,
        });
        let small = self.lanes.iter().filter(|lane| lane.small).count();
        parts.sum::<usize>().saturating_sub(small - small.div_ceil(4))
    }

    /// What a worker that is free does next. Keys of loaded tables come before further rows, large tables before small ones.
    pub(super) fn next(&mut self) -> Next<'p> {
        self.step().or_else(|| self.block()).or_else(|| self.whole()).map_or_else(
            || if self.lanes.iter().all(|lane| lane.steps.is_empty() && lane.workers == 0) { Next::Over } else { Next::Wait },
            Next::Job,
        )
    }

    fn step(&mut self) -> Option<Job<'p>> {
        for (number, lane) in self.lanes.iter_mut().enumerate().filter(|(_, lane)| !lane.small && lane.workers == 0) {
            let Some(step) = lane.steps.front().copied() else { continue };
            match (&step.action, &lane.blocks) {
                (Action::Copy { .. }, Some(blocks)) if !blocks.is_empty() => {}
                (Action::Copy { .. }, _) => {
                    lane.workers = 1;
                    return Some(Job::Loaded { lane: number, step });
                }
                (Action::Run { .. } | Action::Reference(_), _) => {
                    lane.workers = 1;
                    return Some(Job::Step { lane: number, step });
                }
            }
        }
        None
    }

    fn block(&mut self) -> Option<Job<'p>> {
        let (idle, workers) = (self.taken == 0, self.workers);
        let free = self.memory.saturating_sub(self.taken);
        for (number, lane) in self.lanes.iter_mut().enumerate().filter(|(_, lane)| !lane.small) {
            let Some(step) = lane.steps.front().copied().filter(|step| matches!(step.action, Action::Copy { .. })) else { continue };
            let need = lane.need();
            // Whoever deletes what was there before must be alone; and one row at the least must find room.
            if lane.clears && lane.workers > 0 || need > free && !idle {
                continue;
            }
            if let Some(span) = lane.blocks.as_mut().and_then(|blocks| blocks.claim(workers)) {
                lane.workers += 1;
                self.taken += need;
                return Some(Job::Block { lane: number, step, span });
            }
        }
        None
    }

    fn whole(&mut self) -> Option<Job<'p>> {
        let open = |lane: &Lane<'_>| lane.small && lane.workers == 0 && !lane.steps.is_empty();
        let count = self.lanes.iter().filter(|lane| open(lane)).count();
        // Enough in each to save round trips, and few enough for all workers to end together.
        let most = count.div_ceil(self.workers * 2).clamp(1, MOST_AT_ONCE);
        let mut lanes = Vec::new();
        let mut bytes = 0_u64;
        for (number, lane) in self.lanes.iter_mut().enumerate().filter(|(_, lane)| open(lane)) {
            let more = lane.table.rows.saturating_mul(lane.table.longest_row);
            if lanes.len() == most || !lanes.is_empty() && bytes.saturating_add(more) > 2 * SMALL_BYTES {
                break;
            }
            bytes = bytes.saturating_add(more);
            lane.workers = 1;
            lanes.push(number);
        }
        (!lanes.is_empty()).then_some(Job::Whole { lanes })
    }

    /// A block is done: so many rows of this span are in, and the rest was not read.
    pub(super) fn block_done(&mut self, number: usize, read: Span, rows: u64, rest: Option<Span>) {
        if let Some(lane) = self.lanes.get_mut(number) {
            lane.workers = lane.workers.saturating_sub(1);
            self.taken = self.taken.saturating_sub(lane.need());
            if let Some(blocks) = &mut lane.blocks {
                blocks.settle(read, rows, rest);
            }
        }
    }

    /// A chunk is in; gives what is in of the table by now.
    pub(super) fn add(&mut self, number: usize, more: &TableCopy) -> TableCopy {
        self.lanes.get_mut(number).map_or_else(TableCopy::default, |lane| {
            lane.copied.add(more);
            lane.clears = false;
            lane.copied.clone()
        })
    }

    /// The first step of a lane is done.
    pub(super) fn step_done(&mut self, number: usize) {
        if let Some(lane) = self.lanes.get_mut(number) {
            lane.steps.pop_front();
            lane.workers = lane.workers.saturating_sub(1);
        }
    }

    /// All steps of these lanes are done.
    pub(super) fn whole_done(&mut self, numbers: &[usize]) {
        for number in numbers {
            if let Some(lane) = self.lanes.get_mut(*number) {
                lane.steps.clear();
                lane.workers = 0;
            }
        }
    }

    /// These lanes could not be done in one go: their steps are done one by one.
    pub(super) fn take_apart(&mut self, numbers: &[usize]) {
        for number in numbers {
            if let Some(lane) = self.lanes.get_mut(*number) {
                lane.small = false;
                lane.workers = 0;
            }
        }
    }
}

/// The lanes of a stage: for each table its steps that are not done, in order.
pub(super) fn by_table<'p>(steps: impl Iterator<Item = &'p Step>) -> BTreeMap<&'p str, VecDeque<&'p Step>> {
    let mut lanes: BTreeMap<&str, VecDeque<&Step>> = BTreeMap::new();
    for step in steps {
        let table = match &step.action {
            Action::Copy { table } => Some(table),
            Action::Run { .. } | Action::Reference(_) => step.table.as_ref(),
        };
        if let Some(table) = table {
            lanes.entry(table.as_str()).or_default().push_back(step);
        }
    }
    lanes
}
