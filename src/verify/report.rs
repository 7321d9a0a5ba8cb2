//! What a comparison says.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::level::Level;
use crate::error::Outcome;
use crate::value::CellCounts;
use crate::value::{RowKey, StorageClass};

/// What a comparison says: "not compared" is not "equal".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything was compared and is equal under the plan's rules.
    Match,
    /// Something could not be compared, or nothing was.
    Inconclusive,
    /// A difference was found.
    Mismatch,
}

impl Verdict {
    /// What a command that ends with this verdict ends with.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Match => Outcome::Done,
            Self::Inconclusive => Outcome::Inconclusive,
            Self::Mismatch => Outcome::Mismatch,
        }
    }
}

/// Which side a difference is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// The row is in the source only.
    Missing,
    /// The row is in the target only.
    Surplus,
    /// The cell differs.
    Changed,
    /// The quarantine doesn't hold the cell's original.
    NotQuarantined,
}

/// What a cell is, without its content: its storage class and size in bytes.
pub type CellShape = (StorageClass, usize);

/// One difference, named by its row; no cell is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// Which side it is on.
    pub sign: Sign,
    /// The row.
    pub row: RowKey,
    /// The column's name in the source, where a cell differs.
    pub column: Option<String>,
    /// What the source has.
    pub source: Option<CellShape>,
    /// What the target has.
    pub target: Option<CellShape>,
}

/// As `-` (source) and `+` (target) lines.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape =
            |cell: &Option<CellShape>| cell.map_or_else(|| "nothing".to_owned(), |(class, bytes)| format!("{class} of {bytes} bytes"));
        let place = self.column.as_ref().map_or_else(|| self.row.to_string(), |column| format!("{}  {column}", self.row));
        match self.sign {
            Sign::Missing => write!(f, "- {place}  the row is missing in the target"),
            Sign::Surplus => write!(f, "+ {place}  the row is not in the source"),
            Sign::Changed => write!(f, "- {place}  {}\n+ {place}  {}", shape(&self.source), shape(&self.target)),
            Sign::NotQuarantined => write!(f, "- {place}  {}\n+ {place}  its original is not in the quarantine", shape(&self.source)),
        }
    }
}

/// What the comparison of one table says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableVerdict {
    /// What it says.
    pub verdict: Verdict,
    /// Why nothing could be said, where that is so.
    pub reason: Option<String>,
    /// Rows of the source that were compared.
    pub rows: u64,
    /// Their cells by class.
    pub cells: CellCounts,
    /// All differences.
    pub differences: u64,
    /// The first of them.
    pub shown: Vec<Difference>,
    /// Rows of the target that files of reference data have added and the source does not hold: not compared.
    #[serde(default)]
    pub reference: u64,
}

/// What a check other than that of the cells says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckResult {
    /// The check's name.
    pub check: String,
    /// What it says.
    pub verdict: Verdict,
    /// How many things it looked at.
    pub looked_at: u64,
    /// What is wrong, a line each.
    pub problems: Vec<String>,
}

/// What the whole comparison says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct VerifyReport {
    /// The worst of all verdicts below; never a match where less than everything was compared.
    pub verdict: Verdict,
    /// How much was compared.
    pub level: Level,
    /// The plan whose rules were applied.
    pub plan: String,
    /// Each table, by its name in the source.
    pub tables: BTreeMap<String, TableVerdict>,
    /// The other checks.
    pub checks: Vec<CheckResult>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl VerifyReport {
    /// All cells of all tables, by class.
    pub fn cells(&self) -> CellCounts {
        let mut all = CellCounts::default();
        self.tables.values().for_each(|table| all.merge(&table.cells));
        all
    }

    /// All rows that were compared.
    pub fn rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }

    /// All rows of reference data, which were not compared.
    pub fn reference(&self) -> u64 {
        self.tables.values().map(|table| table.reference).sum()
    }

    /// All differences.
    pub fn differences(&self) -> u64 {
        let problems: usize = self.checks.iter().map(|check| check.problems.len()).sum();
        self.tables.values().map(|table| table.differences).sum::<u64>() + u64::try_from(problems).unwrap_or(u64::MAX)
    }
}
