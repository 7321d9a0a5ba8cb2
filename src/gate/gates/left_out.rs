//! `left-out`: what the policy leaves behind.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "left-out",
    title: "The policy leaves something out",
    explain: "`skip = true` of a table or a column, and `rows` of a table, leave cells of the source behind. They are in no class of the \
              comparison: neither loaded, nor compared, nor in the quarantine. Each is named here with its count and its reason, and so is \
              every foreign key and index that can't be made without it. The source keeps everything.\n\n\
              Rows whose parent is left out have no parent in the target: they are told of as `orphan-rows`, and its rule holds for them.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let left_out = evidence.report.left_out.iter();
    left_out
        .map(|left_out| {
            Finding::new(&GATE, Severity::Note, &left_out.what, left_out.count, format!("left out: {}", left_out.reason))
                .action("Take the decision out of the policy if it is needed after all.")
        })
        .collect()
}
