//! `renamed`: a name that PostgreSQL can't take.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "renamed",
    title: "A name had to change",
    explain: "PostgreSQL keeps 63 bytes of a name, has no empty names, keeps indexes and tables in one namespace, and reserves a few \
              column names (`ctid`, `xmin` …). A name that it can't take ends in eight hex digits of its hash. Queries that use the \
              name must use the new one.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let renames = evidence.report.renames.iter();
    renames
        .map(|rename| {
            // The application names tables and columns; nobody but the schema names an index or a constraint.
            let named_by_queries = rename.what.starts_with("table") || rename.what.starts_with("column") || rename.what.starts_with("view");
            let severity = if named_by_queries && !rename.chosen { Severity::Decide } else { Severity::Note };
            Finding::new(&GATE, severity, format!("{} {}", rename.what, rename.source), 1, format!("becomes {}", rename.target))
                .action("Use the new name in queries, or rename it in the source first.")
        })
        .collect()
}
