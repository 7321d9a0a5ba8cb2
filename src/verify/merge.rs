//! Compares a table row by row, both sides in the order of the key.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use super::cells::Books;
use super::report::{Difference, Sign};
use super::target_rows::TargetRows;
use crate::error::{Error, Result};
use crate::plan::TablePlan;
use crate::sqlite::{Scan, ScannedRow, SourceReader, TableFates};
use crate::value::{RowFate, RowKey, Value, ValueRef};

/// Lays the rows of the source beside those of the target, both in the order of the key.
pub(super) struct Merge<'a> {
    table: &'a TablePlan,
    fates: &'a TableFates,
    key: &'a [usize],
    name: &'a [usize],
    target: TargetRows<'a>,
    /// The field that says whether a row of the target is reference data, where the table has such rows.
    reference: Option<usize>,
    /// The key of the target's current row; empty behind the last.
    at: Vec<Value>,
    books: &'a mut Books,
}

/// Compares the rows of a scan, which come in the order of the key, with those of the target.
pub(super) fn compare(
    reader: &SourceReader,
    scan: &Scan<'_>,
    (table, fates): (&TablePlan, &TableFates),
    (key, name): (&[usize], &[usize]),
    (target, reference): (TargetRows<'_>, Option<usize>),
    books: &mut Books,
) -> Result<()> {
    let mut merge = Merge::begin((table, fates), (key, name), (target, reference), books)?;
    reader.scan(scan, &mut |row| merge.row(row).map(|()| ControlFlow::Continue(())))?;
    merge.finish()
}

impl<'a> Merge<'a> {
    /// Goes to the target's first row. `key` and `name` are the places of the columns of the key, and of those that name a row.
    pub(super) fn begin(
        (table, fates): (&'a TablePlan, &'a TableFates),
        (key, name): (&'a [usize], &'a [usize]),
        (target, reference): (TargetRows<'a>, Option<usize>),
        books: &'a mut Books,
    ) -> Result<Self> {
        let mut merge = Self { table, fates, key, name, target, reference, at: Vec::new(), books };
        merge.advance()?;
        Ok(merge)
    }

    /// Takes the next row of the source.
    pub(super) fn row(&mut self, row: &ScannedRow<'_>) -> Result<()> {
        let name = self.name;
        let fate = self.fates.of(row, name)?;
        let name = || RowKey::of(&name.iter().map(|index| row.value(*index)).collect::<Vec<_>>());
        if fate == RowFate::HeldOut {
            // A row of its key in the target is then one too many.
            return self.books.held_out(self.table, row, &name);
        }
        loop {
            let order = if self.at.is_empty() {
                Ordering::Less
            } else {
                let parts = self.key.iter().zip(&self.at).map(|(index, other)| in_order(row.value(*index), other.as_ref()));
                parts.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            };
            match order {
                Ordering::Less => {
                    self.books.rows += 1;
                    self.books.differ(|| Difference { sign: Sign::Missing, row: name(), column: None, source: None, target: None });
                    return Ok(());
                }
                Ordering::Equal => {
                    self.books.reference_in_source += u64::from(self.is_reference()?);
                    self.books.compare_row(self.table, (row, &fate), &self.target, &name)?;
                    return self.advance();
                }
                Ordering::Greater => {
                    self.surplus()?;
                    self.advance()?;
                }
            }
        }
    }

    /// What the target has behind the source's last row is surplus.
    pub(super) fn finish(mut self) -> Result<()> {
        while !self.at.is_empty() {
            self.surplus()?;
            self.advance()?;
        }
        Ok(())
    }

    /// Whether the target's row is one that a file of reference data has added.
    fn is_reference(&self) -> Result<bool> {
        let field = self.reference.map(|place| self.target.field(place)).transpose()?.flatten();
        Ok(field == Some(&[1]))
    }

    fn surplus(&mut self) -> Result<()> {
        if self.is_reference()? {
            return Ok(());
        }
        self.books.differ(|| {
            let row = RowKey::of(&self.at.iter().map(Value::as_ref).collect::<Vec<_>>());
            Difference { sign: Sign::Surplus, row, column: None, source: None, target: None }
        });
        Ok(())
    }

    fn advance(&mut self) -> Result<()> {
        self.at.clear();
        while self.at.is_empty() && self.target.advance()? {
            if !self.take_key()? {
                // A key that no value of the source can have become, such as an infinite timestamp.
                self.at.clear();
                self.surplus()?;
            }
        }
        Ok(())
    }

    /// Reads the key of the target's row; false where it stands for none of the source.
    fn take_key(&mut self) -> Result<bool> {
        for index in self.key {
            let column = self.table.columns.get(*index).ok_or_else(|| Error::bug("compare a table", "its key has no such column"))?;
            let mut scratch = Vec::new();
            let Ok(value) = column.decode(self.target.field(*index)?, &mut scratch) else { return Ok(false) };
            self.at.push(value.to_owned());
        }
        Ok(true)
    }
}

/// SQLite's order of values under the collation BINARY: NULL, numbers by value, texts and blobs by bytes.
pub fn in_order(a: ValueRef<'_>, b: ValueRef<'_>) -> Ordering {
    match (a, b) {
        (ValueRef::Integer(a), ValueRef::Integer(b)) => a.cmp(&b),
        (ValueRef::Real(a), ValueRef::Real(b)) => a.total_cmp(&b),
        (ValueRef::Integer(a), ValueRef::Real(b)) => integer_to_real(a, b),
        (ValueRef::Real(a), ValueRef::Integer(b)) => integer_to_real(b, a).reverse(),
        (ValueRef::Text(a), ValueRef::Text(b)) | (ValueRef::Blob(a), ValueRef::Blob(b)) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: ValueRef<'_>) -> u8 {
    match value {
        ValueRef::Null => 0,
        ValueRef::Integer(_) | ValueRef::Real(_) => 1,
        ValueRef::Text(_) => 2,
        ValueRef::Blob(_) => 3,
    }
}

/// Keys of numbers mix only where integers are below 2^51, which a double carries exactly; the larger ones are far
/// from any such real's neighbourhood, so their sign and magnitude decide.
fn integer_to_real(integer: i64, real: f64) -> Ordering {
    let (high, low) = (integer >> 32, integer & 0xffff_ffff);
    let part = |part: i64| i32::try_from(part).map(f64::from).or_else(|_| u32::try_from(part).map(f64::from)).unwrap_or_default();
    (part(high) * 4_294_967_296.0 + part(low)).total_cmp(&real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_the_order_of_sqlite() {
        let ordered = [
            Value::Null,
            Value::Real(f64::NEG_INFINITY),
            Value::Integer(-5_000_000_000),
            Value::Real(-0.5),
            Value::Integer(0),
            Value::Real(0.5),
            Value::Integer(1),
            Value::Real(1.5),
            Value::Integer(5_000_000_000),
            Value::Real(f64::INFINITY),
            Value::Text(b"A".to_vec()),
            Value::Text(b"a".to_vec()),
            Value::Text("é".into()),
            Value::Blob(Vec::new()),
            Value::Blob(vec![0]),
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(in_order(a.as_ref(), b.as_ref()), i.cmp(&j), "{i} and {j}");
            }
        }
    }
}
