//! `broken-check`: rows that break a CHECK of their own table.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::plan::CheckRule;
use crate::value::BrokenCheck;

pub(super) const GATE: Gate = Gate {
    id: "broken-check",
    title: "Rows break a CHECK of their own table",
    explain: "SQLite evaluates a CHECK when a row is written, unless it is told not to (`PRAGMA ignore_check_constraints`, as imports do) or \
              the check was not there yet. So a table can hold rows that its own check refuses. PostgreSQL evaluates a new check on \
              every row that is there, and would refuse the check.\n\n\
              **Choices.** Mend the rows in the application. Or set `checks = \"not-valid\"` under `[rules]`: every row comes across, and \
              the check is made `NOT VALID`, which binds every row that is inserted or updated from then on and leaves the others alone; \
              after mending them, `ALTER TABLE … VALIDATE CONSTRAINT …` makes it whole. outgrow never deletes them.\n\n\
              **Example.** `orders, check no. 1  1 row`: one order has an amount that `CHECK (amount > 0)` forbids.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let (severity, action) = match evidence.policy.rules.checks {
        CheckRule::Stop => (Severity::Decide, "Mend the rows, or set checks = \"not-valid\" under [rules]."),
        CheckRule::NotValid => (Severity::Note, "Mend the rows after the move, then run ALTER TABLE … VALIDATE CONSTRAINT …."),
    };
    let broken = evidence.profile.broken_checks.iter();
    broken
        .map(|broken| {
            let condition = broken.condition.split_whitespace().collect::<Vec<_>>().join(" ");
            let message = format!("{} for which CHECK ({condition}) is false", counted(broken.rows.count, "row"));
            Finding::new(&GATE, severity, place(broken), broken.rows.count, message).action(action).rows(&broken.rows)
        })
        .collect()
}

/// `orders, check no. 1`, or the check's name.
fn place(broken: &BrokenCheck) -> String {
    match &broken.name {
        Some(name) => format!("{}, check {name}", broken.table),
        None => format!("{}, check no. {}", broken.table, broken.check + 1),
    }
}
