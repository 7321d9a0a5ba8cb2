//! How much of a load is done and how much is left, in a unit that takes about the same time whatever the table.
//!
//! Rows of one table are wide and those of another narrow, so that neither counting tables nor counting rows tells how long it will
//! take. Bytes do, with so many for each row on top. Before a table's first rows are in, what a row of it takes is guessed from its
//! longest, as the tables before had it. Pure: knows no clock.

use std::collections::BTreeMap;

use super::TableCopy;
use crate::plan::TablePlan;

/// What the server's and our own work on a row costs beside its bytes, in bytes: estimated from loads of rows of 26 bytes and of 33,000.
const ROW_BYTES: u64 = 48;

/// What is known of one table.
#[derive(Debug)]
struct Ahead {
    /// Rows that are not in.
    left: u64,
    longest: u64,
    copied: (u64, u64),
}

impl Ahead {
    /// The work that is left of it, as its own rows have it; none of it where none are in.
    fn known(&self) -> u64 {
        let (rows, bytes) = self.copied;
        bytes.checked_div(rows).map_or(0, |of_row| self.left.saturating_mul(of_row + ROW_BYTES))
    }

    /// The bytes that are left of it at the most, where none of its rows are in.
    fn most(&self) -> u64 {
        if self.copied.0 == 0 { self.left.saturating_mul(self.longest) } else { 0 }
    }
}

/// The outlook of a load.
#[derive(Debug, Default)]
pub(super) struct Outlook {
    tables: BTreeMap<String, Ahead>,
    /// Work done by this run.
    done: u64,
    /// Work left of tables of which rows are in.
    known: u64,
    /// Rows of the others, and the bytes that these have at the most.
    untouched: (u64, u64),
    /// Bytes of all rows that are in, and those that they would have if all were as long as the longest.
    seen: (u64, u64),
}

impl Outlook {
    /// Of these tables, of which nothing is in.
    pub(super) fn of<'a>(tables: impl Iterator<Item = &'a TablePlan>) -> Self {
        let mut outlook = Self::default();
        for table in tables {
            outlook.expect(&table.source, table.rows, table.longest_row);
        }
        outlook
    }

    fn expect(&mut self, table: &str, rows: u64, longest: u64) {
        let ahead = Ahead { left: rows, longest, copied: (0, 0) };
        self.untouched = (self.untouched.0.saturating_add(rows), self.untouched.1.saturating_add(ahead.most()));
        self.tables.insert(table.to_owned(), ahead);
    }

    /// Learns what an earlier run has loaded of a table: nothing that this one does, but it says how wide the rows are.
    pub(super) fn found(&mut self, table: &str, copied: &TableCopy) {
        let done = self.done;
        self.add(table, copied);
        self.done = done;
    }

    /// Learns that more of a table is in.
    pub(super) fn add(&mut self, table: &str, more: &TableCopy) {
        let Some(ahead) = self.tables.get_mut(table).filter(|_| more.rows > 0) else { return };
        if ahead.copied.0 == 0 {
            self.untouched = (self.untouched.0.saturating_sub(ahead.left), self.untouched.1.saturating_sub(ahead.most()));
        }
        self.known = self.known.saturating_sub(ahead.known());
        ahead.left = ahead.left.saturating_sub(more.rows);
        ahead.copied = (ahead.copied.0 + more.rows, ahead.copied.1 + more.bytes);
        self.known = self.known.saturating_add(ahead.known());
        self.seen = (self.seen.0.saturating_add(more.bytes), self.seen.1.saturating_add(more.rows.saturating_mul(ahead.longest)));
        self.done = self.done.saturating_add(more.bytes).saturating_add(more.rows.saturating_mul(ROW_BYTES));
    }

    /// The work that this run has done, and all that it had to do.
    pub(super) fn work(&self) -> (u64, u64) {
        let (rows, most) = self.untouched;
        let share = u128::from(most) * u128::from(self.seen.0) / u128::from(self.seen.1.max(1));
        let guessed = u64::try_from(share).unwrap_or(u64::MAX).saturating_add(rows.saturating_mul(ROW_BYTES));
        (self.done, self.done.saturating_add(self.known).saturating_add(guessed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(rows: u64, bytes: u64) -> TableCopy {
        TableCopy { rows, bytes, ..TableCopy::default() }
    }

    /// Two wide tables and a narrow one with most of the rows; by rows, the first tenth of the work would look like a thousandth.
    fn mixed() -> Outlook {
        let mut outlook = Outlook::default();
        outlook.expect("wide", 10_000, 20_000);
        outlook.expect("medium", 100_000, 1_000);
        outlook.expect("narrow", 1_000_000, 40);
        outlook
    }

    #[test]
    fn what_is_left_is_told_by_bytes_and_rows() {
        let mut outlook = mixed();
        // In truth, rows are half as long as the longest.
        let all = 10_000 * (10_000 + ROW_BYTES) + 100_000 * (500 + ROW_BYTES) + 1_000_000 * (20 + ROW_BYTES);
        let mut done = 0;
        for (table, rows, bytes) in [("wide", 1_000, 10_000), ("wide", 9_000, 10_000), ("medium", 100_000, 500), ("narrow", 400_000, 20)] {
            outlook.add(table, &copied(rows, rows * bytes));
            done += rows * (bytes + ROW_BYTES);
            assert_eq!(outlook.work(), (done, all), "{table}");
        }
        outlook.add("narrow", &copied(600_000, 600_000 * 20));
        assert_eq!(outlook.work(), (all, all));
    }

    #[test]
    fn what_an_earlier_run_did_is_not_this_ones_work() {
        let mut outlook = mixed();
        outlook.found("wide", &copied(9_000, 90_000_000));
        let (done, before) = outlook.work();
        assert_eq!(done, 0);
        outlook.add("wide", &copied(1_000, 10_000_000));
        assert_eq!(outlook.work(), (10_000_000 + 1_000 * ROW_BYTES, before));
    }

    #[test]
    fn before_anything_is_in_nothing_is_claimed_of_the_bytes() {
        assert_eq!(mixed().work(), (0, 1_110_000 * ROW_BYTES));
        assert_eq!(Outlook::default().work(), (0, 0));
    }
}
