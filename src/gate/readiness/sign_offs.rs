//! `sign-offs`: somebody who has to approve has not.

use super::{Answer, Known, Readiness, ReadinessGate};

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "sign-offs",
    title: "Everybody who has to approve has approved this plan",
    explain: "The policy may name roles that have to approve a cutover. Each approval is for one plan, and void where the plan has changed \
              since.\n\n\
              **Choices.** `outgrow sign-off --role ROLE --by NAME`; or a waiver, which names who goes on without.",
    check,
};

fn check(evidence: &Readiness<'_>) -> Answer {
    let roles = match &evidence.sign_offs {
        Known::Unseen(why) => return Answer::unknown(GATE.finding("the sign-offs", why, "Mend that, and ask again.")),
        Known::Seen(roles) if roles.is_empty() => return Answer::not_applicable("the policy asks for none"),
        Known::Seen(roles) => roles,
    };
    let mut findings = Vec::new();
    for role in roles {
        let action = format!("outgrow sign-off --role {} --by NAME", role.role);
        match (&role.given, &role.void) {
            (Some(_), None) => {}
            (Some(given), Some(void)) => {
                findings.push(GATE.finding(&role.role, format!("the approval of {given} is void: {void}"), action));
            }
            (None, _) => findings.push(GATE.finding(&role.role, "nobody has approved in this role", action)),
        }
    }
    let given: Vec<&str> = roles.iter().filter(|role| role.void.is_none()).filter_map(|role| role.given.as_deref()).collect();
    let seen = if given.is_empty() { "none given".to_owned() } else { format!("given by {}", given.join(", ")) };
    Answer::of(seen, findings)
}
