//! Virtual tables: which of them have a counterpart, and the triggers that nobody needs any more.

use std::collections::BTreeSet;

use super::build::Draft;
use super::report::{GeometryDecision, ReplacedVirtualTable, SkippedVirtualTable};
use super::{full_text, spatial};
use crate::catalog::{Trigger, VirtualRows, VirtualTable};
use crate::dialect::upkeep;

/// Plans what takes the place of each virtual table. Its rows, if it has any, are planned as those of any other table.
pub(super) fn plan_virtual_tables(draft: &mut Draft<'_>) {
    decide_geometries(draft);
    for table in &draft.inputs.catalog.virtual_tables {
        let planned = match &table.rows {
            VirtualRows::Own if table.is_full_text() => full_text::plan_own(draft, table),
            VirtualRows::Own => spatial::plan_tree(draft, table),
            VirtualRows::Elsewhere { table: content, rowid, columns } => full_text::plan_external(draft, table, content, rowid, columns),
            VirtualRows::Geometry { .. } if is_of_geometry(draft, &table.name) => Ok(()),
            VirtualRows::Geometry { table: indexed, column } => Err(format!("it indexes {indexed}.{column}, which is not in the file")),
            VirtualRows::Nowhere => Err("it is an index of texts that it does not keep, so there is nothing to copy".to_owned()),
            VirtualRows::Unread { reason, kept } if kept.is_empty() => Err(reason.clone()),
            VirtualRows::Unread { reason, kept } => {
                Err(format!("{reason}; what it holds comes across as it is kept, in the table {}", kept.join(", ")))
            }
        };
        if let Err(reason) = planned {
            draft.report.virtual_tables.push(SkippedVirtualTable {
                name: table.name.clone(),
                module: table.module.clone(),
                shadow_tables: table.shadow_tables.clone(),
                reason,
                triggers: Vec::new(),
                original: table.sql.clone(),
            });
        }
    }
}

/// Notes that a virtual table has a counterpart, and which.
pub(super) fn replaced(draft: &mut Draft<'_>, table: &VirtualTable, replacement: String, query: Option<String>, notes: Vec<String>) {
    draft.report.replaced_virtual_tables.push(ReplacedVirtualTable {
        name: table.name.clone(),
        module: table.module.clone(),
        replacement,
        query,
        notes,
        triggers: Vec::new(),
        original: table.sql.clone(),
    });
}

fn is_of_geometry(draft: &Draft<'_>, index: &str) -> bool {
    draft.report.geometry_columns.iter().any(|geometry| geometry.index.as_deref() == Some(index))
}

fn decide_geometries(draft: &mut Draft<'_>) {
    let catalog = draft.inputs.catalog;
    for geometry in &catalog.geometry_columns {
        let Some((plan, table)) = draft.table(&geometry.table) else { continue };
        let Some((position, column)) = table.column(&geometry.column) else { continue };
        let Some(planned) = plan.columns.get(position) else { continue };
        let indexes = |of: &&VirtualTable| matches!(&of.rows, VirtualRows::Geometry { table, column } if *table == geometry.table && *column == geometry.column);
        let decision = GeometryDecision {
            table: table.name.clone(),
            column: column.name.clone(),
            target: planned.target.clone(),
            bytes: planned.pg_type() == crate::value::PgType::Bytea,
            format: geometry.format,
            kind: geometry.kind.clone(),
            srid: geometry.srid,
            index: catalog.virtual_tables.iter().find(indexes).map(|index| index.name.clone()),
            triggers: Vec::new(),
        };
        draft.report.geometry_columns.push(decision);
    }
}

/// Takes a trigger that only keeps virtual tables in step which don't need it any more: tells it with the first of them.
pub(super) fn absorb(draft: &mut Draft<'_>, trigger: &Trigger) -> bool {
    let catalog = draft.inputs.catalog;
    let Some(upkeep) = upkeep(trigger) else { return false };
    let indexes = |name: &String| catalog.virtual_table(name).filter(|table| table.rows != VirtualRows::Own);
    let Some(written) = upkeep.writes.iter().map(indexes).collect::<Option<Vec<&VirtualTable>>>() else { return false };
    let names: BTreeSet<&str> = written.iter().map(|table| table.name.as_str()).collect();
    let report = &mut draft.report;
    if let Some(table) = report.replaced_virtual_tables.iter_mut().find(|table| names.contains(table.name.as_str())) {
        table.triggers.push(trigger.name.clone());
        if upkeep.conditional {
            table.notes.push(format!("the trigger {} fired for some rows only; the new index has them all", trigger.name));
        }
    } else if let Some(table) = report.virtual_tables.iter_mut().find(|table| names.contains(table.name.as_str())) {
        table.triggers.push(trigger.name.clone());
    } else if let Some(geometry) =
        report.geometry_columns.iter_mut().find(|geometry| geometry.index.as_deref().is_some_and(|index| names.contains(index)))
    {
        geometry.triggers.push(trigger.name.clone());
    } else {
        return false;
    }
    true
}
