//! Rows whose parent is missing: what becomes of them, key by key.

use super::build::Inputs;
use super::policy::{OrphanRule, Policy};
use super::report::{ColumnDecision, Inexact};
use super::table::TablePlan;
use crate::catalog::{ForeignKey, LinkedTable, OrphanFate, OrphanKey, RowIdentity, RowidKind, SourceCatalog, Table};
use crate::value::{Fate, OrphanSet, Reason, SourceProfile};

/// All tables with their foreign keys and what becomes of the orphans of each, to be looked for; none where every orphan
/// stays as it is, or stops the move.
pub fn linked_tables(policy: &Policy, catalog: &SourceCatalog, profile: &SourceProfile) -> Vec<LinkedTable> {
    let linked = |table: &Table| {
        let of_table = profile.tables.get(&table.name);
        let identity = of_table.map_or_else(|| table.identity(), |of_table| super::columns::identity(table, of_table));
        let keys = table.foreign_keys.iter().filter(|key| is_followed(catalog, profile, table, key));
        let keys = keys.map(|key| OrphanKey {
            foreign_key: key.id,
            parent: key.parent.clone(),
            columns: key.columns.clone(),
            fate: orphan_fate(policy, catalog, profile, table, key).unwrap_or(OrphanFate::Stay),
        });
        LinkedTable { name: table.name.clone(), rows: table.rows.clone(), keys: keys.collect(), identity }
    };
    let tables: Vec<LinkedTable> = catalog.tables.iter().map(linked).collect();
    if tables.iter().flat_map(|table| &table.keys).all(|key| key.fate == OrphanFate::Stay) {
        return Vec::new();
    }
    tables
}

/// Whether a key leads from one table that is moved to another, and SQLite can follow it.
fn is_followed(catalog: &SourceCatalog, profile: &SourceProfile, table: &Table, key: &ForeignKey) -> bool {
    let problem = profile.foreign_key_problems.iter().any(|problem| {
        problem.table == table.name
            && (problem.foreign_key == Some(key.id) || problem.foreign_key.is_none() && table.foreign_keys.len() == 1)
    });
    let known = catalog
        .table(&key.parent)
        .is_some_and(|parent| key.columns.iter().all(|pair| pair.parent.as_deref().is_some_and(|name| parent.column(name).is_some())));
    known && !problem && key.columns.iter().all(|pair| table.column(&pair.child).is_some())
}

/// What the policy makes of the orphans of a key; an error says why that can't be.
pub fn orphan_fate(
    policy: &Policy,
    catalog: &SourceCatalog,
    profile: &SourceProfile,
    table: &Table,
    key: &ForeignKey,
) -> Result<OrphanFate, &'static str> {
    let rule = policy.orphan_rule(&table.name, key);
    if matches!(rule, OrphanRule::Stop | OrphanRule::NotValid) {
        return Ok(OrphanFate::Stay);
    }
    if !is_followed(catalog, profile, table, key) {
        return Err("the table or the key that it refers to is not moved");
    }
    let nameless = profile.tables.get(&table.name).is_some_and(|found| super::columns::identity(table, found) == RowIdentity::Position);
    if nameless {
        return Err("nothing tells the rows of this table apart");
    }
    match rule {
        OrphanRule::Stop | OrphanRule::NotValid => Ok(OrphanFate::Stay),
        OrphanRule::Quarantine => Ok(OrphanFate::HeldOut),
        OrphanRule::Null => {
            let columns: Vec<String> = key
                .columns
                .iter()
                .filter_map(|pair| table.column(&pair.child))
                .filter(|(_, column)| takes_null(catalog, table, &column.name))
                .map(|(_, column)| column.name.clone())
                .collect();
            if columns.is_empty() { Err("its column can't be NULL, or other tables refer to it") } else { Ok(OrphanFate::Null { columns }) }
        }
    }
}

/// Whether a column may become NULL without harm to anything else: it is nullable, computed by nobody, part of no key by
/// which rows are told apart, and nothing refers to it.
fn takes_null(catalog: &SourceCatalog, table: &Table, name: &str) -> bool {
    let is_it = |other: &str| other.eq_ignore_ascii_case(name);
    let Some((_, column)) = table.column(name) else { return false };
    let in_key = table.primary_key.iter().any(|key| key.columns.iter().any(|column| is_it(column)));
    let is_rowid = matches!(&table.rowid, RowidKind::Alias { column } if is_it(column));
    let referred = catalog.tables.iter().flat_map(|child| &child.foreign_keys).any(|key| {
        key.parent.eq_ignore_ascii_case(&table.name) && key.columns.iter().any(|pair| pair.parent.as_deref().is_some_and(is_it))
    });
    !column.not_null && column.generated.is_none() && !in_key && !is_rowid && !referred
}

/// Enters the keys whose orphans are held out or get NULL, where there are such rows, and how many rows are held out.
pub(super) fn plan_orphans(inputs: Inputs<'_>, table: &Table, plan: &mut TablePlan) {
    for key in &table.foreign_keys {
        let Some(fated) = inputs.profile.fated(&table.name, key.id).filter(|fated| fated.rows.count > 0) else { continue };
        match orphan_fate(inputs.policy, inputs.catalog, inputs.profile, table, key) {
            Ok(OrphanFate::Stay) | Err(_) => {}
            Ok(fate @ (OrphanFate::HeldOut | OrphanFate::Null { .. })) => {
                let (foreign_key, parent) = (fated.foreign_key, key.parent.clone());
                plan.orphans.push(OrphanKey { foreign_key, parent, columns: key.columns.clone(), fate });
            }
        }
    }
    plan.held_out = inputs.profile.held_out.get(&table.name).map_or(0, |rows| rows.count);
}

/// Says of the columns that get NULL how many of their cells that are; what is computed from them must know.
pub(super) fn note_nulled(profile: &SourceProfile, plan: &TablePlan, decisions: &mut [ColumnDecision]) {
    for key in &plan.orphans {
        let OrphanFate::Null { columns } = &key.fate else { continue };
        let Some(fated) = profile.fated(&plan.source, key.foreign_key) else { continue };
        for decision in decisions.iter_mut().filter(|decision| decision.table == plan.source && columns.contains(&decision.column)) {
            let fate = Fate::Quarantined(Reason::NoParent);
            decision.inexact.push(Inexact { fate, evidence: fated.rows.clone() });
        }
    }
}

/// The rows that stay without a parent under a key, though it would bind them: those that come across as they are.
pub(super) fn left_without_parent(inputs: Inputs<'_>, table: &Table, key: &ForeignKey) -> u64 {
    let is_it = |orphans: &&OrphanSet| orphans.table == table.name && orphans.foreign_key == key.id;
    let Some(fated) = inputs.profile.fated(&table.name, key.id) else {
        return inputs.profile.orphans.iter().filter(is_it).map(|orphans| orphans.rows.count).sum();
    };
    match orphan_fate(inputs.policy, inputs.catalog, inputs.profile, table, key) {
        Ok(OrphanFate::HeldOut | OrphanFate::Null { .. }) => 0,
        Ok(OrphanFate::Stay) | Err(_) => fated.rows.count,
    }
}
