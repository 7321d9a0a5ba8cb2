//! The evidence of steps, as far as the report shows it. The rooms that make it stand above this one; what they leave out is none.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::runbook::StepRecord;

/// The evidence of a step; none where it is another, as that of a step that failed with an error is.
pub(super) fn read<T: DeserializeOwned>(step: &StepRecord) -> Option<T> {
    T::deserialize(&step.detail).ok()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct HookDetail {
    pub(super) command: Vec<String>,
    pub(super) exit_code: Option<i32>,
    pub(super) timed_out: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct SmokeDetail {
    pub(super) answers: Vec<AnswerDetail>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AnswerDetail {
    pub(super) name: String,
    pub(super) passed: bool,
    pub(super) attempts: u32,
    pub(super) seconds: f64,
    pub(super) what: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct BaselineDetail {
    pub(super) probes: Vec<MeasuredDetail>,
    pub(super) machine: MachineDetail,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct MeasuredDetail {
    pub(super) name: String,
    pub(super) samples: u32,
    pub(super) errors: u32,
    pub(super) median_ms: Option<f64>,
    pub(super) p95_ms: Option<f64>,
    pub(super) max_ms: Option<f64>,
    pub(super) fault: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MachineDetail {
    pub(super) processors: Option<u64>,
    pub(super) busy: Option<f64>,
    pub(super) load_1min: Option<f64>,
    pub(super) memory_bytes: Option<u64>,
    pub(super) available_bytes: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AppliedDetail {
    pub(super) changes: Vec<ChangeDetail>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeDetail {
    pub(super) place: String,
    pub(super) lines: Vec<String>,
    pub(super) notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RevertedDetail {
    pub(super) restored: Vec<RestoredDetail>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RestoredDetail {
    pub(super) place: String,
    pub(super) how: String,
    pub(super) edited: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct BackupDetail {
    pub(super) file: String,
    pub(super) backup: BackupFactsDetail,
    pub(super) second: Option<SecondDetail>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct BackupFactsDetail {
    pub(super) taken_at: String,
    pub(super) compression: String,
    pub(super) bytes: u64,
    pub(super) content_bytes: u64,
    pub(super) sha256: String,
    pub(super) rows: u64,
    pub(super) test: Option<TestDetail>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TestDetail {
    pub(super) verdict: String,
    pub(super) detail: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct SecondDetail {
    pub(super) directory: String,
    pub(super) copied: bool,
    pub(super) other_disk: bool,
    pub(super) why_not: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SentDetail {
    pub(super) notice: String,
    pub(super) at: String,
    pub(super) deliveries: Vec<DeliveryDetail>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DeliveryDetail {
    pub(super) channel: String,
    pub(super) kind: String,
    pub(super) ok: bool,
    pub(super) why: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeSetDetail {
    pub(super) since: String,
    pub(super) until: String,
    pub(super) directory: String,
    pub(super) apply: String,
    pub(super) tables: Vec<TableChangesDetail>,
    pub(super) notes: Vec<NoteDetail>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TableChangesDetail {
    pub(super) table: String,
    pub(super) inserted: u64,
    pub(super) updated: u64,
    pub(super) deleted: u64,
    pub(super) exact: bool,
    pub(super) beside: u64,
    pub(super) unwritten: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct NoteDetail {
    pub(super) place: String,
    pub(super) what: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct MovedDetail {
    pub(super) plan: String,
}
