//! Numbers, times and names as people read them: the filters of the templates.

use indicatif::{DecimalBytes, HumanCount};
use jiff::Timestamp;
use minijinja::value::Value;

use super::harmless;
use crate::mapping::counted;
use crate::value::{Reason, Rule};

/// `6,213,004`.
pub(in crate::report) fn number(count: u64) -> String {
    HumanCount(count).to_string()
}

/// `702.00 MB`.
pub(in crate::report) fn bytes(count: u64) -> String {
    DecimalBytes(count).to_string()
}

/// `6,213,004 rows`.
pub(in crate::report) fn many(count: u64, noun: &str) -> String {
    counted(count, noun)
}

/// The sum of counts by name.
pub(in crate::report) fn total(counts: &Value) -> Result<u64, minijinja::Error> {
    counts.try_iter()?.map(|name| u64::try_from(counts.get_item(&name)?)).sum()
}

/// `0.84 s`, `24.1 s`, `3 m 05 s`, `2 h 07 m`.
pub(in crate::report) fn seconds(seconds: f64) -> String {
    if seconds < 10.0 {
        return format!("{seconds:.2} s");
    }
    if seconds < 100.0 {
        return format!("{seconds:.1} s");
    }
    let whole = std::time::Duration::try_from_secs_f64(seconds.round()).map_or(u64::MAX, |duration| duration.as_secs());
    if whole < 3600 { format!("{} m {:02} s", whole / 60, whole % 60) } else { format!("{} h {:02} m", whole / 3600, whole % 3600 / 60) }
}

/// `2026-11-21 08:49:07 UTC`; what is no moment stays as it is.
pub(in crate::report) fn moment(written: &str) -> String {
    written.parse::<Timestamp>().map_or_else(|_| written.to_owned(), |moment| moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// A name on one line, shown up to so many characters; says how long it is where it is cut.
pub(in crate::report) fn cut(name: &str, most: usize) -> String {
    let name = harmless::line(name);
    let characters = name.chars().count();
    if characters <= most {
        return name;
    }
    let shown: String = name.chars().take(most).collect();
    format!("{shown}… ({characters} characters)")
}

/// What the id of a rule or of a reason means.
pub(in crate::report) fn meaning(id: &str) -> &'static str {
    let rule = Rule::ALL.into_iter().find(|rule| rule.id() == id).map(Rule::meaning);
    let reason = || Reason::ALL.into_iter().find(|reason| reason.id() == id).map(Reason::meaning);
    rule.or_else(reason).unwrap_or("This version of outgrow doesn't know it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times() {
        for (given, written) in
            [(0.0, "0.00 s"), (9.994, "9.99 s"), (24.06, "24.1 s"), (185.2, "3 m 05 s"), (3599.7, "1 h 00 m"), (7620.0, "2 h 07 m")]
        {
            assert_eq!(seconds(given), written);
        }
        assert_eq!(moment("2026-11-21T08:49:07.123456789Z"), "2026-11-21 08:49:07 UTC");
        assert_eq!(moment("<yesterday>"), "<yesterday>");
    }

    #[test]
    fn writes_numbers_and_names() {
        assert_eq!(number(6_213_004), "6,213,004");
        assert_eq!(many(1, "row"), "1 row");
        assert_eq!(cut("a\nb", 8), "a\u{240a}b");
        assert_eq!(cut(&"x".repeat(10_000), 3), "xxx… (10000 characters)");
    }

    #[test]
    fn knows_every_rule_and_reason() {
        let ids = Rule::ALL.into_iter().map(Rule::id).chain(Reason::ALL.into_iter().map(Reason::id));
        assert!(ids.into_iter().all(|id| !meaning(id).contains("doesn't know")));
        assert!(meaning("new-rule").contains("doesn't know"));
    }
}
