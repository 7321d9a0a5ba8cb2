//! Conversions that people chose: by a map of values.

use super::policy::{ColumnPolicy, Policy, Said, Unmapped};
use crate::catalog::{Column, SourceCatalog, Table};
use crate::error::Result;
use crate::mapping::counted;
use crate::value::{ColumnProfile, ColumnTrial, Conversion, SourceProfile, StorageClass, ValueMap};

/// How a column comes across because somebody decided so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) conversion: Conversion,
    pub(super) values: Option<ValueMap>,
    pub(super) because: String,
}

/// The conversions that the policy chooses, to be tried on every cell before the plan is made.
pub fn trials(policy: &Policy, catalog: &SourceCatalog, profile: &SourceProfile) -> Result<Vec<ColumnTrial>> {
    let mut trials = Vec::new();
    for table in &catalog.tables {
        let Some(cells) = profile.tables.get(&table.name) else { continue };
        for column in &table.columns {
            let Some(cells) = cells.columns.get(&column.name) else { continue };
            if let Some(Decided { conversion, values, .. }) = decided(policy, table, column, cells)? {
                trials.push(ColumnTrial { table: table.name.clone(), column: column.name.clone(), conversion, values });
            }
        }
    }
    Ok(trials)
}

/// What the policy decides of a column's conversion, where it does.
pub(super) fn decided(policy: &Policy, table: &Table, column: &Column, cells: &ColumnProfile) -> Result<Option<Decided>> {
    let Some(said) = policy.said_of_column(&table.name, &column.name) else { return Ok(None) };
    if said.what.values.is_empty() { Ok(None) } else { value_map(policy, said, table, column, cells).map(Some) }
}

/// The map of values, and the conversion behind it: to text, since the policy writes its values as text.
fn value_map(policy: &Policy, said: &Said<ColumnPolicy>, table: &Table, column: &Column, cells: &ColumnProfile) -> Result<Decided> {
    can_be_mapped(said, table, column)?;
    let (integers, texts) = (cells.integers.seen.count, cells.texts.seen.count);
    let others = cells.reals.seen.count + cells.blobs.seen.count;
    let class = if integers > 0 && texts == 0 { StorageClass::Integer } else { StorageClass::Text };
    let not_an_integer = |key: &&String| key.parse::<i64>().is_ok_and(|number| number.to_string() == **key);
    if class == StorageClass::Integer
        && let Some(key) = said.what.values.keys().find(|key| !not_an_integer(key))
    {
        let detail = format!("the column holds integers, and the key {key:?} of `values` is none");
        return Err(said.error(detail).hint("write the keys as the integers that the column holds: \"0\" = \"new\""));
    }
    let closed = said.what.unmapped != Unmapped::Keep;
    let text = policy.rules.text;
    let only_one_class = others == 0 && (integers == 0 || texts == 0);
    // Whatever is kept as it is must come back in its own storage class.
    let conversion =
        if only_one_class && (closed || class == StorageClass::Text) { Conversion::TextToText(text) } else { Conversion::AnyToText(text) };
    let pairs = said.what.values.clone();
    let because = format!("{} of the policy", counted(u64::try_from(pairs.len()).unwrap_or(u64::MAX), "value"));
    Ok(Decided { conversion, values: Some(ValueMap { class, pairs, closed }), because })
}

fn can_be_mapped(said: &Said<ColumnPolicy>, table: &Table, column: &Column) -> Result<()> {
    let is_it = |name: &str| name.eq_ignore_ascii_case(&column.name);
    let in_key = table.primary_key.iter().any(|key| key.columns.iter().any(|name| is_it(name)));
    let refers = table.foreign_keys.iter().any(|key| key.columns.iter().any(|pair| is_it(&pair.child)));
    let why = if in_key {
        "it is part of the primary key, by which rows are told apart"
    } else if refers {
        "it refers to another table, which would not have the new values"
    } else if column.generated.is_some() {
        "its values are computed"
    } else {
        return Ok(());
    };
    Err(said.error(format!("its values can't be mapped: {why}")))
}
