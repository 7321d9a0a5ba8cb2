//! How much is compared.

use serde::{Deserialize, Serialize};

/// How much is compared. Only [`Level::Full`] can end in a match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// How many rows each table has.
    Counts,
    /// Every cell of a sample of the rows.
    Sample,
    /// Every cell.
    #[default]
    Full,
}
