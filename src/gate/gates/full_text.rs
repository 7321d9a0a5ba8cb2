//! `full-text`: full-text tables that come across, and what queries must say instead of MATCH.

use crate::catalog::TargetCatalog;
use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::plan::ReplacedVirtualTable;

pub(super) const GATE: Gate = Gate {
    id: "full-text",
    title: "A full-text table becomes a tsvector with a GIN index",
    explain: "A full-text table that holds its texts becomes an ordinary table of the same name: its rowid is the primary key (`rowid`; \
              `docid` for FTS3 and FTS4), its cells are copied and compared as all others, and the generated column `outgrow_fts` is what \
              queries search. One that only indexes another table (`content='notes'`) becomes a view of that table; its triggers \
              are not needed any more, because the index is on the content itself.\n\n\
              Queries with `MATCH` have to be rewritten: `WHERE notes_fts MATCH 'one two'` becomes `WHERE notes_fts.outgrow_fts @@ \
              websearch_to_tsquery('simple', 'one two')`. Words are split and ranked otherwise than in SQLite; the reference page on full-text \
              search says how, with examples.",
    check,
};

pub(super) fn replaced(table: &ReplacedVirtualTable) -> (u64, String) {
    let mut message = format!("a table of the module {} becomes {}", table.module, table.replacement);
    if !table.triggers.is_empty() {
        message.push_str(&format!("; its triggers are replaced by that index: {}", table.triggers.join(", ")));
    }
    for note in &table.notes {
        message.push_str("; ");
        message.push_str(note);
    }
    (u64::try_from(table.triggers.len() + 1).unwrap_or(u64::MAX), message)
}

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let tables = evidence.report.replaced_virtual_tables.iter().filter(|table| table.module.starts_with("fts"));
    tables
        .map(|table| {
            let (count, message) = replaced(table);
            let action = match &table.query {
                Some(query) => format!("Write {query} in the place of MATCH."),
                None => without_words(evidence.target),
            };
            Finding::new(&GATE, Severity::Note, &table.name, count, message).action(action).original(&table.original)
        })
        .collect()
}

/// What to do where words are not what is searched for.
fn without_words(target: Option<&TargetCatalog>) -> String {
    let at_hand = match target.map(|target| target.extension("pg_trgm").map(|extension| extension.installed)) {
        None => "",
        Some(None) => ", which this server has to be given first",
        Some(Some(false)) => ", which this server has at hand",
        Some(Some(true)) => ", which this database has",
    };
    format!("Write ILIKE in the place of MATCH, over an index of pg_trgm{at_hand}.")
}
