//! `value-map`: values that are called otherwise in the target.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;

pub(super) const GATE: Gate = Gate {
    id: "value-map",
    title: "The policy gives values other names",
    explain: "`values` of a column in the policy says what its values are called in the target. Each key is counted over every cell; one \
              that no cell holds may be misspelt. Where every value of the target stands for one of the source, the way back is exact. Where \
              two become one, the way back gives the first of them (in the order of their bytes), and the cells that held another are \
              *normalised*, and counted.\n\n\
              A default that is a plain value goes through the map. A check, a condition or an expression over the column would not mean the same \
              and is left to be written by hand (`manual`).",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let maps = evidence.report.value_maps.iter();
    maps.map(|mapped| {
        let count = mapped.mapped.values().sum();
        let unused: Vec<String> = mapped.mapped.iter().filter(|(_, count)| **count == 0).map(|(key, _)| format!("{key:?}")).collect();
        let back = if mapped.reversible { "the way back is exact" } else { "not reversible: several values become one" };
        let mut message = format!("{} mapped; {back}", counted(count, "cell"));
        if !unused.is_empty() {
            message.push_str(&format!("; no cell holds {}", unused.join(", ")));
        }
        Finding::new(&GATE, Severity::Note, format!("{}.{}", mapped.table, mapped.column), count, message)
            .action("Nothing, if the map is what you want.")
    })
    .collect()
}
