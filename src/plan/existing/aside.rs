//! What the load takes out of its way and puts back: foreign keys and triggers.
//!
//! Rows come in whatever order, so foreign keys would refuse them; triggers would write what the source has written
//! already. Each is taken away by name and comes back as it was: the plan, which the ledger keeps, has its definition
//! before it is touched. Never `CASCADE`, never `ALL`.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{Draft, Pair};
use super::order::parents_first;
use super::report::MissingRight;
use crate::catalog::{TargetForeignKey, TargetTable, TriggerState, quoted};
use crate::dialect::text_sql;
use crate::plan::orphans::left_without_parent;
use crate::plan::{OrphanRule, Phase};

/// The most rows that are loaded in one statement: within one, a table may refer to itself.
const ROWS_AT_ONCE: u64 = 200_000;

/// Plans the steps that set foreign keys and triggers aside and put them back. Gives the order of the load, and whether it
/// has to be kept because foreign keys stay in place.
pub(super) fn plan_aside(draft: &mut Draft<'_>, pairs: &[Pair<'_>]) -> (Vec<String>, bool) {
    let loaded: BTreeSet<&str> = pairs.iter().filter(|pair| draft.is_loaded(pair)).map(|pair| pair.target.name.as_str()).collect();
    let replaced: BTreeSet<&str> =
        pairs.iter().filter(|pair| draft.existing.replaced.contains_key(&pair.source.name)).map(|pair| pair.target.name.as_str()).collect();
    // Those that stay in place: the order of the load has to suit them.
    let mut stay: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for table in &draft.target.tables {
        for key in &table.foreign_keys {
            let of_ours = key.parent_schema == draft.target.schema;
            let touched = loaded.contains(table.name.as_str()) || of_ours && replaced.contains(key.parent.as_str());
            if touched && table.rights.owner {
                foreign_key(draft, table, key, has_known_orphans(draft, pairs, table, key));
            } else if touched {
                stay.entry(table.name.clone()).or_default().insert(key.parent.clone());
            }
        }
    }
    for pair in pairs.iter().filter(|pair| loaded.contains(pair.target.name.as_str())) {
        triggers(draft, pair.target, replaced.contains(pair.target.name.as_str()));
    }
    let names: Vec<String> = pairs.iter().map(|pair| pair.target.name.clone()).collect();
    let (order, cycles) = parents_first(&names, &stay);
    for pair in pairs {
        let table = &pair.target.name;
        let refers = stay.get(table);
        let to_itself = refers.is_some_and(|parents| parents.contains(table)) && pair.plan.rows > ROWS_AT_ONCE;
        if (cycles.contains(table) && refers.is_some()) || to_itself {
            lacks_owner(draft, table, "its foreign keys refer in a circle, so that no order of loading suits them");
        }
    }
    for child in stay.keys().filter(|child| !loaded.contains(child.as_str())) {
        lacks_owner(draft, child, "rows that it refers to are to be replaced");
    }
    (order, !stay.is_empty())
}

fn lacks_owner(draft: &mut Draft<'_>, table: &str, why: &str) {
    draft.account.missing_rights.push(MissingRight {
        place: table.to_owned(),
        reason: format!("{why}, and only the owner of a table may set its foreign keys and triggers aside"),
        advice: format!("GRANT the role that owns {} to this role, or load as that role.", quoted(table)),
    });
}

/// Whether the source has rows under this foreign key that somebody decided to load without their parents.
fn has_known_orphans(draft: &Draft<'_>, pairs: &[Pair<'_>], table: &TargetTable, key: &TargetForeignKey) -> bool {
    let Some(pair) = pairs.iter().find(|pair| pair.target.name == table.name) else { return false };
    let source = |name: &String| pair.plan.columns.iter().find(|column| column.target == *name).map(|column| column.source.clone());
    let columns: Option<BTreeSet<String>> = key.columns.iter().map(source).collect();
    let policy = draft.inputs.policy;
    let of_source = pair.source.foreign_keys.iter().any(|known| {
        policy.orphan_rule(&pair.source.name, known) == OrphanRule::NotValid
            && columns == Some(known.columns.iter().map(|pair| pair.child.clone()).collect())
            && left_without_parent(draft.inputs, pair.source, known) > 0
    });
    let of_all = policy.rules.orphans == OrphanRule::NotValid;
    let mut misfits = draft.account.misfits.iter();
    let found =
        of_all && misfits.any(|misfit| misfit.table == pair.source.name && misfit.kind == super::MisfitKind::Orphan(key.name.clone()));
    of_source || found
}

fn foreign_key(draft: &mut Draft<'_>, table: &TargetTable, key: &TargetForeignKey, orphans: bool) {
    let target = format!("{}.{}", quoted(&draft.target.schema), quoted(&table.name));
    let (place, name) = (format!("{}:{}", table.name, key.name), quoted(&key.name));
    draft.existing.foreign_keys_aside.insert((table.name.clone(), key.name.clone()));
    draft.account.foreign_keys_aside.push(format!("{}.{}", table.name, key.name));
    draft.run(
        Phase::Tables,
        format!("foreign-key-aside:{place}"),
        format!("way free of foreign key {} of {}", key.name, table.name),
        vec![format!("ALTER TABLE {target} DROP CONSTRAINT {name}")],
        false,
    );
    let object = format!("foreign key {} of {} as it was", key.name, table.name);
    let comment = key.comment.iter().map(|text| format!("COMMENT ON CONSTRAINT {name} ON {target} IS {}", text_sql(text)));
    // A partitioned table takes no foreign key that is not checked at once.
    if table.partitioned {
        let sql = std::iter::once(format!("ALTER TABLE {target} ADD CONSTRAINT {name} {}", key.definition)).chain(comment).collect();
        draft.run(Phase::ForeignKeys, format!("foreign-key-back:{place}"), object, sql, true);
        return;
    }
    let bare = key.definition.strip_suffix(" NOT VALID").unwrap_or(&key.definition);
    let sql = std::iter::once(format!("ALTER TABLE {target} ADD CONSTRAINT {name} {bare} NOT VALID")).chain(comment).collect();
    draft.run(Phase::ForeignKeys, format!("foreign-key-back:{place}"), object, sql, false);
    if key.validated && !orphans {
        let object = format!("foreign key {} of {} valid again", key.name, table.name);
        let sql = vec![format!("ALTER TABLE {target} VALIDATE CONSTRAINT {name}")];
        draft.run(Phase::ForeignKeys, format!("foreign-key-valid:{place}"), object, sql, true);
    }
}

fn triggers(draft: &mut Draft<'_>, table: &TargetTable, replaced: bool) {
    let target = format!("{}.{}", quoted(&draft.target.schema), quoted(&table.name));
    for trigger in table.triggers.iter().filter(|trigger| trigger.on_insert || trigger.on_delete && replaced) {
        let back = match trigger.enabled {
            TriggerState::Origin => "ENABLE TRIGGER",
            TriggerState::Always => "ENABLE ALWAYS TRIGGER",
            TriggerState::Replica | TriggerState::Disabled => continue,
        };
        if !table.rights.owner {
            lacks_owner(draft, &table.name, &format!("the trigger {} would fire for every row that is loaded", trigger.name));
            continue;
        }
        let (place, name) = (format!("{}:{}", table.name, trigger.name), quoted(&trigger.name));
        draft.existing.triggers_aside.insert((table.name.clone(), trigger.name.clone()));
        draft.account.triggers_aside.push(format!("{}.{}", table.name, trigger.name));
        draft.run(
            Phase::Tables,
            format!("trigger-aside:{place}"),
            format!("way free of trigger {} of {}", trigger.name, table.name),
            vec![format!("ALTER TABLE {target} DISABLE TRIGGER {name}")],
            false,
        );
        draft.run(
            Phase::Programs,
            format!("trigger-back:{place}"),
            format!("trigger {} of {} as it was", trigger.name, table.name),
            vec![format!("ALTER TABLE {target} {back} {name}")],
            false,
        );
    }
}
