//! `computed-by-trigger`: generated columns that become ordinary columns with a trigger.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "computed-by-trigger",
    title: "A trigger computes what was a generated column",
    explain: "PostgreSQL takes only expressions that it calls immutable for a generated column, and one that writes a date or a time as \
              text is none. The column becomes an ordinary one: it is loaded with the values that SQLite computed, compared like any \
              other, and a trigger computes it before each INSERT and UPDATE.\n\n\
              SQLite refuses a statement that gives the column a value; PostgreSQL takes it, and the trigger computes over it.\n\n\
              **Choices.** None is needed. Or compute it in a view.\n\n\
              **Example.** `orders.year  1`: `strftime('%Y', made)` over a column of timestamps.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let columns = evidence.report.computed_columns.iter();
    columns
        .map(|computed| {
            let place = format!("{}.{}", computed.table, computed.column);
            Finding::new(&GATE, Severity::Note, place, 1, "a trigger computes it before each INSERT and UPDATE")
                .action("Nothing has to be done.")
        })
        .collect()
}
