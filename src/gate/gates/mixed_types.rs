//! `mixed-types`: cells that break what their column declares.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::value::PgType;

pub(super) const GATE: Gate = Gate {
    id: "mixed-types",
    title: "Cells are not of the type that their column declares",
    explain: "SQLite lets any value stand in any column. Here some cells break what the declaration intends, so the column gets a type \
              that holds all of them exactly, and not the one that was meant. Nothing is lost, but the application may expect the \
              declared type.\n\n\
              **Choices.** Mend the cells that are named, in the application or by SQL, and rehearse again: the column then gets its \
              type. Or waive the finding if the application can live with the wider type.\n\n\
              **Example.** `surveys.opened_at  18 integers, 2 texts`: a DATETIME column with integers in epoch milliseconds and two \
              texts becomes `text`.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mixed = evidence.report.columns.iter().filter(|decision| !decision.counter_examples.is_empty());
    mixed
        .map(|decision| {
            let count = decision.counter_examples.iter().map(|example| example.evidence.count).sum();
            let exceptions: Vec<&str> = decision.counter_examples.iter().map(|example| example.what.as_str()).collect();
            let declared = if decision.declared.is_empty() { "without a type".to_owned() } else { decision.declared.clone() };
            let pg_type: PgType = decision.conversion.pg_type();
            let message = format!("declared {declared}, but {}; becomes {pg_type}", exceptions.join(", "));
            let mut finding = Finding::new(&GATE, Severity::Decide, format!("{}.{}", decision.table, decision.column), count, message)
                .action("Mend these cells, or waive this if the application can live with the type.");
            for example in &decision.counter_examples {
                finding = finding.rows(&example.evidence);
            }
            finding
        })
        .collect()
}
