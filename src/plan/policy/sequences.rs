//! Sequences that stand free, in a schema of outgrow's own.

use serde::{Deserialize, Serialize};

use super::Policy;
use super::nearest::did_you_mean;
use crate::catalog::SourceCatalog;
use crate::error::{Error, ErrorKind, Result};

/// A sequence that is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SequencePolicy {
    /// Its name, with `{}` in the place of a counter's name where it goes on from counters of the source.
    pub name: String,
    /// The first number that it gives, where it does not go on from a counter.
    pub start: Option<i64>,
    /// The counters of the source that it goes on from.
    pub counter: Option<CounterTable>,
}

/// A table of the source that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CounterTable {
    /// The table.
    pub table: String,
    /// Its column that names the counter; none where the table has one row for the one counter.
    pub name: Option<String>,
    /// Its column that holds the next number.
    pub next: String,
}

impl Policy {
    /// Every sequence begins somewhere, and every counter is there.
    pub(super) fn sequences_are_known(&self, catalog: &SourceCatalog) -> Result<()> {
        for sequence in &self.sequences {
            let refused =
                |detail: String| Error::new(ErrorKind::Policy, "follow the policy", format!("[[sequence]] {}: {detail}", sequence.name));
            let Some(counter) = &sequence.counter else {
                if sequence.start.is_none() {
                    return Err(refused("it begins nowhere".to_owned())
                        .hint("give it `start`, or `counter` with the table that has counted so far"));
                }
                continue;
            };
            if sequence.start.is_some() {
                return Err(refused("it takes `start` or `counter`, not both".to_owned()));
            }
            if counter.name.is_some() != sequence.name.contains("{}") {
                let hint =
                    "name = \"{}_seq\" and counter = { table = \"counters\", name = \"name\", next = \"value\" } make one for each row";
                return Err(refused("`{}` in its name and `name` under `counter` belong together".to_owned()).hint(hint));
            }
            let Some(table) = catalog.table(&counter.table) else {
                let known = catalog.tables.iter().map(|table| table.name.as_str());
                let hint = did_you_mean(&counter.table, known, "`outgrow inspect` lists the tables");
                return Err(refused(format!("the source has no table {}", counter.table)).hint(hint));
            };
            for column in counter.name.iter().chain([&counter.next]) {
                if table.column(column).is_none() {
                    let known = table.columns.iter().map(|column| column.name.as_str());
                    let hint = did_you_mean(column, known, "`outgrow inspect` lists the columns");
                    return Err(refused(format!("the table {} has no column {column}", table.name)).hint(hint));
                }
            }
        }
        Ok(())
    }
}
