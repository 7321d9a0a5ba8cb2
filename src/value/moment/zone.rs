//! The time zone of what says none: a fixed offset, or a named zone with its history.
//!
//! Named zones come from the database that is built in, so that the same plan means the same on every machine.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, OnceLock, PoisonError};

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time zone: `UTC`, a fixed offset such as `+04:00`, or a name such as `Asia/Baku`.
#[derive(Clone, Copy)]
pub struct Zone(Kind);

#[derive(Clone, Copy)]
enum Kind {
    Fixed { minutes_east: i16 },
    Named(&'static NamedZone),
}

/// Kept for the life of the program: there are only as many as there are names.
#[derive(Debug)]
struct NamedZone {
    name: String,
    rules: TimeZone,
}

/// A text that names no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is none of `UTC`, an offset such as `+04:00`, or a name such as `Asia/Baku`")]
pub struct UnknownZone;

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Kind::Fixed { minutes_east: 0 });

    /// Minutes east of UTC, where they are always the same.
    pub(in crate::value) const fn minutes_east(self) -> Option<i16> {
        match self.0 {
            Kind::Fixed { minutes_east } => Some(minutes_east),
            Kind::Named(_) => None,
        }
    }

    /// The rules of a named zone.
    pub(in crate::value) const fn rules(self) -> Option<&'static TimeZone> {
        match self.0 {
            Kind::Fixed { .. } => None,
            Kind::Named(zone) => Some(&zone.rules),
        }
    }

    /// Whether its clock is never changed.
    pub const fn is_fixed(self) -> bool {
        matches!(self.0, Kind::Fixed { .. })
    }

    fn named(name: &str) -> Option<Self> {
        static KNOWN: OnceLock<TimeZoneDatabase> = OnceLock::new();
        static USED: Mutex<BTreeMap<String, &'static NamedZone>> = Mutex::new(BTreeMap::new());
        let rules = KNOWN.get_or_init(TimeZoneDatabase::bundled).get(name).ok()?;
        let name = rules.iana_name()?.to_owned();
        let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
        let zone = used.entry(name.clone()).or_insert_with(|| Box::leak(Box::new(NamedZone { name, rules })));
        Some(Self(Kind::Named(zone)))
    }

    fn fixed(text: &str) -> Option<Self> {
        let (east, digits) = match text.split_at_checked(1)? {
            ("+", digits) => (1, digits),
            ("-", digits) => (-1, digits),
            _ => return None,
        };
        let digits = digits.replace(':', "");
        if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let (hours, minutes) = digits.split_at(2);
        let (hours, minutes): (i16, i16) = (hours.parse().ok()?, if minutes.is_empty() { 0 } else { minutes.parse().ok()? });
        (hours <= 15 && minutes <= 59).then_some(Self(Kind::Fixed { minutes_east: east * (hours * 60 + minutes) }))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        if text.eq_ignore_ascii_case("utc") || text == "Z" {
            return Ok(Self::UTC);
        }
        Self::fixed(text).or_else(|| Self::named(text)).ok_or(UnknownZone)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Fixed { minutes_east: 0 } => f.pad("UTC"),
            Kind::Fixed { minutes_east } => {
                let (sign, minutes) = (if minutes_east < 0 { '-' } else { '+' }, minutes_east.abs());
                f.pad(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
            }
            Kind::Named(zone) => f.pad(&zone.name),
        }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({self})")
    }
}

impl Ord for Zone {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.0, other.0) {
            (Kind::Fixed { minutes_east: one }, Kind::Fixed { minutes_east: two }) => one.cmp(&two),
            (Kind::Fixed { .. }, Kind::Named(_)) => Ordering::Less,
            (Kind::Named(_), Kind::Fixed { .. }) => Ordering::Greater,
            (Kind::Named(one), Kind::Named(two)) => one.name.cmp(&two.name),
        }
    }
}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Zone {}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|fault| serde::de::Error::custom(format!("the time zone `{text}` is not known: {fault}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_stored_by_its_name() {
        for (text, name) in [
            ("UTC", "UTC"),
            ("utc", "UTC"),
            ("Z", "UTC"),
            ("+00:00", "UTC"),
            ("+04:00", "+04:00"),
            ("-0530", "-05:30"),
            ("+04", "+04:00"),
            ("Asia/Baku", "Asia/Baku"),
            ("europe/berlin", "Europe/Berlin"),
        ] {
            let zone: Zone = text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"));
            assert_eq!(zone.to_string(), name);
            let stored = serde_json::to_string(&zone).unwrap();
            assert_eq!(serde_json::from_str::<Zone>(&stored).unwrap(), zone, "{stored}");
        }
        for text in ["", "Baku", "+4", "+16:00", "+04:60", "4", "+é3", "Europe/Nowhere"] {
            assert_eq!(text.parse::<Zone>(), Err(UnknownZone), "{text}");
        }
    }
}
