//! Samples of what `report --completion --json` prints.

use outgrow::report::{CompletionKind, CompletionReport};
use serde_json::Value;

use crate::completion::{bare, moved, taken_back};

/// A cutover that went well, one that was taken back, and one that ended before anything was done.
pub(super) fn samples() -> Vec<Value> {
    // The report of the move has samples of its own.
    let incident = CompletionReport { moved: None, ..taken_back(CompletionKind::Incident) };
    let reports = [moved(), incident, bare()];
    reports.into_iter().map(|report| serde_json::to_value(report).unwrap()).collect()
}
