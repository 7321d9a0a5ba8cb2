//! `unreadable`: columns that SQLite itself can't read, and texts that it would read as others.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "unreadable",
    title: "Cells can't be read as they are stored",
    explain: "Either the column is computed by a function, or its table is sorted by a collation, that only the application brings along. \
              outgrow reads the file without the application, so it can't see these cells, and what can't be read can't be moved.\n\n\
              Or the file keeps its texts as UTF-16, and the text in these rows is not well-formed: half of a surrogate pair, or half \
              of a unit. SQLite then gives out other characters than are stored, so the move would change them without a trace.\n\n\
              **Choices.** Turn a computed column into an ordinary one, or rebuild the table without the application's collation, and \
              run again. Set the texts that are not well-formed anew, or store their bytes: `UPDATE … SET column = CAST(column AS BLOB) \
              WHERE …`. This can't be waived.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let tables = evidence.profile.tables.iter();
    let columns = tables.flat_map(|(table, profile)| profile.unreadable.iter().map(move |(column, reason)| (table, column, reason)));
    columns
        .map(|(table, column, reason)| {
            Finding::new(&GATE, Severity::Stop, format!("{table}.{column}"), 1, format!("its cells can't be read: {reason}"))
                .action("Make the column or the table readable without the application, then run again.")
        })
        .chain(ill_formed(evidence))
        .collect()
}

fn ill_formed<'a>(evidence: &Evidence<'a>) -> impl Iterator<Item = Finding> + use<'a> {
    let tables = evidence.profile.tables.iter();
    let columns = tables.flat_map(|(table, profile)| profile.ill_formed_utf16.iter().map(move |(column, rows)| (table, column, rows)));
    columns.map(|(table, column, rows)| {
        let message = "text that is not well-formed UTF-16: SQLite would give out other characters than are stored";
        Finding::new(&GATE, Severity::Stop, format!("{table}.{column}"), rows.count, message)
            .rows(rows)
            .action("Set these texts anew, or cast them to BLOB, then run again.")
    })
}
