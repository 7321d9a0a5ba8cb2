//! `writers`: somebody has the source open who should not.

use super::{Answer, Known, Point, Readiness, ReadinessGate};
use crate::gate::Finding;
use crate::plan::{Freeze, Moment};

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "writers",
    title: "Nobody writes to the source who is not stopped",
    explain: "A process that has the SQLite file open may write to it: a queue worker, a scheduled task, a shell that somebody forgot. Each is \
              named with its process id and what it does.\n\n\
              Before the cutover the application has its database open, as it should; then something must be there that stops it: a hook \
              (`[[hook]]` with `at = \"stop\"`), or the guard that makes the source refuse writes (`freeze = \"guard\"` under \
              `[cutover]`, which is the default). Once the hooks have been run, nobody may have it open any more; with the guard and no such hook, \
              nobody may be in the middle of a write.\n\n\
              **Choices.** Stop the process, let the hook stop it, or say in a waiver why it does no harm. Processes of other users can only \
              be looked into by them and by root; a database in WAL mode shows them by their locks all the same.",
    check,
};

fn check(evidence: &Readiness<'_>) -> Answer {
    let holders = match &evidence.holders {
        Known::Unseen(why) => return Answer::unknown(GATE.finding("the source", why, "Mend that, and ask again.")),
        Known::Seen(holders) => holders,
    };
    let guarded = evidence.policy.cutover.freeze == Freeze::Guard;
    let stops = evidence.policy.hooks.iter().any(|hook| hook.at == Moment::Stop);
    let stopped = evidence.point == Point::Stopped;
    let may_be_open = if stopped { guarded && !stops } else { guarded || stops };
    let may_write = !stopped && (guarded || stops);
    let mut findings: Vec<Finding> = holders
        .others
        .iter()
        .filter(|holder| if holder.writes { !may_write } else { !may_be_open })
        .map(|holder| {
            let does = if holder.writes { "is in the middle of a write" } else { "has the source open" };
            let place = format!("process {}", holder.pid);
            GATE.finding(place, format!("{} {does}", holder.command), "Stop it, or let a hook with at = \"stop\" do so.")
        })
        .collect();
    if let Some(does) = holders.elsewhere.as_ref().filter(|_| !may_be_open) {
        let message = format!("a process in another container or on another machine {does}");
        findings.push(GATE.finding("elsewhere", message, "Stop it there, or let a hook with at = \"stop\" do so."));
    }
    let seen = match (holders.others.as_slice(), &holders.elsewhere) {
        ([], Some(_)) => "nobody here has it open".to_owned(),
        ([], None) => "nobody has it open".to_owned(),
        (others, _) => others.iter().map(|holder| format!("{} ({})", holder.pid, holder.command)).collect::<Vec<_>>().join(", "),
    };
    if findings.is_empty() && !may_be_open && !holders.unseen.is_empty() {
        let message = format!("{seen}, as far as can be seen: {}", holders.unseen.join("; "));
        return Answer::unknown(GATE.finding("the source", message, "Ask again as root or as the application's user."));
    }
    let how = match (stopped, stops, guarded) {
        (true, _, _) => "",
        (false, true, _) => "; the hooks will stop what is the application's",
        (false, false, true) => "; the guard will refuse writes",
        (false, false, false) => "; nothing would stop a writer",
    };
    Answer::of(format!("{seen}{how}"), findings)
}
