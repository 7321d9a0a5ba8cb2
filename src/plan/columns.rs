//! Decides the columns of a table.

use std::collections::BTreeSet;

use super::build::Draft;
use super::decided::decided;
use super::expected::inexact;
use super::names::Names;
use super::orphans;
use super::report::{ColumnDecision, Inexact, MappedColumn, Rename};
use super::table::{ColumnPlan, Compare, IdentityPlan, TablePlan};
use super::{as_framework, decider};
use crate::catalog::{Column, MOST_COLUMNS, RowIdentity, RowidKind, SourceCatalog, Table, TextEncoding};
use crate::error::{Error, Result};
use crate::mapping::{self, Facts, Intent, MappingRule, Proposal};
use crate::preset::Preset;
use crate::value::{ColumnProfile, Evidence, TableProfile, TriedColumn, Zone};

/// Decides names, types and conversions of a table's columns; expressions come later, when every table is known.
pub(super) fn plan_table(draft: &mut Draft<'_>, table: &Table) -> Result<TablePlan> {
    let missing = |what: &str| Error::bug("make a plan", format!("the profile of {what} is missing"));
    let profile = draft.inputs.profile.tables.get(&table.name).ok_or_else(|| missing(&table.name))?;
    let policy = draft.inputs.policy;
    let target = match policy.table(&table.name).and_then(|decided| decided.name.as_deref()) {
        Some(name) => draft.rename_relation("table", &table.name, name),
        None => draft.name_relation("table", &table.name),
    };
    let keyed = keyed_columns(table);
    let unread = ColumnProfile::default();
    let mut names = Names::of_columns();
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        // What can't be read is planned as empty: the gate `unreadable` lets no such plan pass.
        let unread = profile.unreadable.contains_key(&column.name).then_some(&unread);
        let cells = profile.columns.get(&column.name).or(unread).ok_or_else(|| missing(&format!("{}.{}", table.name, column.name)))?;
        let what = format!("column of {}", table.name);
        let chosen = policy.column(&table.name, &column.name).and_then(|decided| decided.name.as_deref());
        let name = names.take(chosen.unwrap_or(&column.name));
        if chosen.is_some() {
            draft.report.renames.push(Rename::chosen(&what, &column.name, &name));
        } else if name != column.name {
            draft.report.renames.push(Rename::forced(&what, &column.name, &name));
        }
        columns.push(plan_column(draft, table, column, cells, name, keyed.contains(&column.name.to_ascii_lowercase()))?);
    }
    let identity = identity(table, profile);
    // How the sides are compared is settled last: a foreign key may still change a column's type.
    let compare = Compare::Multiset;
    let mut plan = TablePlan {
        source: table.name.clone(),
        target,
        columns,
        identity,
        compare,
        rows: profile.rows,
        rowid: rowid(draft.inputs.catalog, table),
        longest_row: profile.longest_row(),
        rows_where: table.rows.clone(),
        left_out: table.left_out.clone(),
        orphans: Vec::new(),
        held_out: 0,
    };
    orphans::plan_orphans(draft.inputs, table, &mut plan);
    plan_identity(draft, table, profile, &mut plan);
    Ok(plan)
}

fn plan_column(
    draft: &mut Draft<'_>,
    table: &Table,
    column: &Column,
    cells: &ColumnProfile,
    target: String,
    keyed: bool,
) -> Result<ColumnPlan> {
    let text_rules = draft.inputs.policy.text_rules(&table.name, &column.name);
    let declared = Facts {
        column,
        intent: if is_geometry(draft, table, column) { Intent::Blob } else { Intent::of_declared(&column.declared) },
        profile: cells,
        text_rules,
        keyed,
        numeric_infinity: draft.inputs.server_major >= 14,
        zone: Zone::UTC,
        unit: None,
    };
    let decided = decided(draft.inputs.policy, table, column, cells)?;
    let (rule, proposal) = if let Some(decided) = &decided {
        (decider::POLICY.id, Proposal::new(decided.conversion, &decided.because))
    } else {
        let faithful = as_meant(draft.framework, table, &declared).map(|(rule, proposal)| (rule.id, proposal))?;
        as_framework::refine(draft.inputs, table, column, cells, faithful)
    };
    let conversion = proposal.conversion;
    let tried = decided.as_ref().and_then(|_| draft.inputs.profile.tried(&table.name, &column.name));
    let empty_is_null = decided.as_ref().is_some_and(|decided| decided.empty_is_null);
    let values = decided.and_then(|decided| decided.values);
    let declared_not_null = column.not_null || in_rowid_key(table, &column.name);
    let nulls = if declared_not_null { cells.nulls + tried.map_or(0, TriedColumn::nulls) } else { 0 };
    if let (Some(map), Some(tried)) = (&values, tried) {
        draft.report.value_maps.push(MappedColumn::of(map, tried));
    }
    draft.report.columns.push(ColumnDecision {
        table: table.name.clone(),
        column: column.name.clone(),
        declared: column.declared.clone(),
        conversion,
        rule: rule.to_owned(),
        because: proposal.because,
        counter_examples: proposal.counter_examples,
        inexact: tried.map_or_else(|| inexact(conversion, cells), Inexact::of_trial),
        collation: Some(column.collation.clone()).filter(|collation| !collation.eq_ignore_ascii_case("binary")),
        nulls_against_declaration: nulls,
        unreadable_json: unreadable_json(cells),
    });
    Ok(ColumnPlan {
        source: column.name.clone(),
        target,
        conversion,
        values,
        empty_is_null,
        not_null: declared_not_null && nulls == 0,
        default: None,
        generated: None,
        identity: None,
    })
}

/// Chooses a conversion by what the framework means by the column, where that is more than it declares and no cell speaks
/// against it; by what it declares otherwise.
fn as_meant(framework: Option<&Preset>, table: &Table, declared: &Facts<'_>) -> Result<(&'static MappingRule, Proposal)> {
    let by_declaration = mapping::choose(declared)?;
    let Some((framework, intent)) = framework.and_then(|preset| Some((preset, preset.intent(table, declared.column)?))) else {
        return Ok(by_declaration);
    };
    let (rule, mut proposal) = mapping::choose(&Facts { intent, ..*declared })?;
    if !proposal.counter_examples.is_empty() || proposal.conversion == by_declaration.1.conversion {
        return Ok(by_declaration);
    }
    proposal.because = format!("{}, as {} means it", proposal.because, framework.name);
    Ok((rule, proposal))
}

/// Whether the file's own books say that the column holds geometries, whatever `POINT` may look like.
fn is_geometry(draft: &Draft<'_>, table: &Table, column: &Column) -> bool {
    let geometries = &draft.inputs.catalog.geometry_columns;
    geometries.iter().any(|known| known.table.eq_ignore_ascii_case(&table.name) && known.column.eq_ignore_ascii_case(&column.name))
}

/// A rowid alias and every key column of a WITHOUT ROWID table are NOT NULL without saying so.
fn in_rowid_key(table: &Table, column: &str) -> bool {
    match &table.rowid {
        RowidKind::Alias { column: alias } => alias == column,
        RowidKind::None => table.primary_key.iter().any(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(column))),
        RowidKind::Hidden { .. } => false,
    }
}

/// The columns (in lower case) that are part of a key, an index or a foreign key on either side.
pub(super) fn keyed_columns(table: &Table) -> BTreeSet<String> {
    let keys = table.primary_key.iter().flat_map(|key| key.columns.iter());
    let indexes = table.indexes.iter().flat_map(|index| index.parts.iter().filter_map(|part| part.column.as_ref()));
    let foreign = table.foreign_keys.iter().flat_map(|key| key.columns.iter().map(|pair| &pair.child));
    keys.chain(indexes).chain(foreign).map(|name| name.to_ascii_lowercase()).collect()
}

pub(super) fn unreadable_json(cells: &ColumnProfile) -> Evidence {
    let mut all = cells.texts.json_nul_escapes.clone();
    all.count += cells.texts.json_lone_surrogates.count;
    for key in &cells.texts.json_lone_surrogates.samples {
        if !all.samples.contains(key) {
            all.samples.push(key.clone());
        }
    }
    all
}

/// How a row is named: by its primary key unless that holds NULLs, then by its rowid.
pub(super) fn identity(table: &Table, profile: &TableProfile) -> RowIdentity {
    match table.identity() {
        RowIdentity::Columns(_) if profile.key_nulls.count > 0 => match &table.rowid {
            RowidKind::Hidden { access: Some(name) } => RowIdentity::Rowid(name.clone()),
            RowidKind::Hidden { access: None } | RowidKind::Alias { .. } | RowidKind::None => RowIdentity::Position,
        },
        identity @ (RowIdentity::Columns(_) | RowIdentity::Rowid(_) | RowIdentity::Position) => identity,
    }
}

/// A name for the rowids of a table; none where a query for all of its columns has no room for it, or a module decides
/// what a rowid is.
pub(super) fn rowid(catalog: &SourceCatalog, table: &Table) -> Option<String> {
    if catalog.virtual_table(&table.name).is_some() {
        return None;
    }
    match &table.rowid {
        RowidKind::Alias { column } => Some(column.clone()),
        RowidKind::Hidden { access } => access.clone().filter(|_| table.columns.len() < MOST_COLUMNS),
        RowidKind::None => None,
    }
}

/// Settles how the two sides of each table are compared: side by side in key order where the key has the same order
/// on both sides and comes across exactly; as multisets otherwise.
pub(super) fn plan_comparison(draft: &mut Draft<'_>) {
    let utf8 = draft.inputs.catalog.file.encoding == TextEncoding::Utf8;
    for table in &mut draft.tables {
        let RowIdentity::Columns(key) = &table.identity else { continue };
        let position = |name: &String| {
            let found = table.columns.iter().position(|column| column.source.eq_ignore_ascii_case(name))?;
            let column = table.columns.get(found)?;
            let decision =
                draft.report.columns.iter().find(|decision| decision.table == table.source && decision.column == column.source)?;
            // SQLite compares text by the bytes it stores, which sort otherwise in UTF-16.
            let bytes_sort_alike = utf8 || !column.pg_type().collates();
            (column.conversion.keeps_order() && column.values.is_none() && decision.inexact.is_empty() && bytes_sort_alike).then_some(found)
        };
        if let Some(key) = key.iter().map(position).collect::<Option<Vec<_>>>() {
            table.compare = Compare::Ordered(key);
        }
    }
}

/// Makes an identity column of the rowid alias, so that the next insert works.
fn plan_identity(draft: &mut Draft<'_>, table: &Table, profile: &TableProfile, plan: &mut TablePlan) {
    let Some(alias) = table.rowid_alias() else { return };
    let greatest = profile.columns.get(alias).and_then(|cells| cells.integers.max).unwrap_or(0);
    let ever_given = draft.inputs.catalog.sequences.get(&table.name).copied().unwrap_or(0);
    // SQLite gives out one more than the greatest; a sequence ends where that would overflow, as SQLite's does.
    let greatest = greatest.max(profile.max_rowid.unwrap_or(0));
    let next = greatest.max(ever_given).saturating_add(1).max(1);
    let wanted = format!("{}_{alias}_seq", plan.target);
    // The name of a sequence is nobody's business but ours, so that a change of it is no finding.
    let sequence = draft.relations.take_own(&wanted);
    if let Some(column) = plan.columns.iter_mut().find(|column| column.source == alias) {
        column.identity = Some(IdentityPlan { sequence, next });
    }
}
