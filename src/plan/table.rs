//! What becomes of a table and of each of its columns.

use serde::{Deserialize, Serialize};

use crate::catalog::{LinkedTable, OrphanFate, OrphanKey, RowIdentity};
use crate::value::{
    Conversion, Fate, PgType, Reason, RowFate, Rule, Settled, ValueFault, ValueMap, ValueRef, carried, decode, encode, settle,
};

/// What becomes of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePlan {
    /// Its name in the source.
    pub source: String,
    /// Its name in the target.
    pub target: String,
    /// Its columns, in order.
    pub columns: Vec<ColumnPlan>,
    /// How a row is named in the quarantine, in findings and in differences.
    pub identity: RowIdentity,
    /// How the two sides are laid beside each other.
    pub compare: Compare,
    /// Rows in the source.
    pub rows: u64,
    /// The name by which SQLite gives their rowids, so that the table can be read in parts; none where it has none.
    pub rowid: Option<String>,
    /// No row of the source has more bytes than so many: the longest cells of all columns together.
    pub longest_row: u64,
    /// The condition for the rows that are moved, in the source's SQL; none where all are.
    pub rows_where: Option<String>,
    /// Columns of the source that are left out.
    pub left_out: Vec<String>,
    /// The foreign keys whose orphans are held out, or get NULL.
    pub orphans: Vec<OrphanKey>,
    /// Rows of the source that are held out: they stand in the quarantine, and not in the target's table.
    pub held_out: u64,
}

impl TablePlan {
    /// The columns that the load fills: all but the generated ones.
    pub fn loaded(&self) -> impl Iterator<Item = &ColumnPlan> {
        self.columns.iter().filter(|column| column.generated.is_none())
    }

    /// Says what a cell of a row with this fate will be after the round trip; see [`ColumnPlan::settle`].
    pub fn settle<'a>(&'a self, row: &RowFate, column: &'a ColumnPlan, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
        let is_nulled = |keys: &[usize]| {
            let mut of_row = keys.iter().filter_map(|place| self.orphans.get(*place));
            let nulls = |key: &OrphanKey| matches!(&key.fate, OrphanFate::Null { columns } if columns.contains(&column.source));
            of_row.any(nulls) && !matches!(value, ValueRef::Null)
        };
        match row {
            RowFate::HeldOut => Settled { fate: Fate::Quarantined(Reason::OrphanRow), value: ValueRef::Null },
            RowFate::Nulled(keys) if is_nulled(keys) => Settled { fate: Fate::Quarantined(Reason::NoParent), value: ValueRef::Null },
            RowFate::Kept | RowFate::Nulled(_) => column.settle(value, scratch),
        }
    }

    /// What has to be known to follow its foreign keys.
    pub fn linked(&self) -> LinkedTable {
        LinkedTable {
            name: self.source.clone(),
            identity: self.identity.clone(),
            rows: self.rows_where.clone(),
            keys: self.orphans.clone(),
        }
    }

    /// What a scan of the source reads for this table.
    pub fn scan_columns(&self) -> ScanColumns {
        let mut columns: Vec<String> = self.columns.iter().map(|column| column.source.clone()).collect();
        let key = match &self.identity {
            RowIdentity::Columns(names) => {
                names.iter().filter_map(|name| columns.iter().position(|column| column.eq_ignore_ascii_case(name))).collect()
            }
            RowIdentity::Rowid(name) => {
                columns.push(name.clone());
                vec![columns.len() - 1]
            }
            RowIdentity::Position => Vec::new(),
        };
        ScanColumns { columns, key }
    }
}

/// What a scan of the source reads for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanColumns {
    /// The names to read: the plan's columns in their order, and the hidden rowid where it names the rows.
    pub columns: Vec<String>,
    /// Where the values that name a row stand among them; empty where only its position does.
    pub key: Vec<usize>,
}

/// What becomes of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnPlan {
    /// Its name in the source.
    pub source: String,
    /// Its name in the target.
    pub target: String,
    /// How its cells become PostgreSQL values and come back.
    pub conversion: Conversion,
    /// What some of its cells are called in the target.
    pub values: Option<ValueMap>,
    /// Whether an empty text becomes NULL.
    pub empty_is_null: bool,
    /// NOT NULL.
    pub not_null: bool,
    /// The DEFAULT, as a PostgreSQL expression.
    pub default: Option<String>,
    /// The expression that computes it, as PostgreSQL has it; such a column is not loaded but compared all the same.
    pub generated: Option<String>,
    /// The sequence that gives its next value.
    pub identity: Option<IdentityPlan>,
}

impl ColumnPlan {
    /// The type of the PostgreSQL column.
    pub fn pg_type(&self) -> PgType {
        self.conversion.pg_type()
    }

    /// Says what a cell will be after the round trip, and in which class of promise 1 that is; see [`settle`].
    pub fn settle<'a>(&'a self, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
        if self.empty_is_null && value == ValueRef::Text(b"") {
            return Settled { fate: Fate::Normalised(Rule::EmptyToNull), value: ValueRef::Null };
        }
        match &self.values {
            Some(map) => map.settle(self.conversion, value, scratch),
            None => settle(self.conversion, value, scratch),
        }
    }

    /// Appends a settled value in PostgreSQL's binary form; see [`encode`].
    pub fn encode(&self, settled_value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), ValueFault> {
        match &self.values {
            Some(map) => map.encode(self.conversion, settled_value, out),
            None => encode(self.conversion, settled_value, out),
        }
    }

    /// The bytes of the field that a settled value becomes, where they are the value's own; see [`carried`].
    pub fn carried<'a>(&self, settled_value: ValueRef<'a>) -> Option<&'a [u8]> {
        if self.values.is_some() { None } else { carried(self.conversion, settled_value) }
    }

    /// Turns a field of the target back into the cell that it stands for; see [`decode`].
    pub fn decode<'a>(&'a self, field: Option<&'a [u8]>, scratch: &'a mut Vec<u8>) -> Result<ValueRef<'a>, ValueFault> {
        match &self.values {
            Some(map) => map.decode(self.conversion, field, scratch),
            None => decode(self.conversion, field, scratch),
        }
    }
}

/// An identity column's sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPlan {
    /// The sequence's name.
    pub sequence: String,
    /// The next value it will give: above every rowid that is there, and above every one that AUTOINCREMENT ever gave.
    pub next: i64,
}

/// How the two sides of a table are laid beside each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    /// Row by row in the order of these columns (positions in `columns`), which identify a row and sort alike on both sides.
    Ordered(Vec<usize>),
    /// As multisets of whole rows, because nothing identifies a row on both sides.
    Multiset,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::BooleanForm;

    #[test]
    fn an_empty_text_becomes_null_only_where_that_is_wanted() {
        let mut column = ColumnPlan {
            source: "paid".to_owned(),
            target: "paid".to_owned(),
            conversion: Conversion::AnyToBoolean(BooleanForm::Word),
            values: None,
            empty_is_null: false,
            not_null: false,
            default: None,
            generated: None,
            identity: None,
        };
        let empty = ValueRef::Text(b"");
        assert_eq!(column.settle(empty, &mut Vec::new()).fate, Fate::Quarantined(Reason::NotBoolean));
        column.empty_is_null = true;
        let mut scratch = Vec::new();
        let settled = column.settle(empty, &mut scratch);
        assert_eq!((settled.fate, settled.value), (Fate::Normalised(Rule::EmptyToNull), ValueRef::Null));
        assert_eq!(column.settle(ValueRef::Blob(b""), &mut Vec::new()).fate, Fate::Quarantined(Reason::WrongClass));
        assert_eq!(column.settle(ValueRef::Text(b"true"), &mut Vec::new()).fate, Fate::Exact);
    }
}
