//! `virtual-table`: full-text, spatial and other virtual tables.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "virtual-table",
    title: "A virtual table does not come across",
    explain: "A virtual table (full-text search, R*Tree and others) is a program of SQLite's and has no counterpart of the same name on \
              PostgreSQL. Neither it nor its shadow tables are copied. Where it indexes an ordinary table, nothing is lost: the rows \
              come across with that table, and the index is made anew (`tsvector` and GIN for text). Where it holds the only copy of \
              its rows, read them out before the move.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let tables = evidence.report.virtual_tables.iter();
    tables
        .map(|table| {
            let count = u64::try_from(table.shadow_tables.len() + 1).unwrap_or(u64::MAX);
            let message = format!(
                "virtual table of module {}: neither it nor its {} shadow tables are copied",
                table.module,
                table.shadow_tables.len()
            );
            // The application's own tables bring its own search along.
            let severity = if evidence.plan.existing.is_some() { Severity::Note } else { Severity::Decide };
            Finding::new(&GATE, severity, &table.name, count, message)
                .action("Make the search or spatial index anew on PostgreSQL, or waive this if it is not needed.")
                .original(&table.original)
        })
        .collect()
}
