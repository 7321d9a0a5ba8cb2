//! `integrity`: the source file is damaged.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;

pub(super) const GATE: Gate = Gate {
    id: "integrity",
    title: "The source file is damaged",
    explain: "SQLite's own `PRAGMA integrity_check` found errors in the file. What a damaged page held can be missing or wrong, and a \
              copy would carry that over silently.\n\n\
              **Choices.** An index that disagrees with its table is mended by `REINDEX`. Anything else: restore a good backup, or \
              salvage what can be read with `sqlite3 app.db .recover`, and look at what is missing before you move. This can't be waived.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let problems: Vec<&String> = evidence.profile.integrity.iter().filter(|problem| !is_of_declaration(problem)).collect();
    let Some(first) = problems.first() else { return Vec::new() };
    let count = u64::try_from(problems.len()).unwrap_or(u64::MAX);
    let message = format!("SQLite's integrity check reports {}, the first: {first}", counted(count, "problem"));
    vec![
        Finding::new(&GATE, Severity::Stop, "the source file", count, message)
            .action("Mend the file with REINDEX or restore a good backup, then run again."),
    ]
}

/// Whether SQLite complains of a cell that breaks its column's declaration, which is no damage: `null-against-declaration`
/// and `mixed-types` say what becomes of it.
fn is_of_declaration(problem: &str) -> bool {
    ["NULL value in ", "TEXT value in ", "NUMERIC value in ", "CHECK constraint failed in "].iter().any(|start| problem.starts_with(start))
}
