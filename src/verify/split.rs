//! Cuts what is to be compared into parts.
//!
//! A large table whose rowids are the target's key is cut into ranges of it, which both sides read by their own index and in the same
//! order. Any other large table is digested, the source in ranges of rowids and the target in ranges of pages: neither side
//! has to sort. A small one is compared as a whole.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::level::Level;
use super::work::{Keys, Pages, Part, Unit};
use crate::budget::Budget;
use crate::catalog::RowIdentity;
use crate::error::Result;
use crate::plan::{Compare, TablePlan};
use crate::sqlite::{Rowids, SourceReader};
use crate::value::PgType;

/// Rows of a part, about.
const PART_ROWS: u64 = 50_000;

/// Parts of a table, at the most.
const PARTS: u64 = 1000;

/// Rows of a sample.
pub(super) const SAMPLE_ROWS: u64 = 1000;

/// Memory of a part without its rows: what is on its way from the server, SQLite's pages.
const PART_MEMORY: u64 = 4 * 1024 * 1024;

/// How often a row is held at a time, at the most: by SQLite, as the server sent it with room to grow, and as it was settled.
const ROWS_HELD: u64 = 3;

/// Memory that is not a part's: the program, the plan, the connections.
const OUTSIDE: u64 = 96 * 1024 * 1024;

/// The memory that parts may take together.
pub(super) fn memory(budget: Budget) -> u64 {
    budget.memory.saturating_sub(OUTSIDE).max(PART_MEMORY)
}

/// The parts of the tables, large tables first.
pub(super) fn units(reader: &SourceReader, tables: &[TablePlan], facts: &BTreeMap<String, Facts>, level: Level) -> Result<Vec<Unit>> {
    let mut order: Vec<(usize, &TablePlan)> = tables.iter().enumerate().collect();
    order.sort_by_key(|(index, table)| (std::cmp::Reverse(table.rows), *index));
    let mut units = Vec::new();
    for (index, table) in order {
        let Some(facts) = facts.get(&table.target) else { continue };
        let memory = PART_MEMORY.saturating_add(table.longest_row.saturating_mul(ROWS_HELD));
        let parts = parts(reader, table, facts, level)?;
        units.extend(parts.into_iter().enumerate().map(|(place, part)| Unit { table: index, place, part, memory }));
    }
    Ok(units)
}

fn parts(reader: &SourceReader, table: &TablePlan, facts: &Facts, level: Level) -> Result<Vec<Part>> {
    let by_key = key(table, facts).is_some();
    match level {
        Level::Counts => return Ok(vec![Part::Count]),
        Level::Sample if by_key && table.rows > SAMPLE_ROWS => return Ok(vec![Part::Sample]),
        Level::Sample | Level::Full => {}
    }
    let is_large = table.rows > PART_ROWS;
    let ranges = match &table.rowid {
        // A row that its place names has none within a range.
        Some(rowid) if is_large && table.identity != RowIdentity::Position => ranges(reader, table, rowid)?,
        Some(_) | None => Vec::new(),
    };
    match &table.compare {
        Compare::Ordered(_) if !is_large => Ok(vec![Part::Whole]),
        Compare::Ordered(_) if by_key && !ranges.is_empty() => Ok(ranges.into_iter().map(Part::Keys).collect()),
        Compare::Ordered(_) | Compare::Multiset => {
            let source: Vec<Part> = if ranges.is_empty() {
                vec![Part::Source(None)]
            } else {
                ranges.into_iter().map(|range| Part::Source(Some(range))).collect()
            };
            Ok(source.into_iter().chain(pages(table, facts).into_iter().map(Part::Target)).collect())
        }
    }
}

/// The column, by its place, that is the rowid of the source and an indexed integer without NULLs in the target.
pub(super) fn key(table: &TablePlan, facts: &Facts) -> Option<usize> {
    let Compare::Ordered(key) = &table.compare else { return None };
    let [index] = key.as_slice() else { return None };
    let column = table.columns.get(*index)?;
    let is_rowid = table.rowid.as_ref().is_some_and(|rowid| rowid.eq_ignore_ascii_case(&column.source));
    let is_integer = matches!(column.pg_type(), PgType::Bigint | PgType::Integer | PgType::Smallint) && column.values.is_none();
    let is_indexed = facts.not_null.contains(&column.target) && facts.indexed.contains(&column.target);
    (is_rowid && is_integer && is_indexed).then_some(*index)
}

/// Ranges of rowids that hold them all, whatever rows came after the plan.
fn ranges(reader: &SourceReader, table: &TablePlan, rowid: &str) -> Result<Vec<Keys>> {
    let Some((least, greatest)) = reader.rowid_bounds(&table.source, rowid)? else { return Ok(Vec::new()) };
    Ok(cut(least, greatest, table.rows.div_ceil(PART_ROWS).clamp(1, PARTS)))
}

/// Cuts the integers into so many ranges, those between the two numbers evenly.
fn cut(least: i64, greatest: i64, count: u64) -> Vec<Keys> {
    let width = (i128::from(greatest) - i128::from(least)).max(0) / i128::from(count) + 1;
    let mut ranges = Vec::new();
    let mut first = i64::MIN;
    for number in 1..i128::from(count) {
        // The first of the next range.
        let Ok(next) = i64::try_from(i128::from(least) + width * number) else { break };
        ranges.push(Keys { first, last: next - 1 });
        first = next;
    }
    ranges.push(Keys { first, last: i64::MAX });
    ranges
}

/// Ranges of pages that hold all rows of the target.
fn pages(table: &TablePlan, facts: &Facts) -> Vec<Pages> {
    let whole = Pages { from: 0, to: None };
    let count = u32::try_from(table.rows.div_ceil(PART_ROWS).clamp(1, PARTS)).unwrap_or(1);
    let width = facts.pages / count;
    if !facts.by_place || count == 1 || width == 0 {
        return vec![whole];
    }
    let to = |number: u32| if number + 1 == count { None } else { Some((number + 1) * width) };
    (0..count).map(|number| Pages { from: number * width, to: to(number) }).collect()
}

impl Keys {
    /// The same, for a scan of the source.
    pub(super) fn rowids(self, name: &str) -> Rowids<'_> {
        Rowids { name, first: self.first, last: self.last }
    }

    /// The condition for them in the target; none where all are meant.
    pub(super) fn condition(self, column: &str) -> Option<String> {
        let column = crate::catalog::quoted(column);
        let from = (self.first > i64::MIN).then(|| format!("{column} >= {}", self.first));
        let to = (self.last < i64::MAX).then(|| format!("{column} <= {}", self.last));
        let both: Vec<String> = from.into_iter().chain(to).collect();
        (!both.is_empty()).then(|| both.join(" and "))
    }
}

impl Pages {
    /// The condition for them; none where all are meant.
    pub(super) fn condition(self) -> Option<String> {
        let from = (self.from > 0).then(|| format!("ctid >= '({},0)'::tid", self.from));
        let to = self.to.map(|to| format!("ctid < '({to},0)'::tid"));
        let both: Vec<String> = from.into_iter().chain(to).collect();
        (!both.is_empty()).then(|| both.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_every_integer_once() {
        for (least, greatest, count) in
            [(1, 1_000_000, 10), (-5, 5, 3), (7, 7, 4), (i64::MIN, i64::MAX, 7), (i64::MAX, i64::MAX, 2), (3, 1, 1)]
        {
            let ranges = cut(least, greatest, count);
            assert_eq!(ranges[0].first, i64::MIN);
            assert_eq!(ranges[ranges.len() - 1].last, i64::MAX);
            for pair in ranges.windows(2) {
                assert_eq!(pair[0].last.checked_add(1), Some(pair[1].first), "{least} to {greatest} in {count}");
            }
        }
        assert_eq!(cut(1, 1_000_000, 10).len(), 10);
        assert_eq!(cut(1, 1_000_000, 10)[3], Keys { first: 300_001, last: 400_000 });
    }

    #[test]
    fn conditions_leave_open_ends_open() {
        let all = Keys { first: i64::MIN, last: i64::MAX };
        assert_eq!(all.condition("id"), None);
        assert_eq!(Keys { first: -3, ..all }.condition("id").as_deref(), Some("\"id\" >= -3"));
        assert_eq!(Keys { first: 1, last: 2 }.condition("a\"b").as_deref(), Some("\"a\"\"b\" >= 1 and \"a\"\"b\" <= 2"));
        assert_eq!(Pages { from: 0, to: None }.condition(), None);
        assert_eq!(Pages { from: 8, to: None }.condition().as_deref(), Some("ctid >= '(8,0)'::tid"));
        assert_eq!(Pages { from: 0, to: Some(8) }.condition().as_deref(), Some("ctid < '(8,0)'::tid"));
    }
}
