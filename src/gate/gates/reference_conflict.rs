//! `reference-conflict`: rows of a file of reference data whose keys the source has, too.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::plan::{OnConflict, ReferenceConflict};

pub(super) const GATE: Gate = Gate {
    id: "reference-conflict",
    title: "Reference data has keys that the source has, too",
    explain: "A file that the policy names under `[[reference]]` adds rows to a table. Here the source brings rows with the same keys: only one \
              of the two can stand in the table. outgrow never chooses between them by itself.\n\n\
              **Choices.** Take these rows out of the file. Or say with the file which of the two counts: `on-conflict = \"keep\"` leaves the \
              source's row as it is, and adds the others; `on-conflict = \"replace\"` gives it the file's values. What is replaced is then \
              another than in the source, and the comparison says so, cell by cell: where that is wanted, change the source first. \
              Example:\n\n```toml\n[[reference]]\ntable = \"regions\"\nfile = \"regions.csv\"\non-conflict = \"keep\"\n```",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    evidence.report.references.iter().map(finding).collect()
}

fn finding(conflict: &ReferenceConflict) -> Finding {
    let rows = counted(conflict.rows.count, "row");
    let (severity, message, action) = match conflict.on_conflict {
        OnConflict::Stop => (
            Severity::Stop,
            format!("{} has the keys of {rows} of the source", conflict.file),
            "Set on-conflict = \"keep\" or \"replace\" for the file, or take these rows out of it.",
        ),
        OnConflict::Keep => {
            (Severity::Note, format!("{} has the keys of {rows} of the source: what the source has stays", conflict.file), "Nothing.")
        }
        OnConflict::Replace => (
            Severity::Decide,
            format!(
                "{} has the keys of {rows} of the source and replaces what is there: the comparison shows each cell that is another then",
                conflict.file
            ),
            "Set on-conflict = \"keep\", or change the rows in the source.",
        ),
    };
    Finding::new(&GATE, severity, &conflict.table, conflict.rows.count, message).action(action).rows(&conflict.rows)
}
