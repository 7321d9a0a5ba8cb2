//! `computed-by-trigger`: generated columns that become ordinary columns with a trigger.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "computed-by-trigger",
    title: "A trigger computes what was a generated column",
    explain: "A generated column of PostgreSQL is computed again when its rows are loaded, and the load stops where that fails or gives \
              another value: where the integers are so large that a sum or a product may go beyond 64 bits, where cells of a column \
              that it reads don't come across exactly, or where PostgreSQL does not call the expression immutable. Such a column becomes \
              an ordinary one: it is loaded with the values that SQLite computed, compared like any other, and a trigger computes it \
              before each INSERT and UPDATE.\n\n\
              SQLite refuses a statement that gives the column a value; PostgreSQL takes it, and the trigger computes over it.\n\n\
              **Choices.** None is needed. Or compute it in a view.\n\n\
              **Example.** `stars.doubled  1`: `distance * 2` over integers beyond two thousand million.",
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
