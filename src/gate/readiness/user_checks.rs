//! `user-checks`: a check of the policy's own did not pass.

use super::{Answer, Known, Readiness, ReadinessGate};
use crate::mapping::counted;

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "user-checks",
    title: "The policy's own checks pass",
    explain: "Each `[[check]]` of the policy asks something before a cutover: over HTTP, of a database, or by a command. Is the driver in the \
              image, is the queue drained, was the other store saved?\n\n\
              ```toml\n[[check]]\nname = \"the image has the driver\"\nrun = [\"docker\", \"compose\", \"exec\", \"app\", \"php\", \"-r\", \"exit(extension_loaded('pdo_pgsql') ? 0 : 1);\"]\n```\n\n\
              **Choices.** Mend what the check has found. A waiver at the check's name takes one out of the way.",
    check,
};

fn check(evidence: &Readiness<'_>) -> Answer {
    if evidence.policy.checks.is_empty() {
        return Answer::not_applicable("the policy has none");
    }
    let answers = match &evidence.checks {
        Known::Unseen(why) => return Answer::unknown(GATE.finding("the checks", why, "Mend that, and ask again.")),
        Known::Seen(answers) => answers,
    };
    let mut findings = Vec::new();
    for check in &evidence.policy.checks {
        match answers.iter().find(|answer| answer.name == check.name) {
            Some(answer) if answer.passed => {}
            Some(answer) => findings.push(GATE.finding(&check.name, &answer.what, "Mend it, and ask again.")),
            None => findings.push(GATE.finding(&check.name, "it was not asked", "Ask again.")),
        }
    }
    Answer::of(format!("{} asked", counted(u64::try_from(answers.len()).unwrap_or(u64::MAX), "check")), findings)
}
