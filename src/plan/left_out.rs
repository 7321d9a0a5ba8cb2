//! What the policy leaves out, and what can't be made without it: all of it is counted and said.

use super::build::{Draft, Inputs};
use super::report::LeftOut;
use crate::catalog::{ForeignKey, Table};

/// Reports tables, columns and rows that are left out.
pub(super) fn report(draft: &mut Draft<'_>) {
    let mut found = of_policy(draft.inputs);
    found.append(&mut draft.report.left_out);
    draft.report.left_out = found;
}

/// Tables, columns and rows that the policy leaves out.
pub(super) fn of_policy(inputs: Inputs<'_>) -> Vec<LeftOut> {
    let Inputs { catalog, profile, policy, .. } = inputs;
    let reason = |reason: Option<&String>| reason.cloned().unwrap_or_else(|| "the policy gives no reason".to_owned());
    let rows = |table: &str| profile.left_out.get(table).copied().unwrap_or(0);
    let mut found = Vec::new();
    for table in &catalog.left_out {
        let why = reason(policy.table(table).and_then(|decided| decided.reason.as_ref()));
        found.push(LeftOut { what: format!("table {table}"), count: rows(table), reason: why });
    }
    for table in &catalog.tables {
        if let Some(condition) = &table.rows {
            let why = policy.table(&table.name).and_then(|decided| decided.reason.clone());
            let why = why.map_or_else(|| format!("only rows with {condition}"), |why| format!("{why} (only rows with {condition})"));
            found.push(LeftOut { what: format!("rows of {}", table.name), count: rows(&table.name), reason: why });
        }
        for column in &table.left_out {
            let why = reason(policy.column(&table.name, column).and_then(|decided| decided.reason.as_ref()));
            let count = profile.tables.get(&table.name).map_or(0, |profile| profile.rows);
            found.push(LeftOut { what: format!("column {}.{column}", table.name), count, reason: why });
        }
    }
    found
}

/// What of a foreign key is left out, where some of it is.
pub(super) fn gone_from(draft: &Draft<'_>, table: &Table, key: &ForeignKey) -> Option<String> {
    let catalog = draft.inputs.catalog;
    let is_in = |names: &[String], name: &str| names.iter().any(|other| other.eq_ignore_ascii_case(name));
    if is_in(&catalog.left_out, &key.parent) {
        return Some(format!("the table {} is left out", key.parent));
    }
    let of_child = key.columns.iter().find(|pair| is_in(&table.left_out, &pair.child)).map(|pair| (&table.name, &pair.child));
    let parent = catalog.table(&key.parent);
    let of_parent = || {
        let parent = parent?;
        let gone = key.columns.iter().find_map(|pair| pair.parent.as_ref().filter(|name| is_in(&parent.left_out, name)))?;
        Some((&parent.name, gone))
    };
    of_child.or_else(of_parent).map(|(table, column)| format!("the column {table}.{column} is left out"))
}
