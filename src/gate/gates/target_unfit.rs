//! `target-unfit`: a server that can't take the database.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "target-unfit",
    title: "The server can't take this database",
    explain: "PostgreSQL 13 or newer is needed, in a database whose encoding is UTF8 (others can't hold every text). Make the database \
              with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`. A table can have 1,600 columns there (SQLite takes up to \
              32,767): a wider one has to be split in the application first. This can't be waived.",
    check,
};

/// The most columns that a PostgreSQL table can have.
const COLUMNS: usize = 1600;

fn wide_tables(evidence: &Evidence<'_>) -> Vec<Finding> {
    let wide = evidence.plan.tables.iter().filter(|table| table.columns.len() > COLUMNS);
    wide.map(|table| {
        let count = u64::try_from(table.columns.len()).unwrap_or(u64::MAX);
        let message = format!("the table has {count} columns, and PostgreSQL takes {COLUMNS}");
        Finding::new(&GATE, Severity::Stop, &table.source, count, message).action("Split the table before the move.")
    })
    .collect()
}

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = wide_tables(evidence);
    let Some(target) = evidence.target else { return findings };
    if target.major() < 13 {
        let message = format!("the server is PostgreSQL {}; 13 is the oldest that outgrow supports", target.major());
        findings.push(Finding::new(&GATE, Severity::Stop, "the server", 1, message).action("Use a newer server."));
    }
    if target.encoding != "UTF8" {
        let message = format!("the database's encoding is {}, which can't hold every text", target.encoding);
        let action = "Make the database with ENCODING 'UTF8' TEMPLATE template0.";
        findings.push(Finding::new(&GATE, Severity::Stop, "the database", 1, message).action(action));
    }
    findings
}
