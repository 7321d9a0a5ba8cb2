//! Plans the files of reference data: which table and which columns they fill, and what names a row of them.
//!
//! Their rows come when rows and keys of the source are in, so that a key that is taken is known, and before foreign keys,
//! so that these hold for them too; sequences are set behind them.

use serde::{Deserialize, Serialize};

use super::build::{Draft, Inputs};
use super::existing::matching;
use super::policy::{OnConflict, Policy, ReferenceContent, ReferencePolicy, did_you_mean};
use super::step::{Action, Phase, ReferenceLoad, Step};
use crate::catalog::{RowIdentity, SourceCatalog, Table, TargetCatalog};
use crate::error::{Error, ErrorKind, Result};
use crate::value::Evidence;

/// Rows of a file whose keys the source has, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceConflict {
    /// The table's name in the target.
    pub table: String,
    /// The file.
    pub file: String,
    /// What becomes of them.
    pub on_conflict: OnConflict,
    /// The rows, by their keys in the source.
    pub rows: Evidence,
}

/// What has to be looked for in the source: whether a table has rows with these keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceKeys {
    /// The table.
    pub table: String,
    /// The columns that name a row.
    pub columns: Vec<String>,
    /// Their texts, for each row of the file.
    pub texts: Vec<Vec<String>>,
}

/// What is known of a table of the target.
struct Place {
    /// Each column, and whether the server computes it.
    columns: Vec<(String, bool)>,
    /// What names a row; empty where nothing does.
    key: Vec<String>,
}

/// What has to be looked for in the source, for each file of the policy; none where its table is not of the source.
pub fn reference_keys(policy: &Policy, catalog: &SourceCatalog) -> Vec<Option<ReferenceKeys>> {
    policy.references.iter().map(|reference| keys(policy, catalog, reference)).collect()
}

fn keys(policy: &Policy, catalog: &SourceCatalog, reference: &ReferencePolicy) -> Option<ReferenceKeys> {
    let is_meant = |source: &str, chosen: Option<&str>, target: &str| match chosen {
        Some(chosen) => chosen == target,
        None => matching::matching(policy.target.names, source, &[target]).is_some(),
    };
    let chosen = |table: &Table| policy.table(&table.name).and_then(|decided| decided.name.as_deref());
    let table = catalog.tables.iter().find(|table| is_meant(&table.name, chosen(table), &reference.table.name))?;
    let column = |name: &String| {
        let chosen = |column: &str| policy.column(&table.name, column).and_then(|decided| decided.name.as_deref());
        table.columns.iter().find(|column| is_meant(&column.name, chosen(&column.name), name)).map(|column| column.name.clone())
    };
    let ReferenceContent::Csv { columns: given, .. } = reference.content.as_ref()? else { return None };
    let (names, columns): (Vec<String>, Vec<String>) = match table.identity() {
        RowIdentity::Columns(own) if reference.key.is_empty() => {
            let name = |own: &String| given.iter().find(|name| column(name).as_ref() == Some(own)).cloned();
            (own.iter().map(name).collect::<Option<_>>()?, own)
        }
        RowIdentity::Columns(_) | RowIdentity::Rowid(_) | RowIdentity::Position => {
            (reference.key.clone(), reference.key.iter().map(column).collect::<Option<_>>()?)
        }
    };
    let texts = reference.content.as_ref().map(|content| content.texts(&names)).unwrap_or_default();
    (!columns.is_empty()).then(|| ReferenceKeys { table: table.name.clone(), columns, texts })
}

/// Plans the files for tables that the plan makes.
pub(super) fn plan_references(draft: &mut Draft<'_>) -> Result<()> {
    let place = |name: &str| {
        let plan = draft.tables.iter().find(|plan| plan.target == name)?;
        let target = |source: &String| plan.columns.iter().find(|column| column.source == *source).map(|column| column.target.clone());
        let key = match &plan.identity {
            RowIdentity::Columns(names) => names.iter().map(target).collect::<Option<Vec<_>>>().unwrap_or_default(),
            RowIdentity::Rowid(_) | RowIdentity::Position => Vec::new(),
        };
        Some(Place { columns: plan.columns.iter().map(|column| (column.target.clone(), column.generated.is_some())).collect(), key })
    };
    let names: Vec<&str> = draft.tables.iter().map(|plan| plan.target.as_str()).collect();
    let steps = steps(draft.inputs.policy, &place, &names)?;
    draft.steps.extend(steps);
    draft.report.references = conflicts(draft.inputs);
    Ok(())
}

/// The steps of the files for tables that are there already.
pub(super) fn of_existing(policy: &Policy, target: &TargetCatalog) -> Result<Vec<Step>> {
    let place = |name: &str| {
        let table = target.table(name)?;
        let key = table.uniques.iter().find(|unique| unique.primary).map(|unique| unique.columns.clone()).unwrap_or_default();
        Some(Place { columns: table.columns.iter().map(|column| (column.name.clone(), column.generated)).collect(), key })
    };
    let names: Vec<&str> = target.tables.iter().map(|table| table.name.as_str()).collect();
    steps(policy, &place, &names)
}

/// The rows of the files whose keys the source has, too.
pub(super) fn conflicts(inputs: Inputs<'_>) -> Vec<ReferenceConflict> {
    let found = inputs.policy.references.iter().zip(&inputs.profile.references).filter(|(_, rows)| rows.count > 0);
    let conflict = |(reference, rows): (&ReferencePolicy, &Evidence)| ReferenceConflict {
        table: reference.table.name.clone(),
        file: reference.file.clone(),
        on_conflict: reference.on_conflict,
        rows: rows.clone(),
    };
    found.map(conflict).collect()
}

fn steps(policy: &Policy, place: &dyn Fn(&str) -> Option<Place>, tables: &[&str]) -> Result<Vec<Step>> {
    let mut loads: Vec<ReferenceLoad> = Vec::new();
    for reference in &policy.references {
        let load = load(reference, place, tables)?;
        if let Some(earlier) = loads.iter().find(|earlier| earlier.table == load.table && earlier.key != load.key) {
            let detail =
                format!("its rows are named by {}, and those of {} by {}", load.key.join(", "), earlier.file, earlier.key.join(", "));
            return Err(reference.table.error(detail).hint("give all files of one table the same `key`"));
        }
        loads.push(load);
    }
    let step = |(position, load): (usize, ReferenceLoad)| Step {
        id: format!("reference:{position}:{}", load.file),
        phase: Phase::ForeignKeys,
        table: None,
        object: format!("rows of {} from {}", load.table, load.file),
        action: Action::Reference(load),
    };
    Ok(loads.into_iter().enumerate().map(step).collect())
}

fn load(reference: &ReferencePolicy, place: &dyn Fn(&str) -> Option<Place>, tables: &[&str]) -> Result<ReferenceLoad> {
    let (table, file) = (&reference.table.name, &reference.file);
    let Some(found) = place(table) else {
        let otherwise = "the table has to be one of this move, by its name in the target";
        return Err(reference.table.error("the target has no such table").hint(did_you_mean(table, tables.iter().copied(), otherwise)));
    };
    let content = reference.content.clone();
    let content = content.ok_or_else(|| Error::new(ErrorKind::Policy, format!("plan {file}"), "it was not read"))?;
    let known = |name: &str| found.columns.iter().any(|(column, _)| column == name);
    let names = || found.columns.iter().map(|(column, _)| column.as_str());
    let key = if reference.key.is_empty() { found.key.clone() } else { reference.key.clone() };
    if key.is_empty() {
        return Err(reference.table.error("nothing names its rows").hint("name the columns that do: key = [\"code\"]"));
    }
    if let Some(unknown) = key.iter().find(|name| !known(name)) {
        return Err(reference.table.error(format!("`key` names `{unknown}`, and the table has no such column")).hint(did_you_mean(
            unknown,
            names(),
            "`key` takes names of the target",
        )));
    }
    if let ReferenceContent::Csv { columns, .. } = &content {
        let refused = |detail: String| Error::new(ErrorKind::Policy, format!("plan {file}"), format!("line 1 of it: {detail}"));
        if let Some(unknown) = columns.iter().find(|name| !known(name)) {
            return Err(refused(format!("the table {table} has no column `{unknown}`")).hint(did_you_mean(
                unknown,
                names(),
                "the first line names columns of the target",
            )));
        }
        if let Some((computed, _)) = found.columns.iter().find(|(name, computed)| *computed && columns.contains(name)) {
            return Err(refused(format!("the server computes {table}.{computed} by itself")).hint("take the column out of the file"));
        }
        if let Some(lacking) = key.iter().find(|name| !columns.contains(name)) {
            return Err(refused(format!("the column `{lacking}` is not among its columns, and names the rows of {table}"))
                .hint("put it into the file, or name other columns: key = [\"code\"]"));
        }
    }
    Ok(ReferenceLoad {
        table: table.clone(),
        file: file.clone(),
        checksum: content.checksum(),
        key,
        on_conflict: reference.on_conflict,
        content,
    })
}
