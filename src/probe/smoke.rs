//! The smoke tests of an application: all of them, one after the other.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::answer::to_millionths;
use super::{Answer, Sides, ask};
use crate::plan::Probe;

/// What came of the smoke tests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SmokeReport {
    /// Each answer, in the policy's order.
    pub answers: Vec<Answer>,
    /// Probes that were not asked, because the side that they ask is not there.
    pub left_out: Vec<String>,
    /// How long all of it took.
    pub seconds: f64,
}

impl SmokeReport {
    /// Whether nothing that was asked gave a wrong answer.
    pub fn passed(&self) -> bool {
        self.answers.iter().all(|answer| answer.passed)
    }

    /// The wrong answers.
    pub fn failures(&self) -> impl Iterator<Item = &Answer> {
        self.answers.iter().filter(|answer| !answer.passed)
    }
}

/// Asks all of them, also when one has failed: who looks for the fault wants to see the whole.
///
/// A question to a side that is not given is left out. That is how the application is tested again on the source alone.
pub async fn smoke(probes: &[Probe], sides: &Sides<'_>) -> SmokeReport {
    let began = Instant::now();
    let mut report = SmokeReport::default();
    for probe in probes {
        if sides.can_answer(probe) {
            report.answers.push(ask(probe, sides).await);
        } else {
            report.left_out.push(probe.name.clone());
        }
    }
    report.seconds = to_millionths(began.elapsed().as_secs_f64());
    report
}
