//! `null-against-declaration`: NULLs in a column declared NOT NULL.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;

pub(super) const GATE: Gate = Gate {
    id: "null-against-declaration",
    title: "A NOT NULL column holds NULLs",
    explain: "The column is declared NOT NULL and holds NULLs all the same; a schema edited by hand or a damaged file can do that. The \
              column takes NULLs on PostgreSQL, so that every row comes across.\n\n**Choices.** Fill the cells in the source, or waive \
              the finding.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let columns = evidence.report.columns.iter().filter(|decision| decision.nulls_against_declaration > 0);
    columns
        .map(|decision| {
            let count = decision.nulls_against_declaration;
            let message = format!("{} in a column declared NOT NULL, which takes NULLs in the target", counted(count, "NULL"));
            Finding::new(&GATE, Severity::Decide, format!("{}.{}", decision.table, decision.column), count, message)
                .action("Fill these cells, or waive this.")
        })
        .collect()
}
