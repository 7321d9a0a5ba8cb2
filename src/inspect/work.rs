//! The inspection as pieces of work that don't wait for each other, and the readers that do them.
//!
//! What comes out does not depend on how many there are, nor on who is first: the results stand in the order of the work.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use super::orphans::Found;
use super::table::Part;
use super::{checks, orphans, table};
use crate::budget::Budget;
use crate::catalog::{SourceCatalog, Table};
use crate::error::{Error, Result};
use crate::sqlite::{Rowids, SourceReader};
use crate::value::BrokenCheck;

/// The part of the memory that all readers together keep pages of the file in; the rest is for cells and profiles.
const PAGES_SHARE: u64 = 4;
/// What is known of a column takes about so much, with what is then planned for it; it only counts where there are thousands.
const COLUMN_BYTES: u64 = 4 * 1024;
/// What SQLite keeps unless it is told otherwise, in bytes.
const LEAST_PAGES: u64 = 2_000 * 1024;

/// A piece of work.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task<'a> {
    /// The file's integrity.
    Integrity,
    /// The foreign keys of a table.
    ForeignKeys(&'a Table),
    /// The CHECK constraints of a table.
    Checks(&'a Table),
    /// The rows of the table at this place of the catalog, or those between two rowids; and whether they are its first.
    Rows { place: usize, table: &'a Table, within: Option<Rowids<'a>>, first: bool },
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Done {
    Integrity(Vec<String>),
    ForeignKeys(Found),
    Checks(Vec<BrokenCheck>),
    Rows(usize, Part),
}

/// What is told meanwhile.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told<'a> {
    Begun(Task<'a>),
    Read { place: usize, rows: u64, cells: u64 },
}

/// Does all of it, and gives the results in its order; with one job by this reader, with more by as many of the same file.
pub(super) fn carry_out<'a>(
    reader: &SourceReader,
    catalog: &SourceCatalog,
    tasks: &[Task<'a>],
    budget: Budget,
    tell: &mut dyn FnMut(Told<'a>),
) -> Result<Vec<Done>> {
    let jobs = budget.jobs.get();
    let columns: usize = catalog.tables.iter().map(|table| table.columns.len()).sum();
    let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let free = budget.memory.saturating_sub(number(columns).saturating_mul(COLUMN_BYTES));
    let pages = (free / PAGES_SHARE / number(jobs)).max(LEAST_PAGES);
    if jobs == 1 {
        reader.keep_pages(pages)?;
        return tasks.iter().map(|task| task.carry_out(reader, catalog, tell)).collect();
    }
    let queue = Queue { tasks, next: AtomicUsize::new(0), failed: AtomicBool::new(false), done: Mutex::default() };
    let (sender, receiver) = mpsc::channel();
    let path = reader.path();
    thread::scope(|scope| {
        for _ in 0..jobs.min(tasks.len()) {
            let (queue, sender) = (&queue, sender.clone());
            // Who is told may be gone only when nobody is interested any more.
            scope.spawn(move || {
                queue.work(path, pages, catalog, &mut |told| {
                    sender.send(told).ok();
                });
            });
        }
        drop(sender);
        for told in receiver {
            tell(told);
        }
    });
    queue.results()
}

/// Results, by the number of their task; those of no task come last.
type Results = Vec<(usize, Result<Done>)>;

struct Queue<'q, 'a> {
    tasks: &'q [Task<'a>],
    next: AtomicUsize,
    failed: AtomicBool,
    done: Mutex<Results>,
}

impl<'a> Queue<'_, 'a> {
    fn work(&self, path: &Path, pages: u64, catalog: &SourceCatalog, tell: &mut dyn FnMut(Told<'a>)) {
        let worked = SourceReader::open(path).and_then(|reader| {
            reader.keep_pages(pages)?;
            while !self.failed.load(Ordering::Relaxed) {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let Some(task) = self.tasks.get(number) else { break };
                self.keep(number, task.carry_out(&reader, catalog, tell));
            }
            reader.finish()
        });
        if let Err(error) = worked {
            self.keep(self.tasks.len(), Err(error));
        }
    }

    fn keep(&self, number: usize, result: Result<Done>) {
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
    }

    fn results(self) -> Result<Vec<Done>> {
        let mut done = self.done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(number, _)| *number);
        let results = done.into_iter().map(|(_, result)| result).collect::<Result<Vec<Done>>>()?;
        if results.len() == self.tasks.len() {
            Ok(results)
        } else {
            Err(Error::bug("inspect the source", "a piece of the work was not done"))
        }
    }
}

impl<'a> Task<'a> {
    fn carry_out(self, reader: &SourceReader, catalog: &SourceCatalog, tell: &mut dyn FnMut(Told<'a>)) -> Result<Done> {
        tell(Told::Begun(self));
        match self {
            Self::Integrity => Ok(Done::Integrity(reader.integrity(true)?)),
            Self::ForeignKeys(table) => Ok(Done::ForeignKeys(orphans::find(reader, catalog, table)?)),
            Self::Checks(table) => Ok(Done::Checks(checks::find(reader, table)?)),
            Self::Rows { place, table, within, first: _ } => {
                let mut read = |rows, cells| tell(Told::Read { place, rows, cells });
                let part = match table::part(reader, table, within, catalog.file.encoding, &mut read) {
                    // What its module can't read stops the move at the gate `unreadable`, not the inspection of all else.
                    Err(error) if catalog.virtual_table(&table.name).is_some() => table::unread(table, error)?,
                    read => read?,
                };
                Ok(Done::Rows(place, part))
            }
        }
    }
}
