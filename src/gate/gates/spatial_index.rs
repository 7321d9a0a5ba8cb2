//! `spatial-index`: R*Trees that come across.

use super::full_text::replaced;
use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "spatial-index",
    title: "An R*Tree becomes a table with an index on its boxes",
    explain: "An R*Tree becomes an ordinary table of the same name, with its key, its bounds as SQLite rounds them (to 32 bits) in `double \
              precision` (`bigint` for rtree_i32), and its auxiliary columns. A check keeps each lower bound below its upper one, as the \
              tree does. In two dimensions a GiST index finds boxes that overlap; in others each dimension gets an ordinary index.\n\n\
              Queries that compare the bounds give the same rows as before. To use the GiST index they need a condition on boxes as well: \
              `WHERE box(point(min_x, min_y), point(max_x, max_y)) && box(point($1, $3), point($2, $4))`. Bounds that the application \
              writes from now on are not rounded to 32 bits.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let tables = evidence.report.replaced_virtual_tables.iter().filter(|table| table.module.starts_with("rtree"));
    tables
        .map(|table| {
            let (count, message) = replaced(table);
            let action = match &table.query {
                Some(query) => format!("Add {query} to queries that are to use the index."),
                None => "Nothing needs to be done: queries that compare the bounds stay as they are.".to_owned(),
            };
            Finding::new(&GATE, Severity::Note, &table.name, count, message).action(action).original(&table.original)
        })
        .collect()
}
