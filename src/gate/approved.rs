//! The review of a plan, and the proof that it passed.

use serde::Serialize;

use super::gates::unused;
use super::{Evidence, Finding, GATES, Severity, State};
use crate::plan::{Plan, REFUSED_OBJECT, Waiver};

/// What the review is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// On a throw-away server: goes on whatever is still to be decided, so that everything is seen in one go.
    Rehearsal,
    /// On the real target: nothing may be undecided.
    Migration,
}

/// A plan that may be carried out. Made by [`review`] only.
///
/// ```compile_fail
/// fn forged(plan: outgrow::plan::Plan) -> outgrow::gate::ApprovedPlan {
///     outgrow::gate::ApprovedPlan { plan }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct ApprovedPlan {
    plan: Plan,
}

impl ApprovedPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// What the gates think of a plan.
#[derive(Debug, Clone)]
pub struct Review {
    /// Everything that was found: what stands in the way first, then by id and place.
    pub findings: Vec<Finding>,
    /// The plan, where nothing stands in its way at this stage.
    pub approved: Option<ApprovedPlan>,
}

/// Asks every gate, applies the waivers of the policy, and approves the plan where nothing stands in its way.
pub fn review(evidence: &Evidence<'_>, stage: Stage) -> Review {
    let mut findings: Vec<Finding> = GATES.iter().flat_map(|gate| (gate.check)(evidence)).collect();
    for finding in &mut findings {
        if finding.severity == Severity::Decide
            && let Some(waiver) = waiver(&evidence.policy.waivers, finding)
        {
            finding.state = State::Waived { reason: waiver.reason.clone(), by: waiver.by.clone() };
        }
    }
    // Those of the readiness gates cover nothing of a plan's.
    let named = evidence.policy.waivers.iter().filter(|waiver| super::find_readiness(&waiver.finding).is_none());
    let unused: Vec<Finding> = named.filter(|waiver| !findings.iter().any(|finding| covers(waiver, finding))).map(unused).collect();
    findings.extend(unused);
    findings.sort_by(|a, b| (a.severity, &a.id, &a.place).cmp(&(b.severity, &b.id, &b.place)));
    let blocked = findings.iter().any(|finding| match stage {
        Stage::Rehearsal => finding.severity == Severity::Stop,
        Stage::Migration => finding.blocks(),
    });
    let approved = (!blocked).then(|| ApprovedPlan { plan: evidence.plan.clone() });
    Review { findings, approved }
}

/// The waiver that covers a finding. What can't be waived is not covered by any.
fn waiver<'a>(waivers: &'a [Waiver], finding: &Finding) -> Option<&'a Waiver> {
    waivers.iter().find(|waiver| covers(waiver, finding))
}

pub(in crate::gate) fn covers(waiver: &Waiver, finding: &Finding) -> bool {
    let is_meant = waiver.finding == finding.id && (waiver.at == "*" || waiver.at == finding.place);
    // What the server refuses is known when it does: the finding says that it is waived.
    is_meant && (finding.severity == Severity::Decide || finding.id == REFUSED_OBJECT)
}
