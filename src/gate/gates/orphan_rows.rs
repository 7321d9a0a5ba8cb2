//! `orphan-rows`: rows whose parent is missing.

use std::collections::BTreeSet;

use crate::catalog::{ForeignKey, OrphanFate, Table};
use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::plan::{OrphanRule, orphan_fate};
use crate::value::{self, OrphanSet};

pub(super) const GATE: Gate = Gate {
    id: "orphan-rows",
    title: "Rows refer to a parent that is not there",
    explain: "SQLite checks foreign keys only on connections that ask for it, so rows can refer to a parent that was deleted or never \
              existed. PostgreSQL refuses a foreign key over such rows.\n\n\
              **Choices.** Mend the rows in the application. Or set `orphans` under `[rules]`, for one table under `[tables.…]`, or for \
              one key under `[foreign-keys.…]`:\n\n\
              - `\"not-valid\"`: every row comes across, and the foreign key is made `NOT VALID`, which binds every new row and leaves \
              the old ones alone; after mending them, `ALTER TABLE … VALIDATE CONSTRAINT …` makes it whole.\n\
              - `\"quarantine\"`: the rows are kept out of their table, and every cell of them byte for byte in the table \
              `outgrow.quarantine`, with the reason `orphan-row`. A row that refers to one of them is then without a parent in its turn, \
              and so on: the plan counts them all before a row is loaded, and the rule of each key says what becomes of them.\n\
              - `\"null\"`: the rows come across with NULL where they refer to their parent, and the originals are kept in the \
              quarantine, with the reason `no-parent`. Columns that are NOT NULL, part of the primary key, computed, or referred to by \
              other tables are left as they are; a key over nothing but such columns has to be decided otherwise.\n\n\
              outgrow never deletes them: what is not in the table is in the quarantine, and the comparison looks for each cell in one or the other.\n\n\
              **Example.** `grades.student_id → students.id  4 rows`: four grades belong to students that are gone.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in &evidence.catalog.tables {
        for key in &table.foreign_keys {
            let direct = evidence.profile.orphans.iter().find(|orphans| orphans.table == table.name && orphans.foreign_key == key.id);
            let fated = evidence.profile.fated(&table.name, key.id).filter(|fated| fated.rows.count > 0);
            let rows = fated.map(|fated| &fated.rows).or_else(|| direct.map(|orphans| &orphans.rows));
            let Some(rows) = rows.filter(|rows| rows.count > 0 && is_bound(evidence, table, key)) else { continue };
            findings.push(finding(evidence, (table, key), direct, rows));
        }
    }
    findings
}

fn finding(evidence: &Evidence<'_>, (table, key): (&Table, &ForeignKey), direct: Option<&OrphanSet>, rows: &value::Evidence) -> Finding {
    let count = counted(rows.count, "row");
    let fate = orphan_fate(evidence.policy, evidence.catalog, evidence.profile, table, key);
    let (severity, message, action) = match (evidence.policy.orphan_rule(&table.name, key), fate) {
        (_, Ok(OrphanFate::HeldOut)) => {
            let in_turn = rows.count.saturating_sub(direct.map_or(0, |orphans| orphans.rows.count));
            let of_these =
                if in_turn > 0 { format!(", {} because the parent is kept out itself", counted(in_turn, "row")) } else { String::new() };
            let all = counted(evidence.plan.table(&table.name).map_or(0, |table| table.held_out), "row");
            let message =
                format!("{count} without a parent{of_these}: kept out of the table and whole in the quarantine ({all} of {})", table.name);
            (Severity::Note, message, "Look at them in outgrow.quarantine after the move; their reason is orphan-row.")
        }
        (_, Ok(OrphanFate::Null { columns })) => {
            let message = format!("{count} without a parent: {} becomes NULL, and the originals go into the quarantine", columns.join("+"));
            (Severity::Note, message, "Look at them in outgrow.quarantine after the move; their reason is no-parent.")
        }
        (_, Err(why)) => {
            let message = format!("{count} without a parent, and the rule for orphans can't be followed here: {why}");
            (Severity::Decide, message, "Mend the rows, or give this key another rule under [foreign-keys].")
        }
        (OrphanRule::NotValid, Ok(OrphanFate::Stay)) => {
            (Severity::Note, without_parent(&count, direct), "Mend the rows after the move, then run ALTER TABLE … VALIDATE CONSTRAINT ….")
        }
        (OrphanRule::Stop | OrphanRule::Quarantine | OrphanRule::Null, Ok(OrphanFate::Stay)) => (
            Severity::Decide,
            without_parent(&count, direct),
            "Mend the rows, or set orphans = \"quarantine\", \"null\" or \"not-valid\" under [rules].",
        ),
    };
    Finding::new(&GATE, severity, place(table, key), rows.count, message).action(action).rows(rows)
}

fn without_parent(rows: &str, direct: Option<&OrphanSet>) -> String {
    match direct.map_or(0, |orphans| orphans.transitive.count) {
        0 => format!("{rows} without a parent"),
        1 => format!("{rows} without a parent; 1 further row hangs on them in turn"),
        further => format!("{rows} without a parent; {} hang on them in turn", counted(further, "further row")),
    }
}

/// Whether the target will hold the key against the rows: one that the plan makes, or one that is there already.
fn is_bound(evidence: &Evidence<'_>, table: &Table, key: &ForeignKey) -> bool {
    let Some(existing) = &evidence.plan.existing else { return true };
    let Some(plan) = evidence.plan.table(&table.name) else { return false };
    let named = |name: &str| plan.columns.iter().find(|planned| planned.source == name).map(|planned| planned.target.clone());
    let columns: Option<BTreeSet<String>> = key.columns.iter().map(|pair| named(&pair.child)).collect();
    let keys = existing.before.table(&plan.target).map(|table| table.foreign_keys.as_slice()).unwrap_or_default();
    columns.is_some_and(|columns| keys.iter().any(|key| key.columns.iter().cloned().collect::<BTreeSet<_>>() == columns))
}

/// `grades.student_id → students.id`; without the parent's columns where the schema does not tell them.
fn place(table: &Table, key: &ForeignKey) -> String {
    let children: Vec<&str> = key.columns.iter().map(|pair| pair.child.as_str()).collect();
    let parents = key.columns.iter().map(|pair| pair.parent.as_deref()).collect::<Option<Vec<_>>>();
    let parent = parents.map_or_else(|| key.parent.clone(), |columns| format!("{}.{}", key.parent, columns.join("+")));
    format!("{}.{} → {parent}", table.name, children.join("+"))
}
