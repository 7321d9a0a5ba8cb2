//! Compares every cell of some rows: evenly spread stretches of the key, the same ones whenever the source is the same.

use std::ops::ControlFlow;

use super::cells::Books;
use super::merge::Merge;
use super::split::{self, SAMPLE_ROWS};
use super::work::Keys;
use super::worker::One;
use crate::error::{Error, Result};
use crate::sqlite::Scan;
use crate::value::ValueRef;

/// Rows of one stretch.
const STRETCH: u64 = 10;

/// Compares the sample of a table whose key is the rowid.
pub(super) fn compare(one: &One<'_>, books: &mut Books) -> Result<()> {
    let rowid = one.table.rowid.as_deref().ok_or_else(|| Error::bug("compare a sample", "the table has no rowid"))?;
    let key = split::key(one.table, one.facts).ok_or_else(|| Error::bug("compare a sample", "the table has no key"))?;
    let column = one.table.columns.get(key).ok_or_else(|| Error::bug("compare a sample", "its key has no such column"))?;
    let stretches = stretches(one, rowid)?;
    let conditions: Vec<String> =
        stretches.iter().filter_map(|keys| keys.condition(&column.target)).map(|keys| format!("({keys})")).collect();
    // Without any row in the source, the whole target is looked at: it has to be empty too.
    let condition = (!conditions.is_empty()).then(|| conditions.join(" or "));
    let key = [key];
    let rows = one.rows(condition.as_deref(), &key)?;
    let mut merge = Merge::begin((one.table, &one.fates), (&key, &one.scan.key), (rows, one.reference_field()), books)?;
    for keys in stretches {
        one.reader.scan(&one.scan(Some(keys)), &mut |row| merge.row(row).map(|()| ControlFlow::Continue(())))?;
    }
    merge.finish()
}

/// Stretches of the key with a few rows each, none of which overlap: from the first row to the last, evenly between.
fn stretches(one: &One<'_>, rowid: &str) -> Result<Vec<Keys>> {
    let Some((least, greatest)) = one.reader.rowid_bounds(&one.table.source, rowid)? else { return Ok(Vec::new()) };
    let count = i128::from(SAMPLE_ROWS / STRETCH);
    let span = i128::from(greatest) - i128::from(least);
    let columns = [rowid.to_owned()];
    let mut stretches: Vec<Keys> = Vec::new();
    for number in 0..count {
        let wanted = i128::from(least) + span * number / (count - 1);
        let after = stretches.last().map_or(i64::MIN, |keys| keys.last.saturating_add(1));
        let first = i64::try_from(wanted).unwrap_or(greatest).max(after);
        let scan = Scan { columns: &columns, ..one.scan(Some(Keys { first, last: i64::MAX })) };
        let (mut last, mut taken) = (first, 0);
        one.reader.scan(&scan, &mut |row| {
            taken += 1;
            if let ValueRef::Integer(number) = row.value(0) {
                last = number;
            }
            Ok(if taken == STRETCH { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        stretches.push(Keys { first, last: last.max(first) });
        if last >= greatest || last == i64::MAX {
            break;
        }
    }
    Ok(stretches)
}
