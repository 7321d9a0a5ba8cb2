//! `conflict-clause`: constraints that resolve conflicts by themselves.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "conflict-clause",
    title: "A constraint resolves conflicts by itself",
    explain: "The constraint carries an ON CONFLICT clause: SQLite replaces or ignores a row that violates it, without an error. \
              PostgreSQL has the constraint but not the clause: the insert fails unless the statement itself says `ON CONFLICT …`.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let clauses = evidence.report.conflict_clauses.iter();
    clauses
        .map(|clause| {
            Finding::new(&GATE, Severity::Decide, format!("{}: {}", clause.table, clause.clause), 1, "the clause is left out")
                .action("Say ON CONFLICT in the application's inserts, then waive this.")
        })
        .collect()
}
