//! The forms of text that mean something else than text.

use serde::{Deserialize, Serialize};

/// What a text looks like: exactly one form for every text, the most specific one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextShape {
    /// No bytes at all.
    Empty,
    /// A calendar date `YYYY-MM-DD`, year 0001 to 9999.
    Date,
    /// A time of day.
    Time(TimeForm),
    /// A date and time of a real calendar day, in a form that can be written back exactly.
    Timestamp(TimestampForm),
    /// A UUID.
    Uuid(UuidForm),
    /// A number that SQLite would print just so.
    Number(NumberForm),
    /// `\x` and an even number of lower-case hex digits.
    HexBytes,
    /// A JSON object or array that PostgreSQL's `json` takes.
    Json,
    /// Any other text that PostgreSQL can hold.
    Plain,
    /// UTF-8 with a NUL byte.
    Nul,
    /// Not UTF-8.
    InvalidUtf8,
}

/// The canonical forms of numbers, as [`super::Conversion::AnyToText`] writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberForm {
    /// An `i64` in decimal, without a superfluous sign or zero.
    Integer,
    /// The shortest decimal that reads back as the same `f64`, with a point or an exponent; `Infinity`, `-Infinity`.
    Real,
}

/// How a UUID is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UuidForm {
    /// `01234567-89ab-…`, lower case (with at least one letter).
    Hyphenated,
    /// `01234567-89AB-…`, upper case (with at least one letter).
    HyphenatedUpper,
    /// With hyphens and without a letter, so that both cases write it alike: `00000000-0000-…`.
    HyphenatedDigits,
    /// 32 hex digits, lower case (with at least one letter).
    Simple,
    /// 32 hex digits, upper case (with at least one letter).
    SimpleUpper,
    /// 32 hex digits without a letter.
    SimpleDigits,
}

/// How a time of day is written: `HH:MM` and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TimeForm {
    /// Whether `:SS` is there.
    pub seconds: bool,
    /// The fraction of a second.
    pub fraction: Fraction,
}

/// How a date and time is written: `YYYY-MM-DD`, a separator, a time of day, an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TimestampForm {
    /// Between date and time.
    pub separator: Separator,
    /// The time of day.
    pub time: TimeForm,
    /// What follows the time.
    pub offset: Offset,
}

/// Between date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Separator {
    /// A space.
    Space,
    /// `T`.
    T,
}

/// How a fraction of a second is written.
///
/// A single text is of the form `None`, `Fixed` or `Digits`. A column's form is made of those of its texts by
/// [`Fraction::unite`]; it remembers what is needed to tell whether one more text still fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fraction {
    /// No fraction.
    None,
    /// A point and always this many digits, 1 to 6. A single text is of this form when all of them are zero.
    Fixed(u8),
    /// A point and this many digits, where all of them being zero was not seen. Written as `Fixed`.
    Digits {
        /// How many, 1 to 6.
        count: u8,
        /// Whether the last one is (anywhere) a zero.
        trailing_zero: bool,
    },
    /// A point and this many digits, left out altogether where they are zero (Python's `isoformat`).
    DigitsOrNone {
        /// How many, 1 to 6.
        count: u8,
        /// Whether the last one is anywhere a zero.
        trailing_zero: bool,
    },
    /// A point and up to six digits without trailing zeros, left out where they are zero (Go's `.999999`).
    Trimmed,
}

/// What follows the time of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offset {
    /// Nothing: a naive timestamp.
    Naive,
    /// `Z`.
    Z,
    /// A sign, hours and minutes.
    Minutes {
        /// Minutes east of UTC; −00:00 is not of this form.
        east: i16,
        /// `+02:00` rather than `+0200`.
        colon: bool,
        /// A space before the sign.
        space: bool,
    },
    /// A sign and hours, as PostgreSQL writes them.
    Hours {
        /// Hours east of UTC.
        east: i8,
        /// A space before the sign.
        space: bool,
    },
    /// ` UTC`.
    Utc,
}

impl UuidForm {
    /// The form of a column that has texts of both forms, if there is one.
    pub const fn unite(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::HyphenatedDigits, form @ (Self::Hyphenated | Self::HyphenatedUpper | Self::HyphenatedDigits))
            | (form @ (Self::Hyphenated | Self::HyphenatedUpper), Self::HyphenatedDigits)
            | (Self::SimpleDigits, form @ (Self::Simple | Self::SimpleUpper | Self::SimpleDigits))
            | (form @ (Self::Simple | Self::SimpleUpper), Self::SimpleDigits)
            | (form @ Self::Hyphenated, Self::Hyphenated)
            | (form @ Self::HyphenatedUpper, Self::HyphenatedUpper)
            | (form @ Self::Simple, Self::Simple)
            | (form @ Self::SimpleUpper, Self::SimpleUpper) => Some(form),
            (
                Self::Hyphenated | Self::HyphenatedUpper | Self::HyphenatedDigits | Self::Simple | Self::SimpleUpper | Self::SimpleDigits,
                _,
            ) => None,
        }
    }

    /// Whether a text of the form `single` is written just so in a column of this form.
    pub const fn covers(self, single: Self) -> bool {
        match self {
            Self::Hyphenated | Self::HyphenatedDigits => matches!(single, Self::Hyphenated | Self::HyphenatedDigits),
            Self::HyphenatedUpper => matches!(single, Self::HyphenatedUpper | Self::HyphenatedDigits),
            Self::Simple | Self::SimpleDigits => matches!(single, Self::Simple | Self::SimpleDigits),
            Self::SimpleUpper => matches!(single, Self::SimpleUpper | Self::SimpleDigits),
        }
    }
}

impl Fraction {
    /// The form of a column that has texts of both forms and writes each of them back exactly, if there is one.
    ///
    /// Commutative and associative: a column may be folded in any order.
    pub const fn unite(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::None, form @ (Self::None | Self::DigitsOrNone { .. } | Self::Trimmed))
            | (form @ (Self::DigitsOrNone { .. } | Self::Trimmed), Self::None) => Some(form),
            (Self::None, Self::Digits { count, trailing_zero }) | (Self::Digits { count, trailing_zero }, Self::None) => {
                Some(Self::DigitsOrNone { count, trailing_zero })
            }
            (Self::Fixed(one), Self::Fixed(two) | Self::Digits { count: two, .. })
            | (Self::Digits { count: one, .. }, Self::Fixed(two)) => {
                if one == two {
                    Some(Self::Fixed(one))
                } else {
                    None
                }
            }
            (Self::Digits { count, trailing_zero: one }, Self::Digits { count: other_count, trailing_zero: two }) => {
                if count == other_count { Some(Self::Digits { count, trailing_zero: one || two }) } else { trimmed_unless(one || two) }
            }
            (
                Self::Digits { count, trailing_zero: one } | Self::DigitsOrNone { count, trailing_zero: one },
                Self::DigitsOrNone { count: other_count, trailing_zero: two },
            )
            | (Self::DigitsOrNone { count, trailing_zero: one }, Self::Digits { count: other_count, trailing_zero: two }) => {
                if count == other_count {
                    Some(Self::DigitsOrNone { count, trailing_zero: one || two })
                } else {
                    trimmed_unless(one || two)
                }
            }
            (Self::Trimmed, Self::Digits { trailing_zero, .. } | Self::DigitsOrNone { trailing_zero, .. })
            | (Self::Digits { trailing_zero, .. } | Self::DigitsOrNone { trailing_zero, .. }, Self::Trimmed) => {
                trimmed_unless(trailing_zero)
            }
            (Self::Trimmed, Self::Trimmed) => Some(Self::Trimmed),
            (Self::None | Self::DigitsOrNone { .. } | Self::Trimmed, Self::Fixed(_))
            | (Self::Fixed(_), Self::None | Self::DigitsOrNone { .. } | Self::Trimmed) => None,
        }
    }

    /// Whether a text of the form `single` is written just so in a column of this form.
    pub const fn covers(self, single: Self) -> bool {
        match (self, single) {
            (Self::None | Self::DigitsOrNone { .. } | Self::Trimmed, Self::None) => true,
            (Self::Fixed(own) | Self::Digits { count: own, .. }, Self::Fixed(count) | Self::Digits { count, .. })
            | (Self::DigitsOrNone { count: own, .. }, Self::Digits { count, .. }) => own == count,
            (Self::Trimmed, Self::Digits { trailing_zero, .. }) => !trailing_zero,
            (Self::None | Self::Fixed(_) | Self::Digits { .. } | Self::DigitsOrNone { .. } | Self::Trimmed, _) => false,
        }
    }

    /// Whether texts are of different lengths in a column of this form.
    pub const fn varies(self) -> bool {
        match self {
            Self::None | Self::Fixed(_) | Self::Digits { .. } => false,
            Self::DigitsOrNone { .. } | Self::Trimmed => true,
        }
    }
}

/// Digits of different counts can be told from the value alone only if none of them ends in a zero.
const fn trimmed_unless(trailing_zero: bool) -> Option<Fraction> {
    if trailing_zero { None } else { Some(Fraction::Trimmed) }
}

impl TimeForm {
    /// The form of a column that has texts of both forms and writes each of them back exactly, if there is one.
    pub fn unite(self, other: Self) -> Option<Self> {
        let fraction = self.fraction.unite(other.fraction)?;
        (self.seconds == other.seconds).then_some(Self { seconds: self.seconds, fraction })
    }

    /// Whether a text of the form `single` is written just so in a column of this form.
    pub const fn covers(self, single: Self) -> bool {
        self.seconds == single.seconds && self.fraction.covers(single.fraction)
    }
}

impl TimestampForm {
    /// The form of a column that has texts of both forms and writes each of them back exactly, if there is one.
    pub fn unite(self, other: Self) -> Option<Self> {
        let time = self.time.unite(other.time)?;
        (self.separator == other.separator && self.offset == other.offset).then_some(Self { time, ..self })
    }

    /// Whether a text of the form `single` is written just so in a column of this form.
    pub fn covers(self, single: Self) -> bool {
        self.separator == single.separator && self.offset == single.offset && self.time.covers(single.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn singles() -> Vec<Fraction> {
        let mut all = vec![Fraction::None];
        for count in 1..=3 {
            all.push(Fraction::Fixed(count));
            all.extend([true, false].map(|trailing_zero| Fraction::Digits { count, trailing_zero }));
        }
        all
    }

    fn columns() -> Vec<Fraction> {
        let mut all = singles();
        for count in 1..=3 {
            all.extend([true, false].map(|trailing_zero| Fraction::DigitsOrNone { count, trailing_zero }));
        }
        all.push(Fraction::Trimmed);
        all
    }

    #[test]
    fn a_column_may_be_folded_in_any_order() {
        for one in columns() {
            assert_eq!(one.unite(one), Some(one));
            for two in columns() {
                assert_eq!(one.unite(two), two.unite(one), "{one:?} {two:?}");
                for three in columns() {
                    let left = one.unite(two).and_then(|form| form.unite(three));
                    let right = two.unite(three).and_then(|form| one.unite(form));
                    assert_eq!(left, right, "{one:?} {two:?} {three:?}");
                }
            }
        }
    }

    #[test]
    fn unites_whatever_one_form_covers_and_nothing_else() {
        for one in singles() {
            for two in singles() {
                for three in singles() {
                    let united = one.unite(two).and_then(|form| form.unite(three));
                    let covers = |form: &Fraction| [one, two, three].iter().all(|single| form.covers(*single));
                    assert_eq!(united.is_some(), columns().iter().any(covers), "{one:?} {two:?} {three:?}");
                    assert!(united.as_ref().is_none_or(covers), "{one:?} {two:?} {three:?}");
                }
            }
        }
    }

    #[test]
    fn a_uuid_without_letters_fits_both_cases() {
        use UuidForm::{Hyphenated, HyphenatedDigits, HyphenatedUpper, Simple, SimpleDigits, SimpleUpper};
        let all = [Hyphenated, HyphenatedUpper, HyphenatedDigits, Simple, SimpleUpper, SimpleDigits];
        for one in all {
            for two in all {
                assert_eq!(one.unite(two), two.unite(one));
                let covering = all.iter().any(|form| form.covers(one) && form.covers(two));
                assert_eq!(one.unite(two).is_some(), covering, "{one:?} {two:?}");
                assert!(one.unite(two).is_none_or(|form| form.covers(one) && form.covers(two)), "{one:?} {two:?}");
            }
        }
    }
}
