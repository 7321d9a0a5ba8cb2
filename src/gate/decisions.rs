//! What is signed: the decisions of a plan with what the gates found.

use super::{Finding, Severity, State};
use crate::error::Result;
use crate::plan::{Decisions, Plan, Policy};

/// The decisions of a plan under a policy. Of a finding, its gate, its place and who answers for it are one; how many cells
/// it is about is not. What is only told is none: it comes and goes with the data.
pub fn decisions(plan: &Plan, policy: &Policy, findings: &[Finding]) -> Result<Decisions> {
    let mut of_findings: Vec<(&str, Severity, &str, &State)> = findings
        .iter()
        .filter(|finding| finding.severity != Severity::Note)
        .map(|finding| (finding.id.as_str(), finding.severity, finding.place.as_str(), &finding.state))
        .collect();
    of_findings.sort_by_key(|(id, severity, place, _)| (*id, *place, *severity));
    plan.decisions(policy, &of_findings)
}
