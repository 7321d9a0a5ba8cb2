//! `unmapped-values`: cells that the policy's map of values does not name.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::plan::Unmapped;

pub(super) const GATE: Gate = Gate {
    id: "unmapped-values",
    title: "Cells hold values that the policy's map does not name",
    explain: "`values` of a column in the policy says what its values are called in the target, and these cells hold others. Unless the policy \
              says what becomes of them, somebody has to decide.\n\n\
              **Choices.** Name the values in the map (look at the rows that are shown). Or say `unmapped = \"keep\"`: they stay as they are. \
              Or `unmapped = \"quarantine\"`: the column gets NULL, and the original goes into `outgrow.quarantine`; a column that is NOT NULL \
              then isn't so in the target. A waiver of this finding does the same.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mapped = evidence.report.value_maps.iter().filter(|mapped| mapped.unmapped.count > 0);
    mapped
        .map(|mapped| {
            let rule = evidence.policy.column(&mapped.table, &mapped.column).map_or(Unmapped::Stop, |decided| decided.unmapped);
            let (severity, becomes) = match rule {
                Unmapped::Stop => (Severity::Decide, "that the policy does not name"),
                Unmapped::Keep => (Severity::Note, "that the policy does not name: they stay as they are"),
                Unmapped::Quarantine => (Severity::Note, "that the policy does not name: they go into the quarantine"),
            };
            let message = format!("{} with a value {becomes}", counted(mapped.unmapped.count, "cell"));
            let place = format!("{}.{}", mapped.table, mapped.column);
            Finding::new(&GATE, severity, place, mapped.unmapped.count, message)
                .action("Name the values in the map, or set unmapped = \"keep\" or \"quarantine\".")
                .rows(&mapped.unmapped)
        })
        .collect()
}
