//! `migrations-behind`: the framework's migrations are not in step on both sides.

use super::{Answer, Known, Readiness, ReadinessGate};
use crate::gate::Finding;

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "migrations-behind",
    title: "The framework's migrations are in step on both sides",
    explain: "Where the application's own migrations made the target, both sides must have the same ones behind them: see the finding \
              `migration-level`, which says what to do and where it can be waived. Where outgrow makes the tables, the framework's \
              ledger is moved with the data and is in step by itself. This gate can't be waived itself.",
    check,
};

fn check(evidence: &Readiness<'_>) -> Answer {
    let plan = match &evidence.plan {
        Known::Unseen(why) => return Answer::unknown(GATE.firm("the plan", why, "Mend that, and ask again.")),
        Known::Seen(plan) => plan,
    };
    let told = |finding: &Finding| GATE.firm(&finding.place, &finding.message, &finding.action);
    let behind: Vec<Finding> =
        plan.findings.iter().filter(|finding| finding.id == "migration-level" && finding.blocks()).map(told).collect();
    match &plan.framework {
        _ if !behind.is_empty() => Answer::of("not in step", behind),
        None => Answer::not_applicable("no framework is recognised that keeps a ledger of migrations"),
        Some(name) if !plan.existing => Answer::pass(format!("the ledger of {name} is moved with the data")),
        Some(name) if plan.ledgers_compared => Answer::pass(format!("the ledgers of {name} agree, or a waiver says why not")),
        Some(name) => {
            let message = format!("the ledgers of {name} could not be compared");
            let action = "Run the framework's migrations on both sides, or name the framework under [source].";
            Answer::unknown(GATE.finding("the ledger", message, action))
        }
    }
}
