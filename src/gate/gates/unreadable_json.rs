//! `unreadable-json`: JSON that PostgreSQL stores and can't take apart.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;

pub(super) const GATE: Gate = Gate {
    id: "unreadable-json",
    title: "JSON holds an escaped NUL or a lone surrogate",
    explain: "The text is valid JSON and comes across letter for letter, but it holds `\\u0000` or half of a surrogate pair, which \
              PostgreSQL's text can't hold: `->>` on that value fails (\"cannot be converted to text\"), and `jsonb` refuses it \
              altogether. Searches over the column then fail long after the move.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let columns = evidence.report.columns.iter().filter(|decision| decision.unreadable_json.count > 0);
    columns
        .map(|decision| {
            let count = decision.unreadable_json.count;
            let message = format!("{} that PostgreSQL stores but can't read with ->>", counted(count, "JSON text"));
            Finding::new(&GATE, Severity::Note, format!("{}.{}", decision.table, decision.column), count, message)
                .action("Mend these texts before the application searches them.")
                .rows(&decision.unreadable_json)
        })
        .collect()
}
