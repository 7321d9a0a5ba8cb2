//! `long-index-key`: keys that a b-tree of PostgreSQL does not take.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "long-index-key",
    title: "An index key may be longer than PostgreSQL takes",
    explain: "A b-tree of PostgreSQL takes keys of up to 2,704 bytes; SQLite has no such limit. The longest cells say that a key of this \
              index may be longer.\n\n\
              A unique index is made over a SHA-256 of the long part: it refuses just what the other would. But a statement that names \
              its columns, such as `INSERT … ON CONFLICT (url)`, does not find it, and a foreign key can't refer to it. An index that \
              serves speed only becomes a hash index, which finds equal values, or goes without its long column.\n\n\
              **Choices.** Waive it. Or shorten the texts, or take the index away in the application.\n\n\
              **Example.** `pages, index pages_url  1`: the longest `url` has 5,400 bytes.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let keys = evidence.report.long_keys.iter();
    keys.map(|key| {
        let severity = if key.unique { Severity::Decide } else { Severity::Note };
        let message = format!("a key may have {} bytes, and PostgreSQL takes 2704; it becomes {}", key.bytes, key.instead);
        let action = if key.unique {
            "Look for ON CONFLICT (…) over these columns in the application, then waive this."
        } else {
            "Look at the queries that the index serves."
        };
        Finding::new(&GATE, severity, format!("{}, {}", key.table, key.index), 1, message).action(action)
    })
    .collect()
}
