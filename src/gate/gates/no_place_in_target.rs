//! `no-place-in-target`: what the application's own tables have no place for.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "no-place-in-target",
    title: "The two schemas are not the same",
    explain: "The tables of the target were made by the application's own migrations, and they rule. A table or a column of the source \
              that the target does not have, and that holds something, stops the move: nothing is left behind silently. So does a \
              column that no conversion leads to, and a column of the target that is NOT NULL, has no default, and no counterpart in the \
              source. A table without rows, or a column that only the target has and that gets its default, is only told.\n\n\
              **Choices.** Mostly the two sides are at different levels of the application's migrations: bring both to the same, with the \
              application itself, and run again. Names are matched as they are, then without regard to case; `names = \"snake-case\"` \
              under `[target]` matches `createdAt` with `created_at` too. What is not needed can be left out in the policy. This can't be \
              waived.\n\n\
              **Example.** `users.shadow_banned  the target's table users has no such column`: the target's schema is older.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let found = evidence.report.existing.iter().flat_map(|existing| &existing.no_place);
    found
        .map(|found| {
            let severity = if found.stops { Severity::Stop } else { Severity::Note };
            Finding::new(&GATE, severity, &found.place, found.rows, &found.reason).action(&found.advice)
        })
        .collect()
}
