//! `normalised-cells`: cells that a rule of the policy changes.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::value::Fate;

pub(super) const GATE: Gate = Gate {
    id: "normalised-cells",
    title: "A rule changes cells on their way",
    explain: "A rule that the policy names changes these cells: they are counted, and the verification compares the target with what \
              the rule makes of the source. What such a rule takes away can't be brought back by a rollback from PostgreSQL alone.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for decision in &evidence.report.columns {
        for inexact in &decision.inexact {
            let Fate::Normalised(rule) = inexact.fate else { continue };
            let place = format!("{}.{}", decision.table, decision.column);
            let message = format!("{} changed by the rule {}: {}", counted(inexact.evidence.count, "cell"), rule.id(), rule.meaning());
            findings.push(
                Finding::new(&GATE, Severity::Note, place, inexact.evidence.count, message)
                    .action("Nothing, if the rule is what you want; without it, the originals go into the quarantine.")
                    .rows(&inexact.evidence),
            );
        }
    }
    findings
}
