//! `identity-at-its-end`: a key that can't be counted up any more.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "identity-at-its-end",
    title: "A table has used up its row numbers",
    explain: "The table holds the greatest row number there is, 9223372036854775807. SQLite then looks for a free number at random (or \
              refuses, where the table is declared AUTOINCREMENT); a sequence of PostgreSQL can't. Every row comes across, and the next \
              insert that leaves the key out fails.\n\n**Choices.** Give that row another key, or waive the finding and set the sequence \
              to a free range after the move.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in &evidence.plan.tables {
        let at_end = table.columns.iter().filter(|column| column.identity.as_ref().is_some_and(|identity| identity.next == i64::MAX));
        for column in at_end {
            let place = format!("{}.{}", table.source, column.source);
            findings.push(
                Finding::new(&GATE, Severity::Decide, place, 1, "the greatest row number is taken; the next insert will fail")
                    .action("Give that row another key, or set the sequence by hand after the move."),
            );
        }
    }
    findings
}
