//! `virtual-table`: virtual tables that have no counterpart.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "virtual-table",
    title: "A virtual table does not come across",
    explain: "A virtual table is a program of SQLite's. Full-text tables and R*Trees come across (`full-text`, `spatial-index`); this one \
              doesn't, for the reason that the finding gives. Neither it nor its shadow tables are copied, apart from a shadow table that \
              the finding names because it holds what nothing else does. Triggers that only keep it in step don't come across either.\n\n\
              **Contentless full-text tables** (`content=''`) keep no text: make a `tsvector` column where the texts are, and fill it \
              from there. **Full-text tables over a view**: make the `tsvector` in the tables below the view, or in a materialised \
              view. **Modules that SQLite has to be given** (`vec0`, `spellfix1`, `csv`, one of your own): read the rows out with the \
              application, or look for the PostgreSQL extension for it (pgvector, pg_trgm, file_fdw).\n\n\
              **Choices.** Make what is missing on PostgreSQL, or waive the finding if it is not needed.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let tables = evidence.report.virtual_tables.iter();
    tables
        .map(|table| {
            // The application's own tables bring its own search along.
            let severity = if evidence.plan.existing.is_some() { Severity::Note } else { Severity::Decide };
            let count = u64::try_from(table.shadow_tables.len() + table.triggers.len() + 1).unwrap_or(u64::MAX);
            let mut message = format!("a virtual table of the module {} is not copied: {}", table.module, table.reason);
            if !table.triggers.is_empty() {
                message.push_str(&format!("; the triggers that keep it in step are left out: {}", table.triggers.join(", ")));
            }
            Finding::new(&GATE, severity, &table.name, count, message)
                .action("Make what takes its place on PostgreSQL, or waive this if it is not needed.")
                .original(&table.original)
        })
        .collect()
}
