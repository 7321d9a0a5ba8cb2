//! `sequence-at-its-end`: a sequence of the target that can't count on from where the source is.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "sequence-at-its-end",
    title: "A sequence of the target can't give the next number",
    explain: "A sequence has a type and an end of its own: one made for an `integer` column ends at 2,147,483,647, even where the column has \
              become `bigint` since. Where the source's numbers have got beyond that, every row comes across, and the next insert fails. A \
              sequence that counts down is left as it is. A counter of the policy that no sequence answers to is told here, too.\n\n\
              **Choices.** Widen the sequence in a migration of the application (`ALTER SEQUENCE … AS bigint MAXVALUE …`) and run again; \
              or waive the finding and set the sequence by hand.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let sequences = evidence.report.existing.iter().flat_map(|existing| &existing.sequences);
    sequences.map(|sequence| Finding::new(&GATE, Severity::Decide, &sequence.place, 1, &sequence.reason).action(&sequence.advice)).collect()
}
