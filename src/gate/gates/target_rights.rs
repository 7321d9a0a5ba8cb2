//! `target-rights`: what the role may not do.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "target-rights",
    title: "The role lacks a right that the load needs",
    explain: "No superuser is needed. A load into existing tables takes INSERT and SELECT on each of them, SELECT and UPDATE on their \
              sequences, DELETE where seeded rows are replaced; and the ownership of tables whose foreign keys or triggers have to be set \
              aside, because PostgreSQL lets nobody else do that. Foreign keys of tables that the role does not own stay in place, and \
              parents are loaded before their children; where they refer in a circle, no order suits them.\n\n\
              **Choices.** Load as the role that ran the application's migrations: it owns everything. Or have the rights given that the \
              finding names. This can't be waived.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let missing = evidence.report.existing.iter().flat_map(|existing| &existing.missing_rights);
    missing.map(|right| Finding::new(&GATE, Severity::Stop, &right.place, 1, &right.reason).action(&right.advice)).collect()
}
