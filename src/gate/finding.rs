//! Findings, and what a gate is.

use serde::{Deserialize, Serialize};

use crate::catalog::{SourceCatalog, TargetCatalog};
use crate::plan::{Plan, PlanReport, Policy};
use crate::value::SourceProfile;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The move can't begin, whatever anybody says.
    Stop,
    /// Somebody must decide before the move: by a rule of the policy, or by a waiver with a reason.
    Decide,
    /// Worth knowing; nothing needs to be done.
    Note,
}

/// Whether a finding stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It stands in the way (of [`Severity::Stop`] and [`Severity::Decide`]) or is only told (of [`Severity::Note`]).
    Open,
    /// The policy's waiver takes it out of the way.
    Waived {
        /// Why.
        reason: String,
        /// Who says so.
        by: String,
    },
}

/// What a gate thinks: one thing at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// The id of the gate: `orphan-rows`.
    pub id: String,
    /// How much it matters.
    pub severity: Severity,
    /// Whether it stands in the way.
    pub state: State,
    /// Where: `grades.student_id → students.id`.
    pub place: String,
    /// How many cells, rows or objects it is about.
    pub count: u64,
    /// What was found, and what it means for the data: one sentence.
    pub message: String,
    /// What to do: one short imperative.
    pub action: String,
    /// Keys of the first few rows.
    pub rows: Vec<String>,
    /// The text of the object in the source, where it is about one that could not be translated.
    pub original: Option<String>,
}

impl Finding {
    /// A finding of this gate at this place.
    pub fn new(gate: &Gate, severity: Severity, place: impl Into<String>, count: u64, message: impl Into<String>) -> Self {
        Self {
            id: gate.id.to_owned(),
            severity,
            state: State::Open,
            place: place.into(),
            count,
            message: message.into(),
            action: String::new(),
            rows: Vec::new(),
            original: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.action = action.into();
        self
    }

    /// Names the first few rows.
    #[must_use]
    pub fn rows(mut self, evidence: &crate::value::Evidence) -> Self {
        self.rows.extend(evidence.samples.iter().map(ToString::to_string));
        self
    }

    /// Attaches the text of the object in the source.
    #[must_use]
    pub fn original(mut self, sql: impl Into<String>) -> Self {
        self.original = Some(sql.into());
        self
    }

    /// Whether it keeps the move from beginning.
    pub fn blocks(&self) -> bool {
        match (&self.state, self.severity) {
            (_, Severity::Stop) | (State::Open, Severity::Decide) => true,
            (State::Open | State::Waived { .. }, Severity::Note) | (State::Waived { .. }, Severity::Decide) => false,
        }
    }
}

/// All that a gate may look at.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// What the source contains.
    pub catalog: &'a SourceCatalog,
    /// What its cells are.
    pub profile: &'a SourceProfile,
    /// What the target contains; none when there is no target yet.
    pub target: Option<&'a TargetCatalog>,
    /// What people decided.
    pub policy: &'a Policy,
    /// What will be done.
    pub plan: &'a Plan,
    /// Why.
    pub report: &'a PlanReport,
}

/// A gate: its id is its file's name, its documentation page and what the operator types.
#[derive(Debug)]
pub struct Gate {
    /// Stable id in kebab case.
    pub id: &'static str,
    /// One line: what the gate looks for.
    pub title: &'static str,
    /// What it means, why it matters, the choices, with an example: Markdown.
    pub explain: &'static str,
    /// Looks.
    pub check: fn(&Evidence<'_>) -> Vec<Finding>,
}
