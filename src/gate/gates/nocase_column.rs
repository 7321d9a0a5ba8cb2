//! `nocase-column`: text that compared without regard to case.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "nocase-column",
    title: "A column compares without regard to case",
    explain: "The column is declared COLLATE NOCASE: SQLite takes `Ada` and `ADA` for equal there (ASCII letters only). On PostgreSQL \
              the column is ordinary text. What is unique stays unique without regard to case, through an index on \
              `lower(… collate \"C\")`; but a query `where email = 'ADA@EXAMPLE.COM'` finds only that spelling. Write \
              `where lower(email) = lower(…)` in the application.\n\n\
              Any other collation than BINARY (RTRIM, or one that the application brings along) is lost too, and somebody has to decide.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let columns = evidence.report.columns.iter().filter_map(|decision| Some((decision, decision.collation.as_ref()?)));
    columns
        .map(|(decision, collation)| {
            let place = format!("{}.{}", decision.table, decision.column);
            if collation.eq_ignore_ascii_case("nocase") {
                let message = "compares without regard to ASCII case in SQLite, and with regard to case on PostgreSQL; uniqueness is kept";
                return Finding::new(&GATE, Severity::Note, place, 1, message)
                    .action("Compare lower(column) with lower(value) in the application's queries.");
            }
            let message = format!("compares under the collation {collation} in SQLite, and byte by byte on PostgreSQL");
            Finding::new(&GATE, Severity::Decide, place, 1, message).action("See what the application's queries rely on, then waive this.")
        })
        .collect()
}
