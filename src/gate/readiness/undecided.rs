//! `undecided`: the plan has findings that nobody has settled.

use super::{Answer, Known, Readiness, ReadinessGate};
use crate::gate::Finding;
use crate::mapping::counted;

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "undecided",
    title: "Every finding of the plan is settled",
    explain: "`outgrow plan app.db URL` shows findings that are in the way or to be decided. Each is settled by a rule of the policy or by a \
              waiver of its own, with a reason and a name. This gate can't be waived as a whole: what is waived is each finding.",
    check,
};

/// Findings of the plan that have a readiness gate of their own.
pub(super) const ELSEWHERE: [&str; 5] = ["orphan-rows", "migration-level", "target-not-empty", "target-unfit", "target-rights"];

fn check(evidence: &Readiness<'_>) -> Answer {
    let plan = match &evidence.plan {
        Known::Unseen(why) => return Answer::unknown(GATE.firm("the plan", why, "Mend that, and ask again.")),
        Known::Seen(plan) => plan,
    };
    let open: Vec<&Finding> =
        plan.findings.iter().filter(|finding| finding.blocks() && !ELSEWHERE.contains(&finding.id.as_str())).collect();
    let waived = plan.findings.iter().filter(|finding| finding.state != crate::gate::State::Open).count();
    let seen = format!(
        "plan {}: {} open, {} waived",
        plan.id.get(..12).unwrap_or(&plan.id),
        counted(u64::try_from(open.len()).unwrap_or(u64::MAX), "finding"),
        waived
    );
    Answer::of(seen, open.into_iter().map(told).collect())
}

/// A finding of the plan as one of this gate's.
fn told(finding: &Finding) -> Finding {
    let place = format!("{} at {}", finding.id, finding.place);
    let action = if finding.action.is_empty() { format!("outgrow explain {}", finding.id) } else { finding.action.clone() };
    GATE.firm(place, &finding.message, action)
}
