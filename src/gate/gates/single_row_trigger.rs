//! `single-row-trigger`: triggers that are equal only for statements that change one row.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "single-row-trigger",
    title: "A trigger is equal only for statements that change one row",
    explain: "PostgreSQL runs an AFTER trigger when the statement has changed all its rows, SQLite after each row. A trigger that reads \
              or writes other rows of its own table sees the difference, but only where one statement (or a foreign key's action) \
              changes several rows. The policy says `triggers = \"single-row\"`, so such triggers come across.\n\n\
              **Choices.** Look whether the application, or a script, changes several rows of the table at once. If it does, take \
              `triggers = \"single-row\"` out of `[rules]`: the trigger is then left out and shown as `manual`.\n\n\
              **Example.** `trigger keep_one_default  1`: it takes the mark from all other rows of the table.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let triggers = evidence.report.single_row_triggers.iter();
    triggers
        .map(|trigger| {
            let message = format!("{}: {}", trigger.construct, trigger.reason);
            Finding::new(&GATE, Severity::Note, format!("trigger {}", trigger.trigger), 1, message)
                .action(format!("See that no statement changes several rows of {} at once.", trigger.table))
        })
        .collect()
}
