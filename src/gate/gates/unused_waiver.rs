//! `unused-waiver`: a waiver that covers no finding.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::plan::Waiver;

pub(super) const GATE: Gate = Gate {
    id: "unused-waiver",
    title: "A waiver of the policy covers nothing",
    explain: "No finding that can be waived has this id at this place. Either what it was for has been mended, and the waiver can go; or its \
              place is misspelt, and the finding that it was meant for still stands in the way. The place of a waiver is the finding's, just \
              as the page shows it. What only a real target shows (`target-not-empty`) has no finding before one is named.",
    check,
};

/// None of its own: which waivers are used is known when all gates have been asked.
fn check(_: &Evidence<'_>) -> Vec<Finding> {
    Vec::new()
}

/// The finding for a waiver that covers nothing.
pub(in crate::gate) fn unused(waiver: &Waiver) -> Finding {
    let message = format!("the waiver of `{}` by {} covers no finding", waiver.finding, waiver.by);
    Finding::new(&GATE, Severity::Note, &waiver.at, 1, message).action("Take it out of the policy, or mend its place.")
}
