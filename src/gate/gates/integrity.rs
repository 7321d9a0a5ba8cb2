//! `integrity`: the source file is damaged.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;

pub(super) const GATE: Gate = Gate {
    id: "integrity",
    title: "The source file is damaged",
    explain: "SQLite's own `PRAGMA integrity_check` found errors in the file. What a damaged page held can be missing or wrong, and a \
              copy would carry that over silently.\n\n\
              **Choices.** An index that disagrees with its table is mended by `REINDEX`. Anything else: restore a good backup, or \
              salvage what can be read with `sqlite3 app.db .recover`, and look at what is missing before you move. This can't be waived.\n\n\
              The words of a full-text index are another matter: where only they disagree with the texts, searching in SQLite misses \
              rows, and nothing is lost, because the index is made anew of the texts on PostgreSQL.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let problems = evidence.profile.integrity.iter().filter(|problem| !is_of_declaration(problem));
    let (of_words, damage): (Vec<&String>, Vec<&String>) = problems.partition(|problem| is_of_words(problem));
    let words = of_words.into_iter().map(|problem| {
        let message = format!("SQLite says: {problem}; that index is not copied, and what takes its place is made of the texts");
        Finding::new(&GATE, Severity::Note, "full-text index", 1, message)
            .action("Nothing needs to be done for the move; in SQLite, INSERT INTO t(t) VALUES ('rebuild') mends table t.")
    });
    let Some(first) = damage.first() else { return words.collect() };
    let count = u64::try_from(damage.len()).unwrap_or(u64::MAX);
    let message = format!("SQLite's integrity check reports {}, the first: {first}", counted(count, "problem"));
    let stop = Finding::new(&GATE, Severity::Stop, "the source file", count, message)
        .action("Mend the file with REINDEX or restore a good backup, then run again.");
    words.chain([stop]).collect()
}

/// Whether SQLite complains of the words of a full-text index, which hold nothing that its texts don't.
fn is_of_words(problem: &str) -> bool {
    let said = [
        "malformed inverted index for FTS",
        "unable to validate the inverted index for FTS",
        "fts5: checksum mismatch ",
        "fts5: corruption ",
    ];
    said.iter().any(|start| problem.starts_with(start))
}

/// Whether SQLite complains of a cell that breaks its column's declaration, which is no damage: `null-against-declaration`
/// and `mixed-types` say what becomes of it.
fn is_of_declaration(problem: &str) -> bool {
    ["NULL value in ", "TEXT value in ", "NUMERIC value in ", "CHECK constraint failed in "].iter().any(|start| problem.starts_with(start))
}
