//! `rehearsal-stale`: the move was not rehearsed like this, not lately, or not well.

use super::evidence::{age, is_older, span};
use super::{Answer, Known, Readiness, ReadinessGate};
use crate::error::Outcome;

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "rehearsal-stale",
    title: "The move is rehearsed with these decisions, lately and well",
    explain: "A cutover does under time pressure what a rehearsal has done at leisure. So there must be a rehearsal of this source, in this \
              work directory, that ended with exit code 0, with the same decisions in the policy, the same kind of target (outgrow's own \
              tables, or the application's) and this version of outgrow, and not longer ago than `rehearsed-within` under `[cutover]` \
              says (7 days where nothing is said).\n\n\
              **Choices.** Rehearse again: `outgrow rehearse app.db`. Where the last one was made elsewhere, on a copy of the data, say so in \
              a waiver.\n\n\
              Waivers, hooks, notices and smoke tests are no decisions about the data: to change them asks for no new rehearsal.",
    check,
};

const AGAIN: &str = "Rehearse again: outgrow rehearse app.db";

fn check(evidence: &Readiness<'_>) -> Answer {
    let rehearsal = match &evidence.rehearsal {
        Known::Unseen(why) => return Answer::unknown(GATE.finding("the journal", why, AGAIN)),
        Known::Seen(None) => {
            let message = "no rehearsal of this source is in the work directory";
            return Answer::of("not rehearsed", vec![GATE.finding("the rehearsal", message, AGAIN)]);
        }
        Known::Seen(Some(rehearsal)) => rehearsal,
    };
    let mut wrong = Vec::new();
    match rehearsal.outcome {
        Outcome::Done => {}
        Outcome::Blocked => wrong.push("it ended with something undecided (exit code 3)".to_owned()),
        Outcome::Mismatch => wrong.push("it ended with a difference (exit code 4)".to_owned()),
        Outcome::Inconclusive => wrong.push("it ended without a conclusion (exit code 5)".to_owned()),
    }
    let allowed = evidence.policy.cutover.rehearsed_within;
    if is_older(evidence.now, rehearsal.at, allowed) {
        wrong.push(format!("it is {} old, and {} are allowed", age(evidence.now, rehearsal.at), span(allowed)));
    }
    if rehearsal.decisions != evidence.policy.decisions() {
        wrong.push("the policy decides otherwise now than it did then".to_owned());
    }
    if rehearsal.version != env!("CARGO_PKG_VERSION") {
        wrong.push(format!("it was made by outgrow {}, and this is {}", rehearsal.version, env!("CARGO_PKG_VERSION")));
    }
    if let Known::Seen(plan) = &evidence.plan
        && plan.existing != rehearsal.existing
    {
        let (then, now) = if plan.existing { ("outgrow's own", "the application's") } else { ("the application's", "outgrow's own") };
        wrong.push(format!("{then} tables were loaded then, and {now} would be now"));
    }
    let seen = format!("rehearsed {} ago on PostgreSQL {}", age(evidence.now, rehearsal.at), rehearsal.server_major);
    Answer::of(seen, wrong.into_iter().map(|message| GATE.finding("the rehearsal", message, AGAIN)).collect())
}
