//! Findings that people answer for.

use serde::{Deserialize, Serialize};

/// What a waiver names where the server refuses an object, whose name is then its place.
pub const REFUSED_OBJECT: &str = "refused-object";

/// A finding that somebody answers for, with the reason; shown in every report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Waiver {
    /// The finding's id.
    pub finding: String,
    /// Its place (`grades.student_id`), or `*` for every place.
    pub at: String,
    /// Why it is no obstacle.
    pub reason: String,
    /// Who says so.
    pub by: String,
}
