//! Rows whose foreign keys lead nowhere, and everything that hangs on them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::catalog::{ForeignKey, SourceCatalog, Table};
use crate::error::Result;
use crate::sqlite::{Checked, LinkedRow, RowHandle, SourceReader};
use crate::value::{Evidence, ForeignKeyProblem, OrphanSet, RowKey};

/// Rows of tables, by the table's name.
type Rows<'a> = BTreeMap<&'a str, BTreeSet<RowHandle>>;

/// What was found about the foreign keys of some tables, in their order.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) orphans: Vec<OrphanSet>,
    pub(super) problems: Vec<ForeignKeyProblem>,
}

/// Checks every foreign key of a table.
pub(super) fn find(reader: &SourceReader, catalog: &SourceCatalog, table: &Table) -> Result<Found> {
    let mut found = Found::default();
    if table.foreign_keys.iter().all(|key| has_all_parents(reader, catalog, table, key)) {
        return Ok(found);
    }
    let mut violated = BTreeSet::new();
    let checked = reader.foreign_key_violations(&table.name, &mut |violation| {
        violated.insert(violation.foreign_key);
        Ok(ControlFlow::Continue(()))
    })?;
    // One key that can't be checked keeps SQLite from checking the table's others: each is then looked at alone.
    let alone = match checked {
        Checked::Violations(_) => false,
        Checked::Impossible(problem) => {
            let keys = table.foreign_keys.iter().filter(|key| !is_checkable(catalog, key));
            let problems: Vec<_> = keys.map(|key| problem_of(table, Some(key), &problem)).collect();
            let unnamed = problems.is_empty().then(|| problem_of(table, None, &problem));
            found.problems.extend(problems.into_iter().chain(unnamed));
            true
        }
    };
    for key in table.foreign_keys.iter().filter(|key| is_moved(catalog, table, key)) {
        // SQLite checks against all rows of the parent, and not all of them are moved.
        let narrowed = catalog.table(&key.parent).is_some_and(|parent| parent.rows.is_some()) && is_checkable(catalog, key);
        if violated.contains(&key.id) || narrowed || (alone && is_checkable(catalog, key)) {
            orphans_of(reader, catalog, table, key, &mut found)?;
        }
    }
    Ok(found)
}

/// Whether nothing more has to be asked about a key.
fn has_all_parents(reader: &SourceReader, catalog: &SourceCatalog, table: &Table, key: &ForeignKey) -> bool {
    let parent = catalog.table(&key.parent).filter(|parent| parent.rows.is_none() && is_checkable(catalog, key));
    parent.is_some_and(|parent| reader.has_all_parents(table, key, parent))
}

/// Whether both sides of a key are moved; what is left out of one is said elsewhere.
fn is_moved(catalog: &SourceCatalog, table: &Table, key: &ForeignKey) -> bool {
    let parent = catalog.left_out.iter().any(|name| name.eq_ignore_ascii_case(&key.parent));
    !parent && key.columns.iter().all(|pair| !table.left_out.iter().any(|name| name.eq_ignore_ascii_case(&pair.child)))
}

fn problem_of(table: &Table, key: Option<&ForeignKey>, problem: &str) -> ForeignKeyProblem {
    ForeignKeyProblem {
        table: table.name.clone(),
        foreign_key: key.map(|key| key.id),
        parent: key.map(|key| key.parent.clone()),
        problem: problem.to_owned(),
    }
}

/// Whether SQLite finds a key in the parent for what is referenced; a parent that is no table at all is one without rows.
///
/// The rule of <https://sqlite.org/foreignkeys.html>, §3: the primary key, or the columns of a unique index without
/// WHERE and with the columns' own collations.
fn is_checkable(catalog: &SourceCatalog, key: &ForeignKey) -> bool {
    if catalog.virtual_table(&key.parent).is_some() {
        return false;
    }
    let Some(parent) = catalog.table(&key.parent) else {
        return !catalog.views.iter().any(|view| view.name.eq_ignore_ascii_case(&key.parent));
    };
    let folded = |name: &str| name.to_ascii_lowercase();
    let Some(referenced) = key.columns.iter().map(|column| column.parent.as_deref().map(folded)).collect::<Option<BTreeSet<_>>>() else {
        return false;
    };
    let primary = parent
        .primary_key
        .as_ref()
        .is_some_and(|primary| primary.columns.iter().map(|name| folded(name)).collect::<BTreeSet<_>>() == referenced);
    primary
        || parent.indexes.iter().filter(|index| index.unique && !index.partial && index.parts.len() == referenced.len()).any(|index| {
            index.parts.iter().all(|part| {
                part.column.as_deref().is_some_and(|name| {
                    referenced.contains(&folded(name))
                        && parent.column(name).is_some_and(|(_, column)| column.collation.eq_ignore_ascii_case(&part.collation))
                })
            })
        })
}

fn orphans_of(reader: &SourceReader, catalog: &SourceCatalog, table: &Table, key: &ForeignKey, found: &mut Found) -> Result<()> {
    let mut rows = Evidence::default();
    let mut handles = BTreeSet::new();
    let checked = reader.orphans(table, key, catalog.table(&key.parent), &mut |row| {
        observe(&mut rows, row);
        handles.extend(row.handle());
        Ok(())
    })?;
    if let Checked::Impossible(problem) = checked {
        found.problems.push(problem_of(table, Some(key), &problem));
        return Ok(());
    }
    if rows.count == 0 {
        return Ok(());
    }
    let mut set = OrphanSet {
        table: table.name.clone(),
        foreign_key: key.id,
        parent: key.parent.clone(),
        columns: key.columns.iter().map(|column| column.child.clone()).collect(),
        rows,
        transitive: Evidence::default(),
        transitive_tables: BTreeMap::new(),
    };
    follow(reader, catalog, Rows::from([(table.name.as_str(), handles)]), &mut set)?;
    found.orphans.push(set);
    Ok(())
}

/// Finds what hangs on the rows of `found`, round by round, until a round finds nothing new.
fn follow<'a>(reader: &SourceReader, catalog: &'a SourceCatalog, found: Rows<'a>, set: &mut OrphanSet) -> Result<()> {
    let mut known = found.clone();
    let mut fresh = found;
    while !fresh.is_empty() {
        let mut next = Rows::new();
        for child in &catalog.tables {
            for key in &child.foreign_keys {
                let Some(parent) = catalog.table(&key.parent) else { continue };
                let Some(rows) = fresh.get(parent.name.as_str()) else { continue };
                let known = known.entry(&child.name).or_default();
                // A key that can't be followed has been reported as a problem of its own table.
                reader.dependents(child, key, parent, rows.clone(), &mut |row| {
                    if let Some(handle) = row.handle().filter(|handle| known.insert(handle.clone())) {
                        observe(&mut set.transitive, row);
                        observe(set.transitive_tables.entry(child.name.clone()).or_default(), row);
                        next.entry(&child.name).or_default().insert(handle);
                    }
                    Ok(())
                })?;
            }
        }
        fresh = next;
    }
    Ok(())
}

fn observe(evidence: &mut Evidence, row: &LinkedRow<'_>) {
    let identity = row.identity();
    if identity.is_empty() {
        evidence.count += 1;
    } else {
        evidence.add(&|| RowKey::of(&identity));
    }
}
