//! The profile of a whole source.

use std::num::NonZeroUsize;

use super::table::Part;
use super::work::{self, Done, Task, Told};
use super::{checks, table};
use crate::budget::Budget;
use crate::catalog::{SourceCatalog, Table};
use crate::error::Result;
use crate::sqlite::{Rowids, SourceReader};
use crate::value::SourceProfile;

/// How far an inspection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InspectProgress<'a> {
    /// The file's integrity is being checked.
    Integrity,
    /// A table is begun.
    Table {
        /// Its name.
        name: &'a str,
        /// Its place among the tables, from 1.
        number: usize,
        /// How many tables there are.
        of: usize,
    },
    /// Rows of the table at hand that were read so far.
    Rows {
        /// The table.
        table: &'a str,
        /// How many.
        rows: u64,
        /// How many cells they have.
        cells: u64,
    },
    /// The CHECK constraints of a table are being evaluated.
    Checks {
        /// The table.
        table: &'a str,
    },
    /// The foreign keys of a table are being checked.
    ForeignKeys {
        /// The table.
        table: &'a str,
    },
}

/// The fewest rowids that are worth a reader's while; a table of fewer is read as a whole.
const ROWIDS_PER_PART: u64 = 65_536;
/// The most parts of a table: enough for several readers to end at about the same time.
const MOST_PARTS: u64 = 64;

/// Reads every cell of the source's tables, and checks the file's integrity, its CHECK constraints and its foreign keys.
///
/// With more than one job, as many readers of their own share the work: nobody may write to the file meanwhile, so it has to be a snapshot.
/// The profile is the same whatever their number.
pub fn profile(
    reader: &SourceReader,
    catalog: &SourceCatalog,
    budget: Budget,
    progress: &mut dyn FnMut(InspectProgress<'_>),
) -> Result<SourceProfile> {
    let tasks = tasks(reader, catalog, budget.jobs);
    let mut read = vec![(0, 0); catalog.tables.len()];
    let done = work::carry_out(reader, catalog, &tasks, budget, &mut |told| match told {
        Told::Begun(Task::Integrity) => progress(InspectProgress::Integrity),
        Told::Begun(Task::ForeignKeys(table)) => progress(InspectProgress::ForeignKeys { table: &table.name }),
        Told::Begun(Task::Checks(table)) => progress(InspectProgress::Checks { table: &table.name }),
        Told::Begun(Task::Rows { place, table, first, .. }) => {
            if first {
                progress(InspectProgress::Table { name: &table.name, number: place + 1, of: catalog.tables.len() });
            }
        }
        Told::Read { place, rows, cells } => {
            if let (Some(table), Some(sum)) = (catalog.tables.get(place), read.get_mut(place)) {
                *sum = (sum.0 + rows, sum.1 + cells);
                progress(InspectProgress::Rows { table: &table.name, rows: sum.0, cells: sum.1 });
            }
        }
    })?;
    let mut profile = joined(catalog, done);
    count_left_out(reader, catalog, &mut profile)?;
    Ok(profile)
}

/// What can't be divided comes first, so that nobody has to wait for it in the end.
fn tasks<'a>(reader: &SourceReader, catalog: &'a SourceCatalog, jobs: NonZeroUsize) -> Vec<Task<'a>> {
    let mut tasks = vec![Task::Integrity];
    tasks.extend(catalog.tables.iter().filter(|table| !table.foreign_keys.is_empty()).map(Task::ForeignKeys));
    tasks.extend(catalog.tables.iter().filter(|table| checks::has_some(table)).map(Task::Checks));
    for (place, table) in catalog.tables.iter().enumerate() {
        let parts = if jobs.get() > 1 && catalog.virtual_table(&table.name).is_none() { divided(reader, table) } else { Vec::new() };
        if parts.is_empty() {
            tasks.push(Task::Rows { place, table, within: None, first: true });
        }
        tasks.extend(parts.into_iter().enumerate().map(|(number, part)| Task::Rows {
            place,
            table,
            within: Some(part),
            first: number == 0,
        }));
    }
    tasks
}

/// Ranges of rowids that together hold all rows of a table, in order; none where it is to be read as a whole.
fn divided<'a>(reader: &SourceReader, table: &'a Table) -> Vec<Rowids<'a>> {
    // What can't be read is said when the table is.
    let ends = table::divided_by(table).and_then(|name| Some((name, reader.rowid_bounds(&table.name, name).ok()??)));
    let Some((name, (first, last))) = ends else { return Vec::new() };
    ranges(first, last).into_iter().map(|(first, last)| Rowids { name, first, last }).collect()
}

/// Divides from `first` to `last` into ranges of about the same width; gives none where that is not worth while.
fn ranges(first: i64, last: i64) -> Vec<(i64, i64)> {
    let parts = (last.abs_diff(first) / ROWIDS_PER_PART).min(MOST_PARTS);
    if parts < 2 {
        return Vec::new();
    }
    let width = last.abs_diff(first) / parts + 1;
    let begin = |part: u64| first.checked_add_unsigned(part.checked_mul(width)?).filter(|begin| *begin <= last);
    let end = |part: u64| begin(part + 1).map_or(last, |next| next - 1);
    (0..parts).filter_map(|part| Some((begin(part)?, end(part)))).collect()
}

/// Puts together what the readers found.
fn joined(catalog: &SourceCatalog, done: Vec<Done>) -> SourceProfile {
    let mut profile = SourceProfile::default();
    let mut tables: Vec<Option<Part>> = catalog.tables.iter().map(|_| None).collect();
    for done in done {
        match done {
            Done::Integrity(problems) => profile.integrity = problems,
            Done::ForeignKeys(found) => {
                profile.orphans.extend(found.orphans);
                profile.foreign_key_problems.extend(found.problems);
            }
            Done::Checks(broken) => profile.broken_checks.extend(broken),
            Done::Rows(place, part) => match tables.get_mut(place) {
                Some(Some(table)) => table.append(part),
                Some(table) => *table = Some(part),
                None => {}
            },
        }
    }
    let tables = catalog.tables.iter().zip(tables);
    profile.tables = tables.filter_map(|(table, part)| Some((table.name.clone(), part?.end()))).collect();
    profile
}

/// Counts the rows that are not moved; the next key must be above theirs, too.
fn count_left_out(reader: &SourceReader, catalog: &SourceCatalog, profile: &mut SourceProfile) -> Result<()> {
    for name in &catalog.left_out {
        profile.left_out.insert(name.clone(), reader.count(name)?);
    }
    for table in catalog.tables.iter().filter(|table| table.rows.is_some()) {
        let Some(moved) = profile.tables.get_mut(&table.name) else { continue };
        profile.left_out.insert(table.name.clone(), reader.count(&table.name)?.saturating_sub(moved.rows));
        if let Some(alias) = table.rowid_alias() {
            moved.max_rowid = reader.rowid_bounds(&table.name, alias)?.map(|(_, greatest)| greatest);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_every_rowid_once() {
        let part = i64::try_from(ROWIDS_PER_PART).unwrap();
        for (first, last) in
            [(1, 2 * part + 1), (-part, 7 * part), (0, 1_000 * part + 3), (i64::MIN, i64::MAX), (i64::MAX - 9 * part, i64::MAX)]
        {
            let ranges = ranges(first, last);
            assert!(ranges.len() > 1, "{first} to {last}");
            assert_eq!((ranges.first().unwrap().0, ranges.last().unwrap().1), (first, last));
            assert!(ranges.windows(2).all(|pair| pair[0].1.checked_add(1) == Some(pair[1].0)), "{first} to {last}");
        }
        assert_eq!((ranges(5, 5), ranges(1, part)), (vec![], vec![]));
    }
}
