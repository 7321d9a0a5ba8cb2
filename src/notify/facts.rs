//! What is known of a move when people are told of it: the context of the templates.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use minijinja::Value;
use minijinja::value::Object;

use crate::plan::{Notice, NoticesPolicy};

/// What is known of a move. What is not known is left out; the templates say so or say nothing.
///
/// Never give it a cell value or a secret: it goes to everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// When it is told; now, where nothing is said.
    pub at: Option<Timestamp>,
    /// The source as people call it.
    pub source: Option<String>,
    /// The target, without a secret.
    pub target: Option<String>,
    /// Where it stands: `loading, 41 of 158 tables`.
    pub state: Option<String>,
    /// How long it has been going on.
    pub elapsed: Option<Duration>,
    /// How long the application stood still.
    pub downtime: Option<Duration>,
    /// Why it failed or was taken back, in one sentence.
    pub reason: Option<String>,
    /// What was checked and measured, one line each.
    pub details: Vec<String>,
    /// Where the report is.
    pub report: Option<String>,
}

/// The fields of a template, by name.
#[derive(Debug, Clone)]
pub(super) struct Context(Vec<(&'static str, Value)>);

impl Object for Context {
    fn get_value(self: &std::sync::Arc<Self>, key: &Value) -> Option<Value> {
        let wanted = key.as_str()?;
        self.0.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
    }
}

impl Context {
    /// What a notice may say under this policy.
    pub(super) fn of(policy: &NoticesPolicy, notice: Notice, facts: &Facts) -> Self {
        let window = &policy.window;
        let zone = window.start.as_ref().or(window.next.as_ref()).map_or(TimeZone::UTC, |start| start.time_zone().clone());
        let at = facts.at.unwrap_or_else(Timestamp::now).to_zoned(zone);
        let length = window.length.map(|length| length.0);
        let end = window.start.as_ref().zip(length).and_then(|(start, length)| start.checked_add(length).ok());
        let remaining = length.zip(facts.elapsed).and_then(|(length, elapsed)| length.checked_sub(elapsed));
        let text = |text: Option<&String>| Value::from(text.map(|text| harmless(text)));
        let time = |moment: Option<&Zoned>| Value::from(moment.map(shown));
        let span = |length: Option<Duration>| Value::from(length.map(spoken));
        Self(vec![
            ("notice", Value::from(notice.name())),
            ("application", Value::from(harmless(&policy.application))),
            ("lead", text(policy.lead.as_ref())),
            ("contact", text(policy.contact.as_ref())),
            ("affected", text(policy.affected.as_ref())),
            ("at", time(Some(&at))),
            ("start", time(window.start.as_ref())),
            ("end", time(end.as_ref())),
            ("length", span(length)),
            ("next", time(window.next.as_ref())),
            ("source", text(facts.source.as_ref())),
            ("target", text(facts.target.as_ref())),
            ("state", text(facts.state.as_ref())),
            ("elapsed", span(facts.elapsed)),
            ("remaining", span(remaining.filter(|remaining| !remaining.is_zero()))),
            ("downtime", span(facts.downtime)),
            ("reason", text(facts.reason.as_ref())),
            ("details", Value::from(facts.details.iter().map(|line| harmless(line)).collect::<Vec<_>>())),
            ("report", text(facts.report.as_ref())),
        ])
    }
}

/// A text on one line, without what could steer a terminal.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>().trim().to_owned()
}

/// `Sunday 1 March 2026, 22:00 (UTC+04:00)`.
fn shown(moment: &Zoned) -> String {
    let form = if moment.offset().seconds() == 0 { "%A %-d %B %Y, %H:%M (UTC)" } else { "%A %-d %B %Y, %H:%M (UTC%:z)" };
    moment.strftime(form).to_string()
}

/// `45 seconds`, `60 minutes`, `2 hours 15 minutes`, `3 days`.
pub(super) fn spoken(length: Duration) -> String {
    let many = |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let seconds = SignedDuration::try_from(length).map_or(u64::MAX, |length| length.as_secs().unsigned_abs());
    match seconds {
        // Nobody thinks in thousands of seconds.
        0..=119 => many(seconds, "second"),
        120..=7199 => many(seconds.div_ceil(60), "minute"),
        _ => {
            let minutes = seconds.div_ceil(60);
            let (days, hours, rest) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
            let parts = [(days, "day"), (hours, "hour"), (rest, "minute")];
            let said: Vec<String> = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| many(count, noun)).collect();
            said.join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_as_people_say_them() {
        for (seconds, said) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (90, "90 seconds"),
            (3600, "60 minutes"),
            (7200, "2 hours"),
            (8100, "2 hours 15 minutes"),
            (90_000, "1 day 1 hour"),
            (259_200, "3 days"),
        ] {
            assert_eq!(spoken(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn a_moment_is_shown_with_its_zone() {
        let baku = crate::plan::moment("2026-03-01T22:00[Asia/Baku]").unwrap();
        assert_eq!(shown(&baku), "Sunday 1 March 2026, 22:00 (UTC+04:00)");
        assert_eq!(shown(&crate::plan::moment("2026-03-01T22:00:00Z").unwrap()), "Sunday 1 March 2026, 22:00 (UTC)");
    }

    #[test]
    fn what_steers_a_terminal_is_taken_out() {
        assert_eq!(harmless("a\u{1b}[2J\nb\t"), "a [2J b");
    }
}
