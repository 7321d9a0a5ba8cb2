//! What a readiness gate says, and what becomes of it under the policy's waivers.

use serde::{Deserialize, Serialize};

use super::evidence::Readiness;
use crate::gate::{Finding, Severity, State};

/// A readiness gate: its id is its file's name, its documentation page and what the operator types.
#[derive(Debug)]
pub struct ReadinessGate {
    /// Stable id in kebab case.
    pub id: &'static str,
    /// One line: what the gate asks for.
    pub title: &'static str,
    /// What it means, why it matters, the choices, with an example: Markdown.
    pub explain: &'static str,
    /// Looks.
    pub check: fn(&Readiness<'_>) -> Answer,
}

impl ReadinessGate {
    /// Something that somebody has to see to, or to waive.
    pub fn finding(&self, place: impl Into<String>, message: impl Into<String>, action: impl Into<String>) -> Finding {
        Finding {
            id: self.id.to_owned(),
            severity: Severity::Decide,
            state: State::Open,
            place: place.into(),
            count: 1,
            message: message.into(),
            action: action.into(),
            rows: Vec::new(),
            original: None,
        }
    }

    /// The same, which no waiver takes out of the way.
    pub fn firm(&self, place: impl Into<String>, message: impl Into<String>, action: impl Into<String>) -> Finding {
        Finding { severity: Severity::Stop, ..self.finding(place, message, action) }
    }
}

/// How a readiness gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was looked, and all is well.
    Pass,
    /// Something stands in the way.
    Blocked,
    /// Something stands in the way, and somebody answers for all of it.
    Waived,
    /// There is nothing that it could be about.
    NotApplicable,
    /// It could not be found out, which stands in the way too.
    Unknown,
}

/// What a gate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    standing: Standing,
    evidence: String,
    findings: Vec<Finding>,
}

impl Answer {
    /// All is well, and this was seen.
    pub fn pass(evidence: impl Into<String>) -> Self {
        Self { standing: Standing::Pass, evidence: evidence.into(), findings: Vec::new() }
    }

    /// There is nothing that it could be about.
    pub fn not_applicable(evidence: impl Into<String>) -> Self {
        Self { standing: Standing::NotApplicable, evidence: evidence.into(), findings: Vec::new() }
    }

    /// What was found stands in the way; where nothing was, all is well.
    pub fn of(evidence: impl Into<String>, findings: Vec<Finding>) -> Self {
        let standing = if findings.is_empty() { Standing::Pass } else { Standing::Blocked };
        Self { standing, evidence: evidence.into(), findings }
    }

    /// It could not be found out; the finding says why, and may be waived.
    pub fn unknown(finding: Finding) -> Self {
        Self { standing: Standing::Unknown, evidence: "it could not be found out".to_owned(), findings: vec![finding] }
    }
}

/// How one gate stands, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Judgement {
    /// The gate's id.
    pub id: String,
    /// What it asks for.
    pub title: String,
    /// How it stands.
    pub state: Standing,
    /// What was seen.
    pub evidence: String,
    /// What stands in the way, or is waived: each with who says so and why.
    pub findings: Vec<Finding>,
}

impl Judgement {
    /// Whether it keeps the cutover from beginning.
    pub fn blocks(&self) -> bool {
        match self.state {
            Standing::Blocked | Standing::Unknown => true,
            Standing::Pass | Standing::Waived | Standing::NotApplicable => false,
        }
    }
}

/// Asks one gate, and applies the waivers of the policy.
pub(super) fn judge(gate: &ReadinessGate, evidence: &Readiness<'_>) -> Judgement {
    let Answer { standing, evidence: seen, mut findings } = (gate.check)(evidence);
    for finding in &mut findings {
        let covers = evidence.policy.waivers.iter().find(|waiver| crate::gate::approved::covers(waiver, finding));
        if let Some(waiver) = covers {
            finding.state = State::Waived { reason: waiver.reason.clone(), by: waiver.by.clone() };
        }
    }
    let state = if findings.is_empty() || findings.iter().any(Finding::blocks) { standing } else { Standing::Waived };
    Judgement { id: gate.id.to_owned(), title: gate.title.to_owned(), state, evidence: seen, findings }
}
