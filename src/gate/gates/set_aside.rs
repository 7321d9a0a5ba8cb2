//! `set-aside`: triggers that do not fire while their table is loaded.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "set-aside",
    title: "Triggers do not fire for the rows that are loaded",
    explain: "What a trigger of the target would write for a new row, the source's rows mostly hold already: counters, time stamps, \
              entries of a log. So each trigger that would fire is disabled by its name before the load, and enabled again, in the state \
              that it had, after it. Foreign keys of the tables are dropped and made again as they were, and then validated. The plan holds \
              the statements of both before anything is touched, and the verification looks whether all of it is back.\n\n\
              **Choices.** Mostly nothing. If a column is filled by a trigger alone (a search vector, say), the source has no such column \
              and it stays NULL: fill it after the move with an UPDATE that leaves the rows as they are.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let triggers = evidence.report.existing.iter().flat_map(|existing| &existing.triggers_aside);
    triggers
        .map(|trigger| {
            Finding::new(&GATE, Severity::Note, trigger, 1, "the trigger does not fire for the rows that are loaded")
                .action("Nothing, unless the trigger alone fills a column.")
        })
        .collect()
}
