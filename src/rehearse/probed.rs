//! The plan as the probes look at it, where the application's own tables were loaded.
//!
//! The probes ask by the steps of a plan what the target has, and such a plan makes nothing. So the keys, foreign keys
//! and views that stand on both sides are entered as steps that are done, and the columns that the target numbers by
//! itself as such. Defaults and checks of the two sides are not held against each other: an application keeps many of
//! them in its own code, and writes them otherwise for each database.

use std::collections::BTreeSet;

use crate::catalog::{IndexOrigin, SourceCatalog, Table, TargetCatalog, TargetRelationKind, TargetTable};
use crate::plan::{Action, IdentityPlan, Phase, Plan, Step, TablePlan};

/// The plan for the probes. `target` is the catalog before the load.
pub(super) fn probed(plan: &Plan, source: &SourceCatalog, target: &TargetCatalog) -> Plan {
    let mut probed = plan.clone();
    let mut there = Vec::new();
    for table in &mut probed.tables {
        let (Some(from), Some(into)) = (source.table(&table.source), target.table(&table.target)) else { continue };
        number(table, from, into);
        there.extend(keys(table, from, into));
        there.extend(foreign_keys(table, from, into));
    }
    let is_view = |name: &str| target.relations.iter().any(|there| there.kind == TargetRelationKind::View && there.name == name);
    there.extend(source.views.iter().filter(|view| is_view(&view.name)).map(|view| format!("view:{}", view.name)));
    probed.steps.extend(there.into_iter().map(|id| Step {
        object: id.clone(),
        id,
        phase: Phase::Keys,
        table: None,
        action: Action::Run { sql: Vec::new(), optional: true },
    }));
    probed
}

/// The column that SQLite numbers by itself, where the target does, too.
fn number(table: &mut TablePlan, from: &Table, into: &TargetTable) {
    for column in &mut table.columns {
        let sequence = into.column(&column.target).and_then(|column| column.sequence.clone());
        if let (true, Some(sequence)) = (from.rowid_alias() == Some(column.source.as_str()), sequence) {
            column.identity = Some(IdentityPlan { sequence, next: 1 });
        }
    }
}

/// The keys that SQLite gives by itself and the target does not: whether the application does, no probe can tell.
pub(super) fn not_numbered(plan: &Plan, source: &SourceCatalog, target: &TargetCatalog) -> Vec<String> {
    let numbered = |table: &&TablePlan| {
        let alias = source.table(&table.source).and_then(Table::rowid_alias);
        let column = alias.and_then(|alias| table.columns.iter().find(|column| column.source == alias));
        let there = column.and_then(|column| target.table(&table.target)?.column(&column.target));
        there.is_some_and(|column| column.sequence.is_none() && !column.has_default)
    };
    let tables = plan.tables.iter().filter(numbered);
    tables
        .map(|table| {
            format!(
                "the next key of {}: SQLite gives it, PostgreSQL does not, and only the application knows whether it does",
                table.source
            )
        })
        .collect()
}

/// The unique keys over the same columns on both sides.
fn keys(table: &TablePlan, from: &Table, into: &TargetTable) -> Vec<String> {
    let has = |columns: &[&str]| {
        columns_of(table, columns).is_some_and(|wanted| into.uniques.iter().any(|unique| set(&unique.columns) == wanted))
    };
    let mut found = Vec::new();
    if from.rowid_alias().is_some_and(|alias| has(&[alias])) {
        found.push(format!("primary-key:{}", from.name));
    }
    for index in from.indexes.iter().filter(|index| index.unique && !index.partial) {
        let Some(columns) = index.parts.iter().map(|part| part.column.as_deref()).collect::<Option<Vec<&str>>>() else { continue };
        if !has(&columns) {
            continue;
        }
        let by_key =
            index.origin == IndexOrigin::PrimaryKey && index.parts.iter().all(|part| part.collation.eq_ignore_ascii_case("binary"));
        found.push(if by_key { format!("primary-key:{}", from.name) } else { format!("index:{}", index.name) });
    }
    found
}

/// The foreign keys over the same columns on both sides.
fn foreign_keys(table: &TablePlan, from: &Table, into: &TargetTable) -> Vec<String> {
    let has = |columns: &[&str]| {
        columns_of(table, columns).is_some_and(|wanted| into.foreign_keys.iter().any(|key| key.validated && set(&key.columns) == wanted))
    };
    let keys = from.foreign_keys.iter().filter(|key| has(&key.columns.iter().map(|pair| pair.child.as_str()).collect::<Vec<_>>()));
    keys.map(|key| format!("foreign-key:{}:{}", from.name, key.id)).collect()
}

/// What columns of the source are called in the target.
fn columns_of<'a>(table: &'a TablePlan, columns: &[&str]) -> Option<BTreeSet<&'a str>> {
    let target =
        |name: &&str| table.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name)).map(|column| column.target.as_str());
    columns.iter().map(target).collect()
}

fn set(names: &[String]) -> BTreeSet<&str> {
    names.iter().map(String::as_str).collect()
}
