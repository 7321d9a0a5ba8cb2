//! Cells by class: the books of promise 1.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fate;

/// How many cells ended in which class. The three add up to the cells of the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CellCounts {
    /// Come back as they were, storage class included.
    pub exact: u64,
    /// Changed by a rule, by its id.
    pub normalised: BTreeMap<String, u64>,
    /// Kept in the quarantine, by the id of the reason.
    pub quarantined: BTreeMap<String, u64>,
}

impl CellCounts {
    /// Counts one cell.
    pub fn add(&mut self, fate: Fate) {
        match fate {
            Fate::Exact => self.exact += 1,
            Fate::Normalised(rule) => *self.normalised.entry(rule.id().to_owned()).or_default() += 1,
            Fate::Quarantined(reason) => *self.quarantined.entry(reason.id().to_owned()).or_default() += 1,
        }
    }

    /// Adds another count.
    pub fn merge(&mut self, other: &Self) {
        self.exact += other.exact;
        for (rule, count) in &other.normalised {
            *self.normalised.entry(rule.clone()).or_default() += count;
        }
        for (reason, count) in &other.quarantined {
            *self.quarantined.entry(reason.clone()).or_default() += count;
        }
    }

    /// Cells changed by a rule.
    pub fn normalised_total(&self) -> u64 {
        self.normalised.values().sum()
    }

    /// Cells kept in the quarantine.
    pub fn quarantined_total(&self) -> u64 {
        self.quarantined.values().sum()
    }

    /// All cells.
    pub fn total(&self) -> u64 {
        self.exact + self.normalised_total() + self.quarantined_total()
    }
}
