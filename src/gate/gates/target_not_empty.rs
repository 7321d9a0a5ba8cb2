//! `target-not-empty`: names that are taken.

use std::collections::BTreeMap;

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "target-not-empty",
    title: "The target has tables of these names already",
    explain: "What the plan would make (a table, view, index or sequence) has the name of one, or of a type, that exists in the target \
              schema, and this plan did not make that. \
              outgrow drops nothing that it didn't make and loads into no table that it didn't make.\n\n\
              **Choices.** Load into an empty database, or into another schema (`schema` under `[target]`); or drop the old objects \
              yourself once you are sure that nobody needs them. If an earlier run of outgrow made them from an older state of the \
              source, they are still yours to drop. This can't be waived.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let Some(target) = evidence.target else { return Vec::new() };
    let existing: BTreeMap<&str, _> = target.relations.iter().map(|relation| (relation.name.as_str(), relation)).collect();
    let taken = evidence.plan.relations.iter().filter_map(|name| existing.get(name.as_str()));
    taken
        .map(|relation| {
            let rows = if relation.has_rows { ", and it holds rows" } else { "" };
            let message = format!("the name is taken in schema {}{rows}", target.schema);
            Finding::new(&GATE, Severity::Stop, &relation.name, 1, message)
                .action("Load into an empty database or another schema, or drop it yourself.")
        })
        .collect()
}
