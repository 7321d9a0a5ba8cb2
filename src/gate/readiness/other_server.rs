//! `other-server`: the address is answered by another server than the one that is meant.

use super::{Answer, Known, Readiness, ReadinessGate, ServerIdentity};

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "other-server",
    title: "The server that answers is the one that is meant",
    explain: "A port may be answered by another server than one thinks: two compose files that publish the same port, a tunnel that leads \
              elsewhere, a data volume that was changed. Every PostgreSQL cluster has a number of its own, given when its data directory was made \
              (`select system_identifier from pg_control_system()`). It is compared with what the policy says, or else with what \
              `outgrow check URL` has seen in this work directory.\n\n\
              ```toml\n[target.expect]\nsystem-identifier = \"7312345678901234567\"\nmajor = 16\n```\n\n\
              **Choices.** Where nothing is expected yet: look at the server with `outgrow check`, which notes who it is, or write its \
              number into the policy. Where another one answers: find out who, before anything is loaded into it.",
    check,
};

fn check(evidence: &Readiness<'_>) -> Answer {
    let target = match &evidence.target {
        Known::Unseen(why) => {
            let action = "See what answers at that address: outgrow check URL";
            return Answer::unknown(GATE.firm("the target", why, action));
        }
        Known::Seen(target) => target,
    };
    let expect = &evidence.policy.target.expect;
    let expected = ServerIdentity {
        system_identifier: expect.system_identifier.clone(),
        data_directory: expect.data_directory.clone(),
        major: expect.major.unwrap_or_default(),
    };
    let said = expected != ServerIdentity::default();
    let seen = target.seen_before.as_ref().map(|seen| (seen, "outgrow check has seen"));
    let Some((expected, by)) = said.then_some((&expected, "the policy expects")).or(seen) else {
        let number = target.identity.system_identifier.as_deref().unwrap_or("unknown");
        let message = format!("nothing says which server is meant; PostgreSQL {} with the number {number} answers", target.identity.major);
        let action = "Look at it with outgrow check, or write its system-identifier under [target.expect].";
        return Answer::unknown(GATE.finding(&target.place, message, action));
    };
    let mut findings = Vec::new();
    let mut unknown = None;
    let pairs = [
        ("system identifier", expected.system_identifier.clone(), target.identity.system_identifier.clone()),
        ("data directory", expected.data_directory.clone(), target.identity.data_directory.clone()),
        ("major version", (expected.major > 0).then(|| expected.major.to_string()), Some(target.identity.major.to_string())),
    ];
    for (what, expected, found) in pairs {
        let Some(expected) = expected else { continue };
        let action = "Find out who answers at that address, before anything is loaded into it.";
        match found {
            Some(found) if found == expected => {}
            Some(found) => findings.push(GATE.finding(what, format!("{by} {expected}, and {found} answers"), action)),
            None => {
                let message = format!("{by} {expected}, and this role may not ask for it");
                unknown = Some(GATE.finding(what, message, "Let the role ask (grant pg_monitor), or have somebody else look."));
            }
        }
    }
    match unknown {
        Some(unknown) if findings.is_empty() => Answer::unknown(unknown),
        Some(_) | None => Answer::of(format!("PostgreSQL {}, as {by}", target.identity.major), findings),
    }
}
