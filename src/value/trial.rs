//! A conversion that somebody chose, tried on every cell of its column before anything is loaded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Conversion, Evidence, Fate, RowKey, Rule, Settled, ValueMap, ValueRef, settle};

/// A conversion to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnTrial {
    /// The table's name in the source.
    pub table: String,
    /// The column's name in the source.
    pub column: String,
    /// How its cells are to be converted.
    pub conversion: Conversion,
    /// What some of them are to be called.
    pub values: Option<ValueMap>,
    /// Whether an empty text becomes NULL.
    pub empty_is_null: bool,
}

/// What a trial came to. Holds no cell but the policy's own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriedColumn {
    /// The table's name in the source.
    pub table: String,
    /// The column's name in the source.
    pub column: String,
    /// Cells that don't come across exactly, by what becomes of them.
    pub inexact: Vec<(Fate, Evidence)>,
    /// How many cells each key of the map of values has.
    pub mapped: BTreeMap<String, u64>,
    /// Cells that are not NULL and that the map does not name.
    pub unmapped: Evidence,
}

impl TriedColumn {
    /// The books of a trial, before the first cell.
    pub fn begin(trial: &ColumnTrial) -> Self {
        let keys = trial.values.iter().flat_map(|map| map.pairs.keys());
        Self {
            table: trial.table.clone(),
            column: trial.column.clone(),
            inexact: Vec::new(),
            mapped: keys.map(|key| (key.clone(), 0)).collect(),
            unmapped: Evidence::default(),
        }
    }

    /// Tries a cell.
    pub fn observe(&mut self, trial: &ColumnTrial, value: ValueRef<'_>, key: &dyn Fn() -> RowKey, scratch: &mut Vec<u8>) {
        let Settled { fate, .. } = match &trial.values {
            _ if trial.empty_is_null && value == ValueRef::Text(b"") => {
                Settled { fate: Fate::Normalised(Rule::EmptyToNull), value: ValueRef::Null }
            }
            Some(map) => map.settle(trial.conversion, value, scratch),
            None => settle(trial.conversion, value, scratch),
        };
        if fate != Fate::Exact {
            if let Some((_, evidence)) = self.inexact.iter_mut().find(|(known, _)| *known == fate) {
                evidence.add(key);
            } else {
                let mut evidence = Evidence::default();
                evidence.add(key);
                self.inexact.push((fate, evidence));
            }
        }
        let Some(map) = trial.values.as_ref().filter(|_| value != ValueRef::Null) else { return };
        match map.key_of(value).and_then(|key| self.mapped.get_mut(key)) {
            Some(count) => *count += 1,
            None => self.unmapped.add(key),
        }
    }

    /// Closes the books: the same cells give the same account, whatever their order.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.inexact.sort_by_key(|(fate, _)| *fate);
        self
    }

    /// Cells that may become NULL: by a rule, or because the target can't hold what they are.
    pub fn nulls(&self) -> u64 {
        let becomes_null = |fate: Fate| matches!(fate, Fate::Quarantined(_) | Fate::Normalised(Rule::EmptyToNull));
        self.inexact.iter().filter(|(fate, _)| becomes_null(*fate)).map(|(_, evidence)| evidence.count).sum()
    }
}
