//! Which column of the target takes which column of the source, and how its cells come across.

use super::build::{Draft, Pair};
use super::matching::matching;
use super::report::NoPlace;
use crate::catalog::{Column, RowIdentity, Table, TargetColumn, TargetTable, TargetType, TextEncoding};
use crate::error::{Error, Result};
use crate::mapping::{self, Demand, Facts, Fit, Intent};
use crate::plan::columns::{identity, keyed_columns, rowid, unreadable_json};
use crate::plan::decided::decided;
use crate::plan::decider;
use crate::plan::expected::inexact;
use crate::plan::orphans::plan_orphans;
use crate::plan::{ColumnDecision, ColumnPlan, Compare, Inexact, TablePlan};
use crate::value::{ColumnProfile, Conversion, TableProfile};

/// Plans the load of a table.
pub(super) fn plan_table<'a>(draft: &mut Draft<'a>, source: &'a Table, target: &'a TargetTable) -> Result<Pair<'a>> {
    let missing = |what: &str| Error::bug("make a plan", format!("the profile of {what} is missing"));
    let profile = draft.inputs.profile.tables.get(&source.name).ok_or_else(|| missing(&source.name))?;
    let names: Vec<&str> = target.columns.iter().map(|column| column.name.as_str()).collect();
    let unread = ColumnProfile::default();
    let mut columns: Vec<ColumnPlan> = Vec::with_capacity(source.columns.len());
    let mut taken: Vec<&str> = Vec::with_capacity(source.columns.len());
    for column in &source.columns {
        let place = format!("{}.{}", source.name, column.name);
        // What can't be read is planned as empty: the gate `unreadable` lets no such plan pass.
        let unread = profile.unreadable.contains_key(&column.name).then_some(&unread);
        let cells = profile.columns.get(&column.name).or(unread).ok_or_else(|| missing(&place))?;
        let chosen = draft.inputs.policy.column(&source.name, &column.name).and_then(|decided| decided.name.as_deref());
        let found = match chosen {
            Some(name) => target.column(name),
            None => matching(draft.inputs.policy.target.names, &column.name, &names).and_then(|place| target.columns.get(place)),
        };
        match found.filter(|found| !taken.contains(&found.name.as_str())) {
            Some(found) => {
                taken.push(&found.name);
                columns.extend(plan_column(draft, source, column, cells, found)?);
            }
            None => without_column(draft, source, column, target, profile),
        }
    }
    surplus_columns(draft, &taken, target, profile);
    let mut plan = TablePlan {
        source: source.name.clone(),
        target: target.name.clone(),
        columns,
        identity: identity(source, profile),
        compare: Compare::Multiset,
        rows: profile.rows,
        rowid: rowid(draft.inputs.catalog, source),
        longest_row: profile.longest_row(),
        rows_where: source.rows.clone(),
        left_out: source.left_out.clone(),
        orphans: Vec::new(),
        held_out: 0,
    };
    plan_orphans(draft.inputs, source, &mut plan);
    if let Some(key) = ordered_by(draft, &plan, target) {
        plan.compare = Compare::Ordered(key);
    }
    Ok(Pair { source, target, profile, plan })
}

/// A column of the source that the target's table does not have.
fn without_column(draft: &mut Draft<'_>, table: &Table, column: &Column, target: &TargetTable, profile: &TableProfile) {
    let place = format!("{}.{}", table.name, column.name);
    draft.existing.columns_without_place.insert(place.clone());
    draft.account.no_place.push(NoPlace {
        place,
        reason: format!("the target's table {} has no such column", target.name),
        advice: "Bring both sides to the same migration of the application, or leave the column out in the policy.".to_owned(),
        rows: profile.rows,
        stops: profile.rows > 0,
    });
}

/// Columns that only the target has: they get their default or NULL.
fn surplus_columns(draft: &mut Draft<'_>, taken: &[&str], target: &TargetTable, profile: &TableProfile) {
    let is_taken = |column: &&TargetColumn| taken.contains(&column.name.as_str());
    for column in target.columns.iter().filter(|column| !is_taken(column) && !column.generated) {
        let has_value = column.has_default || !column.not_null;
        draft.account.no_place.push(NoPlace {
            place: format!("{}.{}", target.name, column.name),
            reason: if has_value {
                format!("only the target has it: its rows get {}", if column.has_default { "its default" } else { "NULL" })
            } else {
                "only the target has it; it is NOT NULL and has no default, so that no row could be loaded".to_owned()
            },
            advice: if has_value {
                "Nothing, if that is what the application expects.".to_owned()
            } else {
                "Bring both sides to the same migration of the application, or give the column a default.".to_owned()
            },
            rows: profile.rows,
            stops: !has_value && profile.rows > 0,
        });
    }
}

fn plan_column(
    draft: &mut Draft<'_>,
    table: &Table,
    column: &Column,
    cells: &ColumnProfile,
    target: &TargetColumn,
) -> Result<Option<ColumnPlan>> {
    let policy = draft.inputs.policy;
    let (zone, unit) = policy.moments(&table.name, &column.name);
    let facts = Facts {
        column,
        intent: draft.framework.and_then(|preset| preset.intent(table, column)).unwrap_or_else(|| Intent::of_declared(&column.declared)),
        profile: cells,
        text_rules: policy.text_rules(&table.name, &column.name),
        keyed: keyed_columns(table).contains(&column.name.to_ascii_lowercase()),
        numeric_infinity: draft.inputs.server_major >= 14,
        zone,
        unit,
    };
    let uuid_layout = policy.column(&table.name, &column.name).and_then(|decided| decided.uuid).unwrap_or_default();
    let empty_is_null = policy.empty_is_null(&table.name, &column.name);
    let place = format!("{}.{}", table.name, column.name);
    let fit = match mapping::fit(&Demand { facts, target, uuid_layout, empty_is_null }) {
        Ok(fit) => mapped(draft, table, column, cells, target, fit)?,
        // NULL fits every type, whatever conversion it does not go through.
        Err(_) if facts.filled() == 0 => {
            let conversion = Conversion::TextToText(facts.text_rules);
            Fit { conversion, values: None, empty_is_null: false, because: format!("no values → {}", target.written) }
        }
        Err(unfit) => {
            draft.account.no_place.push(NoPlace { place, reason: unfit.reason, advice: unfit.advice, rows: facts.filled(), stops: true });
            return Ok(None);
        }
    };
    draft.report.columns.push(ColumnDecision {
        table: table.name.clone(),
        column: column.name.clone(),
        declared: column.declared.clone(),
        conversion: fit.conversion,
        rule: decider::TARGET.id.to_owned(),
        because: fit.because,
        counter_examples: Vec::new(),
        inexact: settled(draft, table, column).unwrap_or_else(|| inexact(fit.conversion, cells)),
        collation: None,
        nulls_against_declaration: 0,
        unreadable_json: unreadable_json(cells),
    });
    Ok(Some(ColumnPlan {
        source: column.name.clone(),
        target: target.name.clone(),
        conversion: fit.conversion,
        values: fit.values,
        empty_is_null: fit.empty_is_null,
        not_null: target.not_null,
        default: None,
        generated: target.generated.then(|| "as the target has it".to_owned()),
        identity: None,
    }))
}

/// The policy's map of values before the conversion that the target asks for. Of an enumeration, its own labels stay.
fn mapped(draft: &Draft<'_>, table: &Table, column: &Column, cells: &ColumnProfile, target: &TargetColumn, fit: Fit) -> Result<Fit> {
    let policy = draft.inputs.policy;
    if policy.column(&table.name, &column.name).is_none_or(|decided| decided.values.is_empty()) {
        return Ok(fit);
    }
    let Some(decided) = decided(policy, table, column, cells)? else { return Ok(fit) };
    let Some(mut map) = decided.values else { return Ok(fit) };
    let takes_all = matches!(&target.pg_type, TargetType::Text | TargetType::Varchar { max: None });
    let conversion = if takes_all { decided.conversion } else { fit.conversion };
    if let Some(labels) = fit.values {
        for (label, same) in labels.pairs {
            map.pairs.entry(label).or_insert(same);
        }
        map.closed = true;
    }
    Ok(Fit { conversion, values: Some(map), because: format!("{} → {}", decided.because, target.written), ..fit })
}

/// The cells of a column that are not exact; none where they have not been settled yet.
fn settled(draft: &Draft<'_>, table: &Table, column: &Column) -> Option<Vec<Inexact>> {
    let settlement = draft.settlement?;
    Some(settlement.columns.get(&table.name).and_then(|columns| columns.get(&column.name)).cloned().unwrap_or_default())
}

/// The places of the columns that name a row and sort alike on both sides, where they do.
fn ordered_by(draft: &Draft<'_>, plan: &TablePlan, target: &TargetTable) -> Option<Vec<usize>> {
    let settlement = draft.settlement?;
    let RowIdentity::Columns(key) = &plan.identity else { return None };
    let utf8 = draft.inputs.catalog.file.encoding == TextEncoding::Utf8;
    let inexact = settlement.columns.get(&plan.source);
    let position = |name: &String| {
        let found = plan.columns.iter().position(|column| column.source.eq_ignore_ascii_case(name))?;
        let column = plan.columns.get(found)?;
        let exact = inexact.and_then(|columns| columns.get(&column.source)).is_none_or(Vec::is_empty);
        let pg_type = &target.column(&column.target)?.pg_type;
        let is_text = matches!(pg_type, TargetType::Text | TargetType::Varchar { .. });
        let sorts = sorts_alike(pg_type, utf8) && column.pg_type().collates() == is_text;
        (column.conversion.keeps_order() && column.values.is_none() && exact && sorts).then_some(found)
    };
    key.iter().map(position).collect()
}

/// Whether values of a type sort as the cells that they come from. SQLite compares text by the bytes it stores, which
/// sort otherwise in UTF-16.
fn sorts_alike(pg_type: &TargetType, utf8: bool) -> bool {
    match pg_type {
        TargetType::Text | TargetType::Varchar { .. } => utf8,
        TargetType::Boolean
        | TargetType::Smallint
        | TargetType::Integer
        | TargetType::Bigint
        | TargetType::Real
        | TargetType::DoublePrecision
        | TargetType::Numeric { .. }
        | TargetType::Bytea
        | TargetType::Uuid
        | TargetType::Date
        | TargetType::Time { .. }
        | TargetType::Timestamp { .. }
        | TargetType::Timestamptz { .. } => true,
        TargetType::Money
        | TargetType::Citext
        | TargetType::Char { .. }
        | TargetType::Json
        | TargetType::Jsonb
        | TargetType::Timetz { .. }
        | TargetType::Interval
        | TargetType::Inet
        | TargetType::Cidr
        | TargetType::Macaddr
        | TargetType::Enum { .. }
        | TargetType::Array { .. }
        | TargetType::Other => false,
    }
}
