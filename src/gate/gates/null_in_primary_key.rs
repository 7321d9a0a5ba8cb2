//! `null-in-primary-key`: a primary key with NULLs.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;

pub(super) const GATE: Gate = Gate {
    id: "null-in-primary-key",
    title: "A primary key holds NULLs",
    explain: "SQLite lets NULLs stand in a primary key that is not an INTEGER PRIMARY KEY (an old mistake of its, kept for \
              compatibility). PostgreSQL does not. All rows come across, and the key becomes a unique index, which in both databases \
              takes any number of NULLs.\n\n**Choices.** Give these rows a key in the source, or waive the finding.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let keys = evidence.report.null_keys.iter();
    keys.map(|key| {
        let message = format!("{} with a NULL in the primary key; it becomes a unique index", counted(key.rows, "row"));
        Finding::new(&GATE, Severity::Decide, &key.table, key.rows, message).action("Give these rows a key, or waive this.")
    })
    .collect()
}
