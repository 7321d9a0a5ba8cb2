//! `orphan-rows`: rows whose parent is missing.

use std::collections::BTreeSet;

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::plan::OrphanRule;
use crate::value::OrphanSet;

pub(super) const GATE: Gate = Gate {
    id: "orphan-rows",
    title: "Rows refer to a parent that is not there",
    explain: "SQLite checks foreign keys only on connections that ask for it, so rows can refer to a parent that was deleted or never \
              existed. PostgreSQL refuses a foreign key over such rows.\n\n\
              **Choices.** Mend the rows in the application. Or set `orphans = \"not-valid\"` under `[rules]`: every row comes \
              across, and the foreign key is made `NOT VALID`, which binds every new row and leaves the old ones alone; after mending \
              them, `ALTER TABLE … VALIDATE CONSTRAINT …` makes it whole. outgrow never deletes them.\n\n\
              **Example.** `grades.student_id → students.id  4 rows`: four grades belong to students that are gone.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let (severity, action) = match evidence.policy.rules.orphans {
        OrphanRule::Stop => (Severity::Decide, "Mend the rows, or set orphans = \"not-valid\" under [rules]."),
        OrphanRule::NotValid => (Severity::Note, "Mend the rows after the move, then run ALTER TABLE … VALIDATE CONSTRAINT …."),
    };
    let orphans = evidence.profile.orphans.iter().filter(|orphans| orphans.rows.count > 0 && is_bound(evidence, orphans));
    orphans
        .map(|orphans| {
            let rows = counted(orphans.rows.count, "row");
            let message = match orphans.transitive.count {
                0 => format!("{rows} without a parent"),
                1 => format!("{rows} without a parent; 1 further row hangs on them in turn"),
                further => format!("{rows} without a parent; {} hang on them in turn", counted(further, "further row")),
            };
            Finding::new(&GATE, severity, place(evidence, orphans), orphans.rows.count, message).action(action).rows(&orphans.rows)
        })
        .collect()
}

/// Whether the target will hold the key against the rows: one that the plan makes, or one that is there already.
fn is_bound(evidence: &Evidence<'_>, orphans: &OrphanSet) -> bool {
    let Some(existing) = &evidence.plan.existing else { return true };
    let Some(plan) = evidence.plan.table(&orphans.table) else { return false };
    let named = |column: &String| plan.columns.iter().find(|planned| planned.source == *column).map(|planned| planned.target.clone());
    let columns: Option<BTreeSet<String>> = orphans.columns.iter().map(named).collect();
    let keys = existing.before.table(&plan.target).map(|table| table.foreign_keys.as_slice()).unwrap_or_default();
    columns.is_some_and(|columns| keys.iter().any(|key| key.columns.iter().cloned().collect::<BTreeSet<_>>() == columns))
}

/// `grades.student_id → students.id`; without the parent's columns where the schema does not tell them.
fn place(evidence: &Evidence<'_>, orphans: &OrphanSet) -> String {
    let keys = evidence.catalog.table(&orphans.table).map(|table| table.foreign_keys.as_slice()).unwrap_or_default();
    let key = keys.iter().find(|key| key.id == orphans.foreign_key);
    let parents = key.and_then(|key| key.columns.iter().map(|pair| pair.parent.as_deref()).collect::<Option<Vec<_>>>());
    let parent = parents.map_or_else(|| orphans.parent.clone(), |columns| format!("{}.{}", orphans.parent, columns.join("+")));
    format!("{}.{} → {parent}", orphans.table, orphans.columns.join("+"))
}
