//! `seeded-rows`: tables to be loaded that hold rows.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::plan::SeededTable;

pub(super) const GATE: Gate = Gate {
    id: "seeded-rows",
    title: "A table that is to be loaded holds rows",
    explain: "Migrations often put rows into the tables that they make: roles, settings, their own bookkeeping. Loaded on top of them, \
              the source's rows would be there twice, or be refused. outgrow loads into no table that holds rows unless it is told to.\n\n\
              A table that holds the very rows of the source, cell by cell, is left as it is and compared.\n\n\
              **Choices.** Make the schema without its seeds. Or set `seeded = \"replace\"` under `[target]`: the rows of just these \
              tables are deleted, each table's in the transaction that begins its load, and nothing else is; what was there then comes \
              from the source alone. Or leave a table out in the policy, to keep the target's rows and not to load the source's. If a run \
              of the application has written to the target meanwhile, those rows are no seeds: look before you replace them. This can't \
              be waived.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let seeded = evidence.report.existing.iter().flat_map(|existing| &existing.seeded);
    seeded.map(finding).collect()
}

fn finding(table: &SeededTable) -> Finding {
    let count = table.rows.unwrap_or(0);
    let rows = counted(count, "row");
    if table.identical {
        let message = format!("holds the very rows of the source already ({rows}): left as it is, and compared");
        return Finding::new(&GATE, Severity::Note, &table.table, count, message).action("Nothing.");
    }
    if table.replaced {
        let message = format!("{rows} that stand in it are deleted when its load begins, as the policy says");
        return Finding::new(&GATE, Severity::Note, &table.table, count, message)
            .action("Nothing, if these are only the migrations' seeds.");
    }
    match &table.in_the_way {
        Some(reason) => {
            Finding::new(&GATE, Severity::Stop, &table.table, count, format!("holds {rows}, and they can't be replaced: {reason}"))
                .action("Empty the table yourself, or leave it out in the policy.")
        }
        None => Finding::new(&GATE, Severity::Stop, &table.table, count, format!("holds {rows}; the source's would come on top"))
            .action("Set seeded = \"replace\" under [target], leave the table out in the policy, or make the schema without its seeds."),
    }
}
