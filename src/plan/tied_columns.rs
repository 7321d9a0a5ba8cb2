//! Columns that foreign keys tie together, so that they need one type.

use std::collections::BTreeMap;

use crate::catalog::{Column, SourceCatalog, Table};

/// A column of a table.
pub(super) type Place<'a> = (&'a Table, &'a Column);

/// All columns, those that foreign keys tie together in one list, in the order of the catalog.
pub(super) fn tied_columns(catalog: &SourceCatalog) -> Vec<Vec<Place<'_>>> {
    let places: Vec<Place<'_>> = catalog.tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column))).collect();
    let numbers: BTreeMap<(&str, &str), usize> =
        places.iter().enumerate().map(|(number, (table, column))| ((table.name.as_str(), column.name.as_str()), number)).collect();
    let number = |table: &Table, name: &str| {
        let (_, column) = table.column(name)?;
        numbers.get(&(table.name.as_str(), column.name.as_str())).copied()
    };
    let mut lists: Vec<usize> = (0..places.len()).collect();
    for child in &catalog.tables {
        for key in &child.foreign_keys {
            let Some(parent) = catalog.table(&key.parent) else { continue };
            for pair in &key.columns {
                let both = (number(child, &pair.child), pair.parent.as_deref().and_then(|name| number(parent, name)));
                let (Some(one), Some(other)) = both else { continue };
                let list = |number: usize| lists.get(number).copied();
                let (Some(one), Some(other)) = (list(one), list(other)) else { continue };
                let (keep, give) = (one.min(other), one.max(other));
                lists.iter_mut().filter(|list| **list == give).for_each(|list| *list = keep);
            }
        }
    }
    let mut tied: BTreeMap<usize, Vec<Place<'_>>> = BTreeMap::new();
    for (place, list) in places.into_iter().zip(lists) {
        tied.entry(list).or_default().push(place);
    }
    tied.into_values().collect()
}
