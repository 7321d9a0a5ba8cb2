//! Conversions that people chose: by a map of values, a type, or a rule for what is not of the declared type.

use super::policy::{ColumnPolicy, Misfits, Policy, Said, Unmapped, type_named};
use super::{as_framework, refined};
use crate::catalog::{Column, SourceCatalog, Table, TargetColumn, TargetType};
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::{Demand, Facts, Intent, counted, fit};
use crate::value::{ColumnProfile, ColumnTrial, Conversion, SourceProfile, StorageClass, TextShape, ValueMap};

/// How a column comes across because somebody decided so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) conversion: Conversion,
    pub(super) values: Option<ValueMap>,
    pub(super) empty_is_null: bool,
    pub(super) because: String,
}

/// The conversions that the policy chooses, and those into the framework's types, to be tried on every cell before the plan is made.
pub fn trials(policy: &Policy, catalog: &SourceCatalog, profile: &SourceProfile) -> Result<Vec<ColumnTrial>> {
    let mut trials = Vec::new();
    for table in &catalog.tables {
        let Some(cells) = profile.tables.get(&table.name) else { continue };
        for column in &table.columns {
            let Some(cells) = cells.columns.get(&column.name) else { continue };
            if let Some(Decided { conversion, values, empty_is_null, .. }) = decided(policy, table, column, cells)? {
                trials.push(ColumnTrial { table: table.name.clone(), column: column.name.clone(), conversion, values, empty_is_null });
            }
        }
    }
    let tried =
        |trials: &[ColumnTrial], trial: &ColumnTrial| trials.iter().any(|one| one.table == trial.table && one.column == trial.column);
    for trial in as_framework::trials(policy, catalog, profile)?.into_iter().chain(refined::trials(policy, catalog, profile)?) {
        if !tried(&trials, &trial) {
            trials.push(trial);
        }
    }
    Ok(trials)
}

/// What the policy decides of a column's conversion, where it does.
pub(super) fn decided(policy: &Policy, table: &Table, column: &Column, cells: &ColumnProfile) -> Result<Option<Decided>> {
    if let Some(said) = policy.said_of_column(&table.name, &column.name).filter(|said| !said.what.values.is_empty()) {
        return value_map(policy, said, table, column, cells).map(Some);
    }
    let intent = Intent::of_declared(&column.declared);
    let written = policy.type_of(&table.name, column);
    let pg_type = match written.and_then(type_named) {
        Some(pg_type) => Some(pg_type),
        None if holds_to_declared(policy, table, column, cells) => declared_type(intent),
        None => None,
    };
    let Some(pg_type) = pg_type else { return Ok(None) };
    let place = format!("{}.{}", table.name, column.name);
    let counts = table.rowid_alias() == Some(column.name.as_str());
    if counts && !matches!(pg_type, TargetType::Smallint | TargetType::Integer | TargetType::Bigint) {
        let detail = format!("{place} is numbered by the database, and only smallint, integer and bigint can be");
        return Err(Error::new(ErrorKind::Policy, "follow the policy", detail).hint("give it one of these types, or none"));
    }
    // Infinities come across in `numeric` from PostgreSQL 14 on; what is decided must not depend on the server.
    let text_rules = policy.text_rules(&table.name, &column.name);
    let (zone, unit) = policy.moments(&table.name, &column.name);
    let facts = Facts { column, intent, profile: cells, text_rules, keyed: false, numeric_infinity: false, zone, unit };
    let written = written.map_or_else(|| format!("the declared {}", column.declared), str::to_owned);
    let target = TargetColumn {
        name: column.name.clone(),
        pg_type,
        written: written.clone(),
        not_null: false,
        has_default: false,
        identity: None,
        sequence: None,
        generated: false,
    };
    let uuid_layout = policy.column(&table.name, &column.name).and_then(|decided| decided.uuid).unwrap_or_default();
    let empty_is_null = policy.empty_is_null(&table.name, &column.name);
    match fit(&Demand { facts, target: &target, uuid_layout, empty_is_null }) {
        Ok(fit) => {
            let because = format!("{} (policy)", fit.because);
            Ok(Some(Decided { conversion: fit.conversion, values: fit.values, empty_is_null: fit.empty_is_null, because }))
        }
        Err(unfit) => {
            let detail = format!("{place} can't be {written}: {}", unfit.reason);
            Err(Error::new(ErrorKind::Policy, "follow the policy", detail).hint(unfit.advice))
        }
    }
}

/// Whether the column gets the type that it declares though some cells are not of it.
fn holds_to_declared(policy: &Policy, table: &Table, column: &Column, cells: &ColumnProfile) -> bool {
    let misfits = policy.column(&table.name, &column.name).and_then(|decided| decided.misfits);
    let empties = cells.texts.shapes.get(&TextShape::Empty).map_or(0, |evidence| evidence.count);
    matches!(misfits, Some(Misfits::Quarantine | Misfits::Stop))
        || (empties > 0 && misfits.is_none() && policy.empty_is_null(&table.name, &column.name))
}

/// The type that a declaration means; none where it takes every text, or says nothing.
fn declared_type(intent: Intent) -> Option<TargetType> {
    Some(match intent {
        Intent::Integer => TargetType::Bigint,
        Intent::Boolean => TargetType::Boolean,
        Intent::Real => TargetType::DoublePrecision,
        Intent::Decimal { limits } => {
            TargetType::Numeric { limits: limits.map(|(precision, scale)| (u16::from(precision), i16::from(scale))) }
        }
        Intent::Date => TargetType::Date,
        Intent::Time => TargetType::Time { digits: 6 },
        Intent::Timestamp => TargetType::Timestamp { digits: 6 },
        Intent::Json => TargetType::Json,
        Intent::Uuid => TargetType::Uuid,
        Intent::Text | Intent::Blob | Intent::Any => return None,
    })
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
    let text = policy.text_rules(&table.name, &column.name);
    let only_one_class = others == 0 && (integers == 0 || texts == 0);
    // Whatever is kept as it is must come back in its own storage class.
    let conversion =
        if only_one_class && (closed || class == StorageClass::Text) { Conversion::TextToText(text) } else { Conversion::AnyToText(text) };
    let pairs = said.what.values.clone();
    let because = format!("{} of the policy", counted(u64::try_from(pairs.len()).unwrap_or(u64::MAX), "value"));
    Ok(Decided { conversion, values: Some(ValueMap { class, pairs, closed }), empty_is_null: false, because })
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
