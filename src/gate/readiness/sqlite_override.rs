//! `sqlite-override`: a setting would still lead the application to SQLite.

use super::{Answer, Known, Readiness, ReadinessGate};

pub(super) const GATE: ReadinessGate = ReadinessGate {
    id: "sqlite-override",
    title: "No other setting leads the application back to SQLite",
    explain: "The switch changes the files that the policy names. A variable of the environment, another `.env` file, a compose file or a cached \
              configuration that still names SQLite would win over them, and the application would start on the old database after the move.\n\n\
              **Choices.** Take the setting away, name its file in a `[[switch]]`, or say in a waiver why it is not read.",
    check,
};

fn check(evidence: &Readiness<'_>) -> Answer {
    let overrides = match &evidence.overrides {
        Known::Unseen(why) => {
            return Answer::unknown(GATE.finding("the environment", why, "Look yourself, and waive this with your name."));
        }
        Known::Seen(overrides) => overrides,
    };
    let findings = overrides
        .iter()
        .map(|found| {
            let message = format!("{}: {}", found.name, found.what);
            GATE.finding(&found.place, message, "Take it away, or name its file in a [[switch]].")
        })
        .collect();
    Answer::of("the settings that the policy knows of", findings)
}
