//! `orphans-unsettled`: rows whose parents are missing, and nobody has said what becomes of them.

use super::{Answer, Known, Readiness, ReadinessGate};
use crate::gate::Finding;

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "orphans-unsettled",
    title: "Rows without their parents are settled",
    explain: "SQLite enforces foreign keys only for connections that ask for it, so there may be rows that refer to rows that are gone. What \
              becomes of them is said in the policy (`orphans` under `[rules]`, of a table or of a foreign key), or waived where the finding \
              `orphan-rows` can be. This gate can't be waived itself.",
    check,
};

fn check(evidence: &Readiness<'_>) -> Answer {
    let plan = match &evidence.plan {
        Known::Unseen(why) => return Answer::unknown(GATE.firm("the plan", why, "Mend that, and ask again.")),
        Known::Seen(plan) => plan,
    };
    let orphans = || plan.findings.iter().filter(|finding| finding.id == "orphan-rows");
    let told = |finding: &Finding| Finding {
        count: finding.count,
        rows: finding.rows.clone(),
        ..GATE.firm(&finding.place, &finding.message, &finding.action)
    };
    let open: Vec<Finding> = orphans().filter(|finding| finding.blocks()).map(told).collect();
    let seen = match (orphans().count(), open.len()) {
        (0, _) => "every reference has its row, or a rule says what becomes of it".to_owned(),
        (all, 0) => format!("{all} settled or waived"),
        (all, open) => format!("{open} of {all} not settled"),
    };
    Answer::of(seen, open)
}
