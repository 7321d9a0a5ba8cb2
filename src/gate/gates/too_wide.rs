//! `too-wide`: tables whose rows PostgreSQL can't hold in a page.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "too-wide",
    title: "A table is wider than PostgreSQL takes",
    explain: "A table of PostgreSQL has at most 1,600 columns, and a row must fit into a page of 8 KiB. Long texts and blobs are kept \
              elsewhere, but each leaves a pointer of 18 bytes in the row; so a row of many columns may not fit, and its load would be refused.\n\n\
              **Choices.** Split the table in the application. Where the rows are filled sparsely, NULLs take no room: try the move on a \
              throw-away server (`outgrow rehearse`), and waive this if it loads.\n\n\
              **Example.** `readings  1`: 1,100 columns, and a row may take 8,900 bytes.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let rows = evidence.report.wide_rows.iter();
    rows.map(|wide| {
        let (severity, message) = if wide.columns > 1600 {
            (Severity::Stop, format!("it has {} columns, and PostgreSQL takes 1600", wide.columns))
        } else {
            (Severity::Decide, format!("a row may take {} bytes, and PostgreSQL takes 8160", wide.bytes))
        };
        Finding::new(&GATE, severity, wide.table.clone(), 1, message)
            .action("Split the table, or rehearse the move to see whether it loads.")
    })
    .collect()
}
