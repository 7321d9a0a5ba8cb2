//! Samples of what `report --completion --json` prints.

use outgrow::report::CompletionKind;
use serde_json::Value;

use crate::completion::{bare, moved, taken_back};

/// A cutover that went well, one that was taken back, its incident, and one that ended before anything was done.
pub(super) fn samples() -> Vec<Value> {
    let reports = [moved(), taken_back(CompletionKind::Completion), taken_back(CompletionKind::Incident), bare()];
    reports.into_iter().map(|report| serde_json::to_value(report).unwrap()).collect()
}
