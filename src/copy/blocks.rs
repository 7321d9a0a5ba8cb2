//! Which rows of a table are still to be loaded, and who loads which of them.
//!
//! A table that is read by rowid is taken block by block, so that several workers share it and a resumed run takes what
//! the ledger does not name. How wide a block is follows from how many rows the blocks before had: rowids may be dense
//! here and far apart there. What a block holds beyond one chunk is given back.

/// Rows that a block is meant to have.
const BLOCK_ROWS: u64 = 100_000;

/// A range of rowids, or of places in the order of storage from 1; both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Span {
    /// How many numbers it has.
    fn width(self) -> u128 {
        u128::try_from(i128::from(self.last) - i128::from(self.first) + 1).unwrap_or(0)
    }

    /// The first so many numbers of it, and the rest.
    fn split(self, width: u128) -> (Self, Option<Self>) {
        let end = i128::from(self.first).saturating_add(i128::try_from(width.max(1)).unwrap_or(i128::MAX)) - 1;
        match i64::try_from(end) {
            Ok(end) if end < self.last => (Self { last: end, ..self }, Some(Self { first: end + 1, ..self })),
            Ok(_) | Err(_) => (self, None),
        }
    }
}

/// The rows of one table that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Blocks {
    /// In descending order, so that the first rows are taken first.
    free: Vec<Span>,
    /// How wide the next block is; none where the table is read in one go.
    width: Option<u128>,
}

impl Blocks {
    /// All of `bounds` but what is `done`, of a table of so many rows that is read by rowid.
    pub(super) fn by_rowid(bounds: Option<Span>, done: &[Span], rows: u64) -> Self {
        let Some(bounds) = bounds else { return Self { free: Vec::new(), width: None } };
        let mut done: Vec<Span> = done.to_vec();
        done.sort();
        let mut free = Vec::new();
        let mut next = Some(bounds.first);
        for span in done {
            if let Some(first) = next.filter(|first| *first < span.first) {
                free.push(Span { first, last: span.first - 1 });
            }
            next = next.and_then(|first| span.last.checked_add(1).map(|behind| behind.max(first)));
        }
        free.extend(next.filter(|first| *first <= bounds.last).map(|first| Span { first, last: bounds.last }));
        free.reverse();
        Self { free, width: Some(bounds.width() / u128::from(rows.max(1)) * u128::from(BLOCK_ROWS)) }
    }

    /// Lets nobody take less than all that is left of a stretch.
    pub(super) fn in_one_go(&mut self) {
        self.width = None;
    }

    /// All rows behind the first `done` of so many, in one block.
    pub(super) fn by_place(done: u64, rows: u64) -> Self {
        let place = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let free = if done < rows { vec![Span { first: place(done) + 1, last: place(rows) }] } else { Vec::new() };
        Self { free, width: None }
    }

    /// What nobody has taken, the first rows first.
    pub(super) fn free(&self) -> Vec<Span> {
        self.free.iter().rev().copied().collect()
    }

    /// Whether everything is taken.
    pub(super) fn is_empty(&self) -> bool {
        self.free.is_empty()
    }

    /// How many workers find something in it.
    pub(super) fn parts(&self) -> usize {
        match self.width {
            None => self.free.len(),
            Some(width) => self.free.iter().map(|span| span.width().div_ceil(width.max(1))).sum::<u128>().try_into().unwrap_or(usize::MAX),
        }
    }

    /// Takes the next block. Where little is left, several workers get smaller ones, so that they end together.
    pub(super) fn claim(&mut self, workers: usize) -> Option<Span> {
        let span = self.free.pop()?;
        let Some(width) = self.width else { return Some(span) };
        let left = span.width() + self.free.iter().map(|span| span.width()).sum::<u128>();
        let share = left / u128::try_from(workers.max(1) * 2).unwrap_or(u128::MAX);
        let (block, rest) = span.split(share.clamp(width / 8, width));
        self.free.extend(rest);
        Some(block)
    }

    /// Learns that a span had so many rows, and takes back what was not read of its block.
    pub(super) fn settle(&mut self, read: Span, rows: u64, rest: Option<Span>) {
        self.free.extend(rest);
        self.free.sort_by(|a, b| b.cmp(a));
        if let Some(width) = &mut self.width {
            let fitting = if rows == 0 { read.width() * 4 } else { read.width() * u128::from(BLOCK_ROWS) / u128::from(rows) };
            *width = fitting.clamp(1, read.width().saturating_mul(4).max(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes everything as workers would, given the rowids that there are; gives the spans that were read.
    fn taken(mut blocks: Blocks, rowids: &[i64], chunk: usize) -> Vec<Span> {
        let mut spans = Vec::new();
        while let Some(block) = blocks.claim(3) {
            let within: Vec<i64> = rowids.iter().copied().filter(|rowid| (block.first..=block.last).contains(rowid)).collect();
            let read = within.len().min(chunk);
            let (span, rest) = match within.get(chunk) {
                Some(_) => block.split(u128::try_from(i128::from(within[chunk - 1]) - i128::from(block.first) + 1).unwrap()),
                None => (block, None),
            };
            blocks.settle(span, u64::try_from(read).unwrap(), rest);
            spans.push(span);
            assert!(spans.len() < 10_000, "it does not come to an end");
        }
        spans.sort();
        spans
    }

    #[test]
    fn far_apart_rowids_are_found_in_few_blocks() {
        let rowids = [i64::MIN, -5, 0, 1, 2, i64::MAX - 1, i64::MAX];
        let bounds = Span { first: i64::MIN, last: i64::MAX };
        let spans = taken(Blocks::by_rowid(Some(bounds), &[], 7), &rowids, 100_000);
        assert!(spans.len() < 100, "{}", spans.len());
    }

    #[test]
    fn a_table_by_place_is_one_block() {
        let mut blocks = Blocks::by_place(5, 12);
        assert_eq!(blocks.claim(4), Some(Span { first: 6, last: 12 }));
        assert_eq!((blocks.claim(4), Blocks::by_place(12, 12).claim(1)), (None, None));
    }

    proptest! {
        #[test]
        fn every_row_is_taken_once(
            rowids in prop::collection::btree_set(prop_oneof![any::<i64>(), -50..50_i64, 1000..1500_i64], 1..60),
            done in prop::collection::vec((any::<i64>(), 0..40_i64), 0..4),
            chunk in 1..20_usize,
        ) {
            let rowids: Vec<i64> = rowids.into_iter().collect();
            let bounds = Span { first: rowids[0], last: *rowids.last().unwrap() };
            let mut earlier: Vec<Span> = Vec::new();
            for (first, more) in done {
                let span = Span { first, last: first.saturating_add(more) };
                if earlier.iter().all(|other| other.last < span.first || span.last < other.first) {
                    earlier.push(span);
                }
            }
            let spans = taken(Blocks::by_rowid(Some(bounds), &earlier, 60), &rowids, chunk);
            for rowid in rowids {
                let times = spans.iter().chain(&earlier).filter(|span| (span.first..=span.last).contains(&rowid)).count();
                prop_assert_eq!(times, 1, "rowid {}", rowid);
            }
        }
    }
}
