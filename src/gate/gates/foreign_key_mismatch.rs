//! `foreign-key-mismatch`: a foreign key that PostgreSQL can't have.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "foreign-key-mismatch",
    title: "A foreign key can't be made on PostgreSQL",
    explain: "SQLite accepts foreign keys whose parent table or columns don't exist, whose parent columns are not unique, or whose two \
              sides hold different types; it enforces none of these. PostgreSQL refuses them. All rows come across; the foreign key \
              does not.\n\n\
              **Choices.** Mend the schema in the application, or waive the finding if nothing relies on the key.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let problems = evidence.report.foreign_keys.iter();
    problems
        .map(|problem| {
            Finding::new(&GATE, Severity::Decide, &problem.place, 1, format!("the foreign key is left out: {}", problem.reason))
                .action("Mend the schema, or waive this with a reason.")
        })
        .collect()
}
