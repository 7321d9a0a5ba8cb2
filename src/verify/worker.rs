//! Compares one part after the other, on a thread with a connection and a reader of its own.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{Sender, UnboundedSender};

use super::cells::Books;
use super::digest::Sum;
use super::facts::Facts;
use super::quarantine::{Expected, Quarantine};
use super::target::Target;
use super::target_rows::TargetRows;
use super::work::{Done, Gathered, Keys, Part, Taken, Unit, Work};
use super::{merge, multiset, sample, split};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Compare, ScanColumns, TablePlan};
use crate::sqlite::{RowFates, Scan, ScanOrder, SourceReader, TableFates};
use crate::value::RowFate;

/// What all threads know.
pub(super) struct Shared {
    pub(super) source: PathBuf,
    pub(super) schema: String,
    pub(super) tables: Vec<TablePlan>,
    pub(super) facts: BTreeMap<String, Facts>,
    /// What becomes of rows without a parent.
    pub(super) fates: RowFates,
    pub(super) show: usize,
    pub(super) work: Arc<Work>,
}

/// One thread's own.
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) target: Target,
    pub(super) handle: Handle,
    pub(super) expected: Sender<Expected>,
    /// Where a table goes when the last of its parts is done.
    pub(super) tables: UnboundedSender<(usize, Gathered)>,
}

impl Worker {
    /// Takes parts until there are none. What goes wrong is kept by the work.
    pub(super) fn run(&self) {
        let work = &self.shared.work;
        if let Err(error) = self.take_all() {
            work.fail(error);
        }
    }

    fn take_all(&self) -> Result<()> {
        let work = &self.shared.work;
        let reader = SourceReader::open(&self.shared.source)?;
        while let Some(unit) = work.take() {
            let taken = Taken::new(work, unit);
            let done = self.attempt(&reader, unit);
            if let Some(gathered) = taken.settle(done) {
                // Nobody listens any more where the comparison is given up.
                drop(self.tables.send((unit.table, gathered)));
            }
        }
        reader.finish()
    }

    /// A table that the server refuses to read is no reason to leave the others.
    fn attempt(&self, reader: &SourceReader, unit: Unit) -> Result<Done> {
        match self.compare(reader, unit) {
            Err(error) if error.kind() == ErrorKind::TargetRefused => {
                self.handle.block_on(self.target.begin_again())?;
                Ok(Done::Unreadable(error.detail().to_owned()))
            }
            other => other,
        }
    }

    fn compare(&self, reader: &SourceReader, unit: Unit) -> Result<Done> {
        let table = self.shared.tables.get(unit.table).ok_or_else(|| Error::bug("compare a table", "there is no such table"))?;
        let facts = self.shared.facts.get(&table.target).ok_or_else(|| Error::bug("compare a table", "nothing is known of it"))?;
        let fates = self.shared.fates.of(&table.source)?;
        let one = One { worker: self, reader, table, facts, fates, scan: table.scan_columns() };
        let quarantine = Quarantine { table: unit.table, expected: self.expected.clone() };
        let mut books = Books::new(self.shared.show, Some(quarantine));
        let mut sum = Sum::default();
        match unit.part {
            Part::Whole => one.merge(None, &mut books)?,
            Part::Keys(keys) => one.merge(Some(keys), &mut books)?,
            Part::Source(keys) => one.digest_source(keys, &mut books, &mut sum)?,
            Part::Target(pages) => {
                let mut rows = one.rows(pages.condition().as_deref(), &[])?;
                while rows.advance()? {
                    sum.add(books.digest_target(table, &rows)?);
                }
                return Ok(Done::Target(sum));
            }
            Part::Again => {
                books = Books::new(self.shared.show, None);
                one.again(&mut books)?;
            }
            Part::Count => {
                return Ok(Done::Counted(one.count_source()?, self.handle.block_on(self.target.count(&self.shared.schema, table, facts))?));
            }
            Part::Sample => sample::compare(&one, &mut books)?,
        }
        Ok(Done::Compared(Box::new(books.closed()), sum))
    }
}

/// One table, in the hands of a worker.
pub(super) struct One<'a> {
    worker: &'a Worker,
    pub(super) reader: &'a SourceReader,
    pub(super) table: &'a TablePlan,
    pub(super) facts: &'a Facts,
    pub(super) fates: TableFates,
    pub(super) scan: ScanColumns,
}

impl<'a> One<'a> {
    /// The rows of the target for which a condition holds, in the order of a key; those of reference data are marked in a
    /// field behind the columns, or left out where there is no key.
    pub(super) fn rows(&self, condition: Option<&str>, key: &[usize]) -> Result<TargetRows<'a>> {
        let worker = self.worker;
        let place = (worker.shared.schema.as_str(), self.table, self.facts);
        worker.target.rows((&worker.handle, &worker.shared.work.stop), place, condition, key)
    }

    /// The rows of reference data in the target; none where the table has none.
    fn reference_rows(&self) -> Result<Option<TargetRows<'a>>> {
        let worker = self.worker;
        let place = (worker.shared.schema.as_str(), self.table, self.facts);
        self.facts.reference.as_ref().map(|_| worker.target.reference_rows((&worker.handle, &worker.shared.work.stop), place)).transpose()
    }

    /// The field behind the columns that says whether a row is reference data, where rows come in the order of a key.
    pub(super) fn reference_field(&self) -> Option<usize> {
        self.facts.reference.as_ref().map(|_| self.table.columns.len())
    }

    /// A scan of the source's rows, of those with these rowids, as the file has them.
    pub(super) fn scan(&self, keys: Option<Keys>) -> Scan<'_> {
        let within = keys.zip(self.table.rowid.as_deref()).map(|(keys, rowid)| keys.rowids(rowid));
        let rows = self.table.rows_where.as_deref();
        Scan { table: &self.table.source, columns: &self.scan.columns, rows, within, order: ScanOrder::Storage, skip: 0 }
    }

    fn merge(&self, keys: Option<Keys>, books: &mut Books) -> Result<()> {
        let Compare::Ordered(key) = &self.table.compare else { return Err(Error::bug("compare a table", "it has no key")) };
        let columns = || key.iter().filter_map(|index| self.table.columns.get(*index));
        let names: Vec<String> = columns().map(|column| column.source.clone()).collect();
        let condition = keys.zip(columns().next()).and_then(|(keys, column)| keys.condition(&column.target));
        let rows = self.rows(condition.as_deref(), key)?;
        // In ranges of its rowids, a table stands in the order of the key already.
        let order = if split::key(self.table, self.facts).is_some() { ScanOrder::Storage } else { ScanOrder::By(&names) };
        let scan = Scan { order, ..self.scan(keys) };
        merge::compare(self.reader, &scan, (self.table, &self.fates), (key, &self.scan.key), (rows, self.reference_field()), books)
    }

    fn digest_source(&self, keys: Option<Keys>, books: &mut Books, sum: &mut Sum) -> Result<()> {
        let mut position = 0;
        self.reader.scan(&self.scan(keys), &mut |row| {
            position += 1;
            let name = || multiset::name(row, &self.scan.key, position);
            match self.fates.of(row, &self.scan.key)? {
                RowFate::HeldOut => books.held_out(self.table, row, &name)?,
                fate @ (RowFate::Kept | RowFate::Nulled(_)) => sum.add(books.digest_source(self.table, (row, &fate), &name)?),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(())
    }

    /// Says which rows differ, cell by cell where there is a key.
    fn again(&self, books: &mut Books) -> Result<()> {
        match &self.table.compare {
            Compare::Ordered(_) => self.merge(None, books),
            Compare::Multiset => {
                let scan = self.scan(None);
                multiset::compare(
                    self.reader,
                    (self.table, &self.fates),
                    &scan,
                    &self.scan.key,
                    (self.rows(None, &[])?, &|| self.reference_rows()),
                    books,
                )
            }
        }
    }

    /// How many rows of the source the target must have.
    fn count_source(&self) -> Result<u64> {
        self.count_all().map(|rows| rows.saturating_sub(self.table.held_out))
    }

    fn count_all(&self) -> Result<u64> {
        if self.table.rows_where.is_none() {
            return self.reader.count(&self.table.source);
        }
        let scan = Scan { columns: &[], ..self.scan(None) };
        self.reader.scan(&scan, &mut |_| Ok(ControlFlow::Continue(())))
    }
}
