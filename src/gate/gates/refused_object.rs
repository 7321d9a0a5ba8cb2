//! `refused-object`: an object whose refusal by the server somebody answers for.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::plan::{Action, REFUSED_OBJECT, Waiver};

pub(super) const GATE: Gate = Gate {
    id: REFUSED_OBJECT,
    title: "The refusal of an object is waived",
    explain: "An index, a key, a check, a foreign key, a view or a trigger that the server refuses takes nothing else with it: everything else is \
              moved and compared, the refusal is shown with its statement, and the exit code is 3. Where the application can do without the \
              object, somebody answers for that in the policy. The refusal is then shown as waived, and the exit code is that of the rest.\n\n\
              **Example.** The place is the object, just as the report names it, or `*` for every one:\n\n```toml\n[[waiver]]\n\
              finding = \"refused-object\"\nat = \"index grades_note_idx\"\nreason = \"the notes are searched elsewhere\"\nby = \"Ada\"\n```\n\n\
              A place that the plan makes no object of, or one that the move can't go on without, is said as `unused-waiver`.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    evidence.policy.waivers.iter().filter(|waiver| waiver.finding == REFUSED_OBJECT && is_made(evidence, waiver)).map(finding).collect()
}

/// Whether the plan makes the object, and the move can go on without it.
fn is_made(evidence: &Evidence<'_>, waiver: &Waiver) -> bool {
    let optional = evidence.plan.steps.iter().filter(|step| matches!(step.action, Action::Run { optional: true, .. }));
    optional.into_iter().any(|step| waiver.at == "*" || waiver.at == step.object)
}

fn finding(waiver: &Waiver) -> Finding {
    let message = format!("where the server refuses it, {} answers for that: {}", waiver.by, waiver.reason);
    Finding::new(&GATE, Severity::Note, &waiver.at, 1, message).action("Nothing.")
}
