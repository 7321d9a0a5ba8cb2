//! `target-not-as-expected`: the target can't take the database now, or not the application afterwards.

use super::{Answer, Known, Readiness, ReadinessGate};
use crate::gate::Finding;
use crate::mapping::counted;

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "target-not-as-expected",
    title: "The target is empty or as expected, and has room",
    explain: "What the plan's gates say of the target (`target-unfit`, `target-not-empty`, `target-rights`), what `outgrow check` finds wrong \
              with it, and whether there is room: on its disk, where that can be seen from here, for what the last rehearsal has loaded and half \
              as much again; and among its connections, for the application's pool:\n\n\
              ```toml\n[target.expect]\npool = 20\n```\n\n\
              **Choices.** Mend what is named. What the plan's gates say can't be waived here.",
    check,
};

/// The findings of the plan that are about the target.
const OF_TARGET: [&str; 3] = ["target-not-empty", "target-unfit", "target-rights"];

fn check(evidence: &Readiness<'_>) -> Answer {
    let target = match &evidence.target {
        Known::Unseen(why) => return Answer::unknown(GATE.firm("the target", why, "outgrow check URL says more.")),
        Known::Seen(target) => target,
    };
    let plan = match &evidence.plan {
        Known::Unseen(why) => return Answer::unknown(GATE.firm("the plan", why, "Mend that, and ask again.")),
        Known::Seen(plan) => plan,
    };
    let of_plan = plan.findings.iter().filter(|finding| finding.blocks() && OF_TARGET.contains(&finding.id.as_str()));
    let mut findings: Vec<Finding> = of_plan.map(|finding| GATE.firm(&finding.place, &finding.message, &finding.action)).collect();
    findings.extend(target.failures.iter().map(|(item, meaning)| GATE.finding(item, meaning, "outgrow check URL says more.")));
    let rehearsed = match &evidence.rehearsal {
        Known::Seen(Some(rehearsal)) => rehearsal.target_bytes,
        Known::Seen(None) | Known::Unseen(_) => None,
    };
    // Without a rehearsal: tables and indexes about as large as the file, and the log of the load.
    let needed = rehearsed.map_or(plan.source_bytes.saturating_mul(2), |bytes| bytes.saturating_add(bytes / 2));
    let mut seen = vec![format!("PostgreSQL {} at {}", target.identity.major, target.place)];
    if let Some(free) = target.free_bytes {
        seen.push(format!("{} MB free on its disk", free / 1_000_000));
        if free < needed {
            let message = format!("{} MB are free on the server's disk, and about {} MB are needed", free / 1_000_000, needed / 1_000_000);
            findings.push(GATE.finding("the disk", message, "Make room."));
        }
    } else {
        seen.push("its disk can't be seen from here".to_owned());
    }
    if let Some(free) = target.free_connections {
        seen.push(format!("{} free", counted(free, "connection")));
        if let Some(pool) = evidence.policy.target.expect.pool.filter(|pool| *pool > free) {
            let message = format!("the application's pool takes {pool} connections, and {free} are free for this role");
            findings.push(GATE.finding("the connections", message, "Raise max_connections, or make the pool smaller."));
        }
    }
    Answer::of(seen.join("; "), findings)
}
