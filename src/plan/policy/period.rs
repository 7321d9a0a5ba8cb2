//! Lengths of time, as people write them.

use std::time::Duration;

use jiff::{SpanRelativeTo, Unit};
use serde::{Deserialize, Deserializer, de::Error as _};

/// A length of time: `"90s"`, `"5 min"`, `"14d"` (a day has 24 hours).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

impl Period {
    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// So many days of 24 hours.
    pub const fn days(days: u64) -> Self {
        Self::seconds(days * 86_400)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unreadable =
            || D::Error::custom(format!("`{text}` is no length of time: write \"500ms\", \"90s\", \"5 min\", \"2h\" or \"14d\""));
        let span: jiff::Span = text.parse().map_err(|_| unreadable())?;
        let nanoseconds = span.total((Unit::Nanosecond, SpanRelativeTo::days_are_24_hours())).map_err(|_| unreadable())?;
        Duration::try_from_secs_f64(nanoseconds / 1e9).map(Self).map_err(|_| unreadable())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Holder {
        period: Period,
    }

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, milliseconds) in [("500ms", 500), ("90s", 90_000), ("5 min", 300_000), ("1h 30m", 5_400_000), ("14d", 1_209_600_000)] {
            let held: Holder = toml::from_str(&format!("period = \"{text}\"")).unwrap();
            assert_eq!(held.period.0.as_millis(), milliseconds, "{text}");
        }
        for text in ["", "5", "-5s", "soon", "1 month"] {
            let error = toml::from_str::<Holder>(&format!("period = \"{text}\"")).err().unwrap();
            assert!(error.message().contains("no length of time"), "{text}: {error}");
        }
    }
}
