//! What the load did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reference::ReferenceCopy;
use crate::plan::{Phase, REFUSED_OBJECT, Waiver};
use crate::value::CellCounts;

/// What an execution of a plan did, and what it found done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CopyReport {
    /// What each phase took in this run.
    pub phases: Vec<PhaseTime>,
    /// Each table, by its name in the source.
    pub tables: BTreeMap<String, TableCopy>,
    /// What files of reference data have brought, by this run and earlier ones.
    pub references: Vec<ReferenceCopy>,
    /// Objects that the server refused; everything else is there.
    pub refused: Vec<RefusedObject>,
    /// Connections that worked at the same time.
    pub connections: u64,
    /// Steps done by this run.
    pub steps_done: u64,
    /// Steps found done by an earlier run.
    pub steps_already_done: u64,
}

impl CopyReport {
    /// The report of a run of which `earlier` is what it did before the server went away. What is in the tables is as the
    /// server said afterwards.
    pub(super) fn behind(self, earlier: Self) -> Self {
        let mut phases = earlier.phases;
        for time in self.phases {
            match phases.iter_mut().find(|before| before.phase == time.phase) {
                Some(before) => before.seconds += time.seconds,
                None => phases.push(time),
            }
        }
        phases.sort_by_key(|time| time.phase);
        let steps_done = earlier.steps_done + self.steps_done;
        Self { phases, steps_done, steps_already_done: earlier.steps_already_done, ..self }
    }

    /// Marks the refusals that somebody answers for.
    pub fn waive(&mut self, waivers: &[Waiver]) {
        for object in &mut self.refused {
            let is_meant = |waiver: &&Waiver| waiver.finding == REFUSED_OBJECT && (waiver.at == "*" || waiver.at == object.object);
            let waiver = waivers.iter().find(is_meant);
            object.waived = waiver.map(|waiver| WaivedRefusal { reason: waiver.reason.clone(), by: waiver.by.clone() });
        }
    }

    /// All cells of all tables, by class.
    pub fn cells(&self) -> CellCounts {
        let mut all = CellCounts::default();
        self.tables.values().for_each(|table| all.merge(&table.cells));
        all
    }

    /// All rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }
}

/// What one phase took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PhaseTime {
    /// The phase.
    pub phase: Phase,
    /// Steps of it.
    pub steps: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// What the load of one table did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableCopy {
    /// Rows loaded, by this run and earlier ones.
    pub rows: u64,
    /// Bytes sent for them.
    pub bytes: u64,
    /// Their cells by class.
    pub cells: CellCounts,
}

impl TableCopy {
    /// Adds what was loaded besides.
    pub(super) fn add(&mut self, more: &Self) {
        self.rows += more.rows;
        self.bytes += more.bytes;
        self.cells.merge(&more.cells);
    }
}

/// An object that the server refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RefusedObject {
    /// The step.
    pub step: String,
    /// The object.
    pub object: String,
    /// What the server said.
    pub message: String,
    /// The statements.
    pub sql: Vec<String>,
    /// Who answers for the refusal, and why, where the policy says so.
    #[serde(default)]
    pub waived: Option<WaivedRefusal>,
}

/// Why a refusal does not stand in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WaivedRefusal {
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: String,
}
