//! Views and triggers, and what the translator knows of every table.

use std::collections::BTreeSet;

use super::build::{Draft, Inputs};
use super::chains::{self, Made};
use super::long_keys::long_columns;
use super::policy::TriggerRule;
use super::report::{LeftOut, ReplacedVirtualTable, SingleRowTrigger};
use super::step::Phase;
use super::table::TablePlan;
use super::virtual_tables;
use crate::catalog::{ForeignKey, ForeignKeyAction, Table, Trigger, View, quoted};
use crate::dialect::{
    ColumnScope, Constraints, OtherKeys, RelationKind, TableScope, Translator, TriggerSql, Untranslatable, alike, fired_by, read_table,
};

/// Tells the translator every table, its target names and its conversions.
pub(super) fn open_scope(draft: &mut Draft<'_>) {
    let mut relations = Vec::new();
    for (plan, table) in draft.tables.iter().zip(&draft.inputs.catalog.tables) {
        let mut stored = relation(draft.inputs, plan, table);
        if long_columns(draft, table, &stored.primary_key).is_some() {
            stored.primary_key.clear();
        }
        let mut scope = stored.clone();
        for (column, plan) in scope.columns.iter_mut().zip(&plan.columns) {
            // Its values are called otherwise in the target, so that no expression over them means the same.
            if plan.values.is_some() {
                column.conversion = None;
            }
        }
        relations.push((stored, scope));
    }
    for (stored, scope) in relations {
        draft.stored_scope.add(stored);
        draft.scope.add(scope);
    }
}

fn relation(inputs: Inputs<'_>, plan: &TablePlan, table: &Table) -> TableScope {
    let columns = plan.columns.iter().zip(&table.columns).map(|(plan, column)| ColumnScope {
        source: plan.source.clone(),
        target: plan.target.clone(),
        pg_type: plan.pg_type(),
        conversion: Some(alike(plan.conversion)),
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
                    draft.scope.note_view(&view.name, translated.uses);
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
                Err(why) => untranslated_view(draft, view, why),
            }
        }
        if later.len() == before || later.is_empty() {
            for (view, why) in failed {
                untranslated_view(draft, view, why);
            }
            return;
        }
        waiting = later;
    }
}

/// Reports a view; where it searches a full-text table, with what to write in the place of MATCH.
fn untranslated_view(draft: &mut Draft<'_>, view: &View, mut why: Untranslatable) {
    let text = view.sql.to_ascii_lowercase();
    let searches = |table: &&ReplacedVirtualTable| table.module.starts_with("fts") && text.contains(&table.name.to_ascii_lowercase());
    let query = draft.report.replaced_virtual_tables.iter().filter(searches).find_map(|table| table.query.as_ref());
    if let Some(query) = query.filter(|_| text.split_whitespace().any(|word| word == "match")) {
        "MATCH".clone_into(&mut why.construct);
        why.reason = format!("it is the operator of SQLite's full-text tables; write {query} with your words for $1");
    }
    draft.untranslated("view", &view.name, why, &view.sql);
}

/// The triggers that are to come across: not those of a table that is left out, nor those that only keep a virtual table
/// in step which does not need it any more.
fn kept_triggers<'a>(draft: &mut Draft<'a>) -> Vec<&'a Trigger> {
    let catalog = draft.inputs.catalog;
    let mut kept = Vec::new();
    for trigger in &catalog.triggers {
        if catalog.left_out.iter().any(|table| table.eq_ignore_ascii_case(&trigger.table)) {
            let reason = format!("the table {} is left out", trigger.table);
            draft.report.left_out.push(LeftOut { what: format!("trigger {}", trigger.name), count: 1, reason });
        } else if !virtual_tables::absorb(draft, trigger) {
            kept.push(trigger);
        }
    }
    kept
}

/// Plans the triggers.
pub(super) fn plan_triggers(draft: &mut Draft<'_>) {
    for table in &draft.inputs.catalog.tables {
        let constraints = constraints(draft, table);
        draft.scope.constrain(&table.name, constraints);
        for column in read_table(&table.sql).into_iter().flat_map(|ddl| ddl.columns) {
            if let Some(generated) = &column.generated {
                draft.scope.note_generated(&table.name, &column.name, &generated.source);
            }
        }
    }
    draft.scope.note_triggers(&draft.inputs.catalog.triggers);
    let kept = kept_triggers(draft);
    let mut all: Vec<Made<'_>> = {
        let mut translator = Translator::new(&draft.scope, draft.inputs.server_major);
        if draft.inputs.policy.rules.triggers == TriggerRule::SingleRow {
            translator = translator.for_single_rows();
        }
        kept.into_iter().map(|trigger| (trigger, translator.trigger(trigger))).collect()
    };
    chains::judge(&draft.inputs.catalog.triggers, &mut all, draft.inputs.policy.rules.triggers);
    let seen: Vec<Option<Untranslatable>> = all.iter().map(|(trigger, made)| seen_ahead(draft, trigger, made, &all)).collect();
    for ((trigger, made), seen) in all.into_iter().zip(seen) {
        let made = match (made, seen) {
            (Ok(mut made), Some(why)) if draft.inputs.policy.rules.triggers == TriggerRule::SingleRow => {
                made.single_row = Some(why);
                Ok(made)
            }
            (Ok(_), Some(why)) => Err(why),
            (made, _) => made,
        };
        match made {
            Ok(made) => {
                if let Some(why) = made.single_row {
                    let (trigger, table) = (trigger.name.clone(), trigger.table.clone());
                    draft.report.single_row_triggers.push(SingleRowTrigger {
                        trigger,
                        table,
                        construct: why.construct,
                        reason: why.reason,
                    });
                }
                let id = format!("trigger:{}", trigger.name);
                draft.optional(Phase::Programs, id, format!("trigger {}", trigger.name), vec![made.function, made.trigger]);
            }
            Err(why) => draft.untranslated("trigger", &trigger.name, why, &trigger.sql),
        }
    }
}

/// Why what a trigger writes ahead of SQLite could be seen while it is ahead.
fn seen_ahead(draft: &Draft<'_>, trigger: &Trigger, made: &Result<TriggerSql, Untranslatable>, all: &[Made<'_>]) -> Option<Untranslatable> {
    let made = made.as_ref().ok().filter(|made| !made.ahead.is_empty())?;
    let is_ahead = |name: &str| made.ahead.iter().any(|ahead| ahead.eq_ignore_ascii_case(name));
    let is_read = |name: &str| made.uses.iter().any(|used| used.eq_ignore_ascii_case(name) && !used.eq_ignore_ascii_case(&trigger.table));
    let others = all.iter().filter(|(other, _)| other.name != trigger.name);
    let by_trigger = others.filter(|(other, sql)| {
        let touches = sql.as_ref().is_ok_and(|sql| {
            // What goes by the same rule may write the same table: the last row of a key decides there, too.
            let alike = other.table.eq_ignore_ascii_case(&trigger.table);
            let mut written = sql.writes.iter().filter(|name| !(alike && sql.ahead.contains(*name)));
            sql.uses.iter().any(|name| is_ahead(name)) || written.any(|name| is_ahead(name)) || sql.writes.iter().any(|name| is_read(name))
        });
        is_ahead(&other.table) || touches
    });
    let tables = draft.inputs.catalog.tables.iter();
    let mut by_key = tables.filter(|table| {
        let acts = |key: &ForeignKey| key.on_delete != ForeignKeyAction::NoAction || key.on_update != ForeignKeyAction::NoAction;
        !table.name.eq_ignore_ascii_case(&trigger.table) && table.foreign_keys.iter().any(|key| acts(key) && is_ahead(&key.parent))
    });
    let seen = by_trigger.count() > 0 || by_key.next().is_some();
    seen.then(|| Untranslatable {
        construct: "AFTER trigger that reads its own table".to_owned(),
        reason:
            "another trigger or a foreign key acts on what it writes, which PostgreSQL has when the statement has changed all its rows, \
                 SQLite after each row"
                .to_owned(),
    })
}

/// What decides whether a table takes a row.
fn constraints(draft: &Draft<'_>, table: &Table) -> Constraints {
    let catalog = draft.inputs.catalog;
    let triggers = catalog.triggers.iter().filter(|trigger| trigger.table.eq_ignore_ascii_case(&table.name));
    let references =
        || catalog.tables.iter().flat_map(|child| &child.foreign_keys).filter(|key| key.parent.eq_ignore_ascii_case(&table.name));
    let mut constraints = Constraints {
        checks: read_table(&table.sql).map_or(true, |ddl| !ddl.checks.is_empty()),
        not_null: table.columns.iter().filter(|column| column.not_null).map(|column| column.name.clone()).collect(),
        defaults: table.columns.iter().filter(|column| column.default.is_some()).map(|column| column.name.clone()).collect(),
        triggers: triggers.flat_map(fired_by).map(|(fired_by, _)| fired_by).collect(),
        referenced: references().next().is_some(),
        acted_on: references().any(|key| key.on_delete != ForeignKeyAction::NoAction),
        ..Constraints::default()
    };
    let is_missing = |name: &str| draft.report.untranslated.iter().any(|object| object.kind == "index" && object.name == name);
    let unique = table.indexes.iter().filter(|index| index.unique);
    let mut keys: Vec<Option<Vec<String>>> = unique
        .map(|index| {
            if is_missing(&index.name) {
                constraints.others = OtherKeys::Missing;
            }
            let binary = index.parts.iter().all(|part| part.collation.eq_ignore_ascii_case("binary"));
            let columns: Option<Vec<String>> = index.parts.iter().map(|part| part.column.clone()).collect();
            columns.filter(|columns| binary && !index.partial && long_columns(draft, table, columns).is_none())
        })
        .collect();
    if let (Some(key), Some(_)) = (&table.primary_key, table.rowid_alias()) {
        keys.push(Some(key.columns.clone()));
    }
    if keys.iter().any(Option::is_none) {
        constraints.others = constraints.others.max(OtherKeys::Some);
    }
    constraints.keys = keys.into_iter().flatten().collect();
    constraints
}
