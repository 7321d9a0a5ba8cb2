//! What a plan decides, apart from what today's cells make of it: the thing that people sign.
//!
//! The data of a live application change all the time, and with them the plan: counts, the longest row, the next number of
//! a sequence. None of that is a decision. Another type, rule, statement, finding or waiver is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::build::Plan;
use super::fingerprint::PlanId;
use super::policy::{Policy, Said};
use super::step::{Action, Phase, Step};
use crate::error::Result;

/// The decisions of a plan, part by part, each as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Decisions {
    /// The schema of the source.
    pub schema: PlanId,
    /// What becomes of each table and column: names, types, conversions, what is left out.
    pub columns: PlanId,
    /// The statements that will be run, SQL of the user's and migrations among them.
    pub steps: PlanId,
    /// The rules of the policy, whether or not a cell needs them today.
    pub rules: PlanId,
    /// What the gates found that stops the move or has to be decided, and who answers for it.
    pub findings: PlanId,
}

impl Decisions {
    /// The name of all of them together.
    pub fn id(&self) -> Result<PlanId> {
        PlanId::of(self)
    }

    /// The parts that are not as they were, in words.
    pub fn changed_since(&self, before: &Self) -> Vec<&'static str> {
        [
            (self.schema == before.schema, "the schema of the source"),
            (self.columns == before.columns, "what becomes of tables and columns"),
            (self.steps == before.steps, "the statements that are run"),
            (self.rules == before.rules, "the rules of the policy"),
            (self.findings == before.findings, "the findings or their waivers"),
        ]
        .into_iter()
        .filter_map(|(is_same, part)| (!is_same).then_some(part))
        .collect()
    }
}

impl Plan {
    /// What this plan decides under this policy. `findings` is what of each finding is a decision: see
    /// [`crate::gate::decisions()`], which gives it.
    pub fn decisions<T: Serialize>(&self, policy: &Policy, findings: &[T]) -> Result<Decisions> {
        let tables: Vec<_> = self
            .tables
            .iter()
            .map(|table| {
                let columns: Vec<_> = table
                    .columns
                    .iter()
                    .map(|column| {
                        let sequence = column.identity.as_ref().map(|identity| &identity.sequence);
                        let names = (&column.source, &column.target, sequence);
                        let value = (column.conversion, &column.values, column.empty_is_null);
                        (names, value, column.not_null, &column.default, &column.generated)
                    })
                    .collect();
                (&table.source, &table.target, columns, &table.rows_where, &table.left_out, &table.orphans)
            })
            .collect();
        let steps: BTreeMap<&str, Option<&Action>> = self.steps.iter().map(|step| (step.id.as_str(), decided(step))).collect();
        let aside = self.existing.as_ref().map(|existing| (&existing.foreign_keys_aside, &existing.triggers_aside));
        let migrations: Vec<_> = policy.migrations.files.iter().map(|file| (&file.name, &file.checksum)).collect();
        Ok(Decisions {
            schema: PlanId::of(&self.source.schema)?,
            columns: PlanId::of(&(&self.schema, tables, &self.left_out))?,
            steps: PlanId::of(&(steps, aside, migrations))?,
            rules: PlanId::of(&(
                (&policy.source, &policy.target, &policy.rules),
                (said(&policy.tables), said(&policy.columns), said(&policy.foreign_keys), said(&policy.types)),
                &policy.sequences,
            ))?,
            findings: PlanId::of(&findings)?,
        })
    }
}

/// What of a step is a decision: all of it, but for the numbers that sequences go on from.
fn decided(step: &Step) -> Option<&Action> {
    let is_number = step.phase == Phase::Sequences || step.id.starts_with("free-sequence:");
    (!is_number).then_some(&step.action)
}

/// What is said of names, wherever in the file it stands.
fn said<T: Serialize>(all: &[Said<T>]) -> Vec<(&str, &T)> {
    all.iter().map(|said| (said.name.as_str(), &said.what)).collect()
}
