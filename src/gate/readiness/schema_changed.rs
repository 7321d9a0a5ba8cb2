//! `schema-changed`: the source's schema is another one than was rehearsed.

use super::{Answer, Known, Readiness, ReadinessGate};

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "schema-changed",
    title: "The source's schema is the one that was rehearsed",
    explain: "Since the last rehearsal a table, column, index, view or trigger of the source has come, gone or changed: somebody has run a \
              migration. What was decided and proven then may not hold for it.\n\n\
              **Choices.** Rehearse again; and let nobody run migrations until the cutover. Rows that came meanwhile are no change of the \
              schema, nor is what outgrow itself makes in the source.",
    check,
};

fn check(evidence: &Readiness<'_>) -> Answer {
    let action = "Rehearse again: outgrow rehearse app.db";
    let rehearsal = match &evidence.rehearsal {
        Known::Unseen(why) => return Answer::unknown(GATE.finding("the journal", why, action)),
        Known::Seen(None) => return Answer::not_applicable("there is no rehearsal to compare with, which rehearsal-stale says"),
        Known::Seen(Some(rehearsal)) => rehearsal,
    };
    let plan = match &evidence.plan {
        Known::Unseen(why) => return Answer::unknown(GATE.finding("the source", why, "Let the plan be made, and ask again.")),
        Known::Seen(plan) => plan,
    };
    let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
    if plan.schema == rehearsal.schema {
        return Answer::pass(format!("schema {}, as rehearsed", short(&plan.schema)));
    }
    let message = format!("schema {} was rehearsed, and the source has {} now", short(&rehearsal.schema), short(&plan.schema));
    Answer::of("another schema", vec![GATE.finding("the source", message, action)])
}
