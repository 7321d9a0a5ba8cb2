//! `backup-missing`: no backup that one could go back to.

use super::evidence::{age, is_older, span};
use super::{Answer, Known, Readiness, ReadinessGate};

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "backup-missing",
    title: "A tested backup of the source lies on another disk",
    explain: "There must be a backup of the source that was restored to see that it can be, whose checksum still holds, that is no older than \
              `backed-up-within` under `[cutover]` says (a day where nothing is said), and that lies on another disk than the source: a disk that \
              fails takes everything on it.\n\n\
              **Choices.** `outgrow backup source app.db` makes and tests one; `second` under `[backup]` names the other disk. Where backups are \
              made by other means, say in a waiver by which, and who has tested them.",
    check,
};

const MAKE: &str = "Make one: outgrow backup source app.db";

fn check(evidence: &Readiness<'_>) -> Answer {
    let backup = match &evidence.backup {
        Known::Unseen(why) => return Answer::unknown(GATE.finding("the backup", why, MAKE)),
        Known::Seen(None) => return Answer::of("no backup", vec![GATE.finding("the backup", "there is no backup of this source", MAKE)]),
        Known::Seen(Some(backup)) => backup,
    };
    let mut findings = Vec::new();
    let mut wrong = |place: &str, message: String, action: &str| findings.push(GATE.finding(place, message, action));
    let allowed = evidence.policy.cutover.backed_up_within;
    if is_older(evidence.now, backup.at, allowed) {
        wrong("its age", format!("the newest backup is {} old, and {} are allowed", age(evidence.now, backup.at), span(allowed)), MAKE);
    }
    if !backup.intact {
        wrong("its checksum", "the file of the newest backup is not what it was when it was made".to_owned(), MAKE);
    }
    if !backup.tested {
        wrong("its test", "nobody has restored the newest backup to see that it can be".to_owned(), MAKE);
    }
    if !backup.other_disk {
        let message = "the newest backup lies on the same disk as the source, and would be lost with it".to_owned();
        wrong("its disk", message, "Name a directory on another disk: second under [backup].");
    }
    Answer::of(format!("made {} ago", age(evidence.now, backup.at)), findings)
}
