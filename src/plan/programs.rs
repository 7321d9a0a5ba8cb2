//! Views and triggers, and what the translator knows of every table.

use std::collections::BTreeSet;

use super::build::{Draft, Inputs};
use super::report::LeftOut;
use super::step::Phase;
use super::table::TablePlan;
use crate::catalog::{Table, View, quoted};
use crate::dialect::{ColumnScope, RelationKind, TableScope, Translator, Untranslatable};

/// Tells the translator every table, its target names and its conversions.
pub(super) fn open_scope(draft: &mut Draft<'_>) {
    for (plan, table) in draft.tables.iter().zip(&draft.inputs.catalog.tables) {
        let stored = relation(draft.inputs, plan, table);
        let mut scope = stored.clone();
        for (column, plan) in scope.columns.iter_mut().zip(&plan.columns) {
            // Its values are called otherwise in the target, so that no expression over them means the same.
            if plan.values.is_some() {
                column.conversion = None;
            }
        }
        draft.stored_scope.add(stored);
        draft.scope.add(scope);
    }
}

fn relation(inputs: Inputs<'_>, plan: &TablePlan, table: &Table) -> TableScope {
    let columns = plan.columns.iter().zip(&table.columns).map(|(plan, column)| ColumnScope {
        source: plan.source.clone(),
        target: plan.target.clone(),
        pg_type: plan.pg_type(),
        conversion: Some(plan.conversion),
        affinity: column.affinity,
        collation: column.collation.clone(),
        not_null: plan.not_null,
        rowid_alias: table.rowid_alias() == Some(column.name.as_str()),
        generated: column.generated.is_some(),
    });
    // A key with NULLs becomes a unique index, by which PostgreSQL does not group.
    let whole_key = inputs.profile.tables.get(&table.name).is_some_and(|profile| profile.key_nulls.count == 0);
    let primary_key = table.primary_key.iter().filter(|_| whole_key).flat_map(|key| key.columns.clone()).collect();
    TableScope {
        source: table.name.clone(),
        schema: Some(inputs.policy.target.schema.clone()),
        target: plan.target.clone(),
        columns: columns.collect(),
        primary_key,
        kind: RelationKind::Table,
    }
}

/// Plans the views, each after those that it uses.
pub(super) fn plan_views(draft: &mut Draft<'_>) {
    let mut waiting: Vec<&View> = draft.inputs.catalog.views.iter().collect();
    let names: BTreeSet<String> = waiting.iter().map(|view| view.name.to_ascii_lowercase()).collect();
    loop {
        let before = waiting.len();
        let mut failed: Vec<(&View, Untranslatable)> = Vec::new();
        let mut later = Vec::new();
        for view in waiting {
            match Translator::new(&draft.scope, draft.inputs.server_major).view(view) {
                Ok(translated) => {
                    let name = draft.name_relation("view", &view.name);
                    let schema = draft.inputs.policy.target.schema.clone();
                    let sql = format!("CREATE VIEW {}.{} AS {}", quoted(&schema), quoted(&name), translated.select);
                    draft.scope.add(TableScope {
                        source: view.name.clone(),
                        schema: Some(schema),
                        target: name.clone(),
                        columns: translated.columns,
                        primary_key: Vec::new(),
                        kind: RelationKind::View,
                    });
                    draft.optional(Phase::Programs, format!("view:{}", view.name), format!("view {name}"), vec![sql]);
                }
                // It may read a view whose turn has not come yet.
                Err(why)
                    if names
                        .iter()
                        .any(|name| *name != view.name.to_ascii_lowercase() && view.sql.to_ascii_lowercase().contains(name.as_str())) =>
                {
                    later.push(view);
                    failed.push((view, why));
                }
                Err(why) => draft.untranslated("view", &view.name, why, &view.sql),
            }
        }
        if later.len() == before || later.is_empty() {
            for (view, why) in failed {
                draft.untranslated("view", &view.name, why, &view.sql);
            }
            return;
        }
        waiting = later;
    }
}

/// Plans the triggers.
pub(super) fn plan_triggers(draft: &mut Draft<'_>) {
    for trigger in &draft.inputs.catalog.triggers {
        if draft.inputs.catalog.left_out.iter().any(|table| table.eq_ignore_ascii_case(&trigger.table)) {
            let reason = format!("the table {} is left out", trigger.table);
            draft.report.left_out.push(LeftOut { what: format!("trigger {}", trigger.name), count: 1, reason });
            continue;
        }
        match Translator::new(&draft.scope, draft.inputs.server_major).trigger(trigger) {
            Ok(translated) => {
                let id = format!("trigger:{}", trigger.name);
                draft.optional(Phase::Programs, id, format!("trigger {}", trigger.name), vec![translated.function, translated.trigger]);
            }
            Err(why) => draft.untranslated("trigger", &trigger.name, why, &trigger.sql),
        }
    }
}
