//! `quarantined-cells`: cells that their column can't give back.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::plan::{MappedColumn, Misfits};
use crate::value::{Fate, Reason};

pub(super) const GATE: Gate = Gate {
    id: "quarantined-cells",
    title: "Cells go into the quarantine",
    explain: "PostgreSQL's column can't hold these cells, or could not give them back as they are: text with a NUL byte, text that is \
              not UTF-8, a blob among texts. The table gets the nearest value that it can hold, and the original is kept, byte for byte, \
              in the table `outgrow.quarantine` with its table, column, row, storage class and the reason.\n\n\
              **Choices.** Mend the cells in the source. Or set a rule under `[rules.text]` (`nul` and `invalid-utf8` take \
              `\"quarantine\"`, `\"replace\"` and `\"strip\"`). Or waive the finding: the quarantine keeps everything.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for decision in &evidence.report.columns {
        for inexact in &decision.inexact {
            let Fate::Quarantined(reason) = inexact.fate else { continue };
            // Told of by `orphan-rows`.
            if reason == Reason::NoParent {
                continue;
            }
            // Told of by `unmapped-values`.
            let is_this = |mapped: &MappedColumn| mapped.table == decision.table && mapped.column == decision.column;
            if reason == Reason::Unmapped && evidence.report.value_maps.iter().any(is_this) {
                continue;
            }
            let place = format!("{}.{}", decision.table, decision.column);
            let message = format!("{} kept in the quarantine: {}", counted(inexact.evidence.count, "cell"), reason.meaning());
            let misfits = evidence.policy.column(&decision.table, &decision.column).and_then(|decided| decided.misfits);
            let severity = if misfits == Some(Misfits::Quarantine) { Severity::Note } else { Severity::Decide };
            findings.push(
                Finding::new(&GATE, severity, place, inexact.evidence.count, message)
                    .action("Mend the cells, set a rule under [rules.text], or waive this.")
                    .rows(&inexact.evidence),
            );
        }
    }
    findings
}
