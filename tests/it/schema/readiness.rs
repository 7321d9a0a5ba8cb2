//! A sample of what `gate --json` prints.

use outgrow::gate::{Finding, Judgement, READINESS, ReadinessGate, Standing, State};
use outgrow::report::DOCUMENT_FORMAT;
use serde_json::{Value, json};

/// The gates before a cutover, each state once.
pub(super) fn gates(target: Option<&str>, plan: Option<&str>) -> Value {
    let waived = State::Waived { reason: "nightly".to_owned(), by: "Ada".to_owned() };
    let states = [Standing::Pass, Standing::Blocked, Standing::Waived, Standing::NotApplicable, Standing::Unknown];
    let judgement = |(gate, state): (&&ReadinessGate, Standing)| {
        let open = gate.finding("the backup", "there is no backup of this source", "Make one.");
        let findings = match state {
            Standing::Pass | Standing::NotApplicable => Vec::new(),
            Standing::Blocked | Standing::Unknown => vec![open],
            Standing::Waived => vec![Finding { state: waived.clone(), ..open }],
        };
        Judgement { id: gate.id.to_owned(), title: gate.title.to_owned(), state, evidence: "no backup".to_owned(), findings }
    };
    let gates: Vec<Judgement> = READINESS.iter().zip(states).map(judgement).collect();
    json!({
        "format": DOCUMENT_FORMAT, "source": "app.db", "target": target, "plan": plan, "ready": false, "gates": gates,
    })
}
