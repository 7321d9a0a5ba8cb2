//! `foreign-volume`: the server brings something with it from an earlier life.

use super::{Answer, Known, Readiness, ReadinessGate};

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "foreign-volume",
    title: "The server brings nothing from an earlier life",
    explain: "A data volume that was used before brings its databases with it, and its major version: a compose file that names PostgreSQL 16 \
              does not make one of a volume that version 15 has made, and tables of an earlier attempt stay where they are. So it is looked \
              for another major version than was rehearsed, for databases of nearly the same name beside the target, and for tables of the \
              application in other schemas of it. The time at which the data directory was made is told.\n\n\
              **Choices.** Give the application a fresh volume, or take away what is left of the earlier life once nobody needs it; outgrow \
              removes nothing that it did not make. Where the other databases are meant to be there, say in a waiver what they are.",
    check,
};

/// How many names a message shows.
const SHOWN: usize = 5;

fn check(evidence: &Readiness<'_>) -> Answer {
    let target = match &evidence.target {
        Known::Unseen(why) => return Answer::unknown(GATE.firm("the target", why, "Mend that, and ask again.")),
        Known::Seen(target) => target,
    };
    let mut findings = Vec::new();
    let major = target.identity.major;
    if let Known::Seen(Some(rehearsal)) = &evidence.rehearsal
        && rehearsal.server_major != major
    {
        let message = format!("the move was rehearsed on PostgreSQL {}, and this is {major}", rehearsal.server_major);
        let action = "Rehearse on the same version, or see whether an old data volume is mounted.";
        findings.push(GATE.finding("the version", message, action));
    }
    let alike: Vec<&str> =
        target.others.iter().filter(|other| are_alike(&other.name, &target.database)).map(|other| other.name.as_str()).collect();
    if !alike.is_empty() {
        let message = format!("beside {} there is {}: an earlier life of this application?", target.database, listed(&alike));
        findings.push(GATE.finding("other databases", message, "Find out whose they are, and whether this is the server that is meant."));
    }
    if let Known::Seen(plan) = &evidence.plan {
        let known = |name: &str| plan.tables.iter().any(|table| table == name);
        let tables: Vec<String> =
            target.elsewhere.iter().filter(|(_, name)| known(name)).map(|(schema, name)| format!("{schema}.{name}")).collect();
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        if !tables.is_empty() {
            let message = format!("tables of the application are in other schemas of the target: {}", listed(&tables));
            let action = "Find out what they are; a search_path that names their schema first would lead the application to them.";
            findings.push(GATE.finding("other schemas", message, action));
        }
    }
    let made = target.identity.made_at().map_or_else(
        || "when its data directory was made can't be seen".to_owned(),
        |at| format!("its data directory was made on {}", at.strftime("%Y-%m-%d")),
    );
    Answer::of(format!("PostgreSQL {major}; {made}"), findings)
}

/// Whether two names of databases are nearly the same: `school`, `school_old`, `School-2`.
fn are_alike(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let (one, other) = (plain(one), plain(other));
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    // Of very short names everything is a part.
    one == other || (short.len() >= 4 && long.contains(short.as_str()))
}

fn listed(names: &[&str]) -> String {
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", "))
}
