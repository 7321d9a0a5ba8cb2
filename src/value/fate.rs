//! What becomes of a cell: promise 1's classes, the rules that normalise and the reasons to quarantine.
//!
//! The ids are a contract: plans, reports, `explain` and the quarantine table use them.

use serde::{Deserialize, Serialize};

/// The class of promise 1 in which a cell ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Reading it back gives the identical cell, storage class included.
    Exact,
    /// Changed by a rule that the plan names.
    Normalised(Rule),
    /// Kept byte for byte in the quarantine; the column gets a substitute.
    Quarantined(Reason),
}

/// A rule that changes a cell. None of them can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// NUL → U+2400.
    ReplaceNul,
    /// NUL → nothing.
    StripNul,
    /// Not UTF-8 → U+FFFD.
    ReplaceInvalidUtf8,
    /// Not UTF-8 → nothing.
    StripInvalidUtf8,
    /// A text with both faults.
    MendNulAndUtf8,
    /// A map of values gives several cells the same value.
    ValueMap,
    /// A number in another form or storage class.
    NumberForm,
    /// A number rounded to single precision.
    RoundToReal,
    /// True or false in another form.
    BooleanForm,
    /// The same content in another storage class.
    StorageClass,
    /// Blanks at the end → nothing.
    TrailingBlanks,
    /// JSON as `jsonb` writes it.
    JsonbForm,
    /// SQLite's binary JSON → JSON.
    BinaryJson,
    /// A UUID in another form.
    UuidForm,
    /// An array as compact JSON.
    ArrayForm,
    /// A network address as PostgreSQL writes it.
    AddressForm,
    /// An empty text → NULL.
    EmptyToNull,
    /// Another form of the same moment, date, time or duration.
    MomentForm,
    /// Digits of a second that the target's type does not keep.
    CutFraction,
    /// A real between two steps of a moment.
    RoundReal,
    /// A time that the zone's clock showed twice.
    AmbiguousTime,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 21] = [
        Self::ReplaceNul,
        Self::StripNul,
        Self::ReplaceInvalidUtf8,
        Self::StripInvalidUtf8,
        Self::MendNulAndUtf8,
        Self::ValueMap,
        Self::NumberForm,
        Self::RoundToReal,
        Self::BooleanForm,
        Self::StorageClass,
        Self::TrailingBlanks,
        Self::JsonbForm,
        Self::BinaryJson,
        Self::UuidForm,
        Self::ArrayForm,
        Self::AddressForm,
        Self::EmptyToNull,
        Self::MomentForm,
        Self::CutFraction,
        Self::RoundReal,
        Self::AmbiguousTime,
    ];

    /// The stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ReplaceNul => "replace-nul",
            Self::StripNul => "strip-nul",
            Self::ReplaceInvalidUtf8 => "replace-invalid-utf8",
            Self::StripInvalidUtf8 => "strip-invalid-utf8",
            Self::MendNulAndUtf8 => "mend-nul-and-utf8",
            Self::ValueMap => "value-map",
            Self::NumberForm => "number-form",
            Self::RoundToReal => "round-to-real",
            Self::BooleanForm => "boolean-form",
            Self::StorageClass => "storage-class",
            Self::TrailingBlanks => "trailing-blanks",
            Self::JsonbForm => "jsonb-form",
            Self::BinaryJson => "binary-json",
            Self::UuidForm => "uuid-form",
            Self::ArrayForm => "array-form",
            Self::AddressForm => "address-form",
            Self::EmptyToNull => "empty-to-null",
            Self::MomentForm => "moment-form",
            Self::CutFraction => "cut-fraction",
            Self::RoundReal => "round-real",
            Self::AmbiguousTime => "ambiguous-time",
        }
    }

    /// What the rule does, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ReplaceNul => "Each NUL byte of the text became the visible sign U+2400.",
            Self::StripNul => "The NUL bytes of the text were left out.",
            Self::ReplaceInvalidUtf8 => "Each piece of the text that is not UTF-8 became the replacement character U+FFFD.",
            Self::StripInvalidUtf8 => "The pieces of the text that are not UTF-8 were left out.",
            Self::MendNulAndUtf8 => {
                "The text had NUL bytes and pieces that are not UTF-8, and each was replaced or left out as the policy says."
            }
            Self::ValueMap => "The value became one that other values of the column become as well.",
            Self::NumberForm => "The number is the same, and comes back in the form and storage class of the column's others.",
            Self::RoundToReal => "The number was rounded to the six to nine digits that the type real has.",
            Self::BooleanForm => "True or false comes back in the form that the column's others have.",
            Self::StorageClass => {
                "The content is the same and comes back in another storage class: a number or blob as text, a text as blob or number."
            }
            Self::TrailingBlanks => "The blanks at the end of the text were left out: the target's type does not keep them.",
            Self::JsonbForm => {
                "The JSON means the same in the form in which jsonb keeps it: keys in another order, each once, and no white space."
            }
            Self::BinaryJson => "The document in SQLite's binary form of JSON comes back as the JSON text that it stands for.",
            Self::UuidForm => "The UUID is the same, and comes back in the form that the column's others have.",
            Self::ArrayForm => "The array has the same elements, and comes back as compact JSON.",
            Self::AddressForm => "The network address is the same, and comes back as PostgreSQL writes it.",
            Self::EmptyToNull => "The empty text became NULL.",
            Self::MomentForm => "The cell means the same date, time or duration as before, and is written in the column's form.",
            Self::CutFraction => "The digits of a second that the target's column does not keep were left out; nothing was rounded up.",
            Self::RoundReal => {
                "The real lay between two microseconds (between two milliseconds where days are counted), and became the nearer one."
            }
            Self::AmbiguousTime => {
                "The clock of the column's zone showed this time twice; it was taken for the first, and is written with that offset."
            }
        }
    }
}

/// Why a cell is in the quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Another storage class than the conversion's.
    WrongClass,
    /// Would come back as another value.
    Ambiguous,
    /// Beyond what the target's type holds.
    OutOfRange,
    /// More digits than the target's type holds.
    TooPrecise,
    /// Neither true nor false.
    NotBoolean,
    /// No number.
    NotANumber,
    /// Not written in the column's form.
    OtherForm,
    /// Not JSON.
    NotJson,
    /// A NUL byte.
    Nul,
    /// Not UTF-8.
    InvalidUtf8,
    /// Larger than a PostgreSQL field can be.
    TooLarge,
    /// Not in the column's map of values, which has a place for nothing else.
    Unmapped,
    /// More characters than the target's type holds.
    TooLong,
    /// A number that is hardly meant as a moment.
    UnlikelyMoment,
    /// A time of day in a column of dates.
    TimeOfDay,
    /// A time that the zone's clock never showed.
    SkippedTime,
    /// Refers to a row that is not there.
    NoParent,
    /// Stands in a row that refers to one that is not there.
    OrphanRow,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 18] = [
        Self::WrongClass,
        Self::Ambiguous,
        Self::OutOfRange,
        Self::TooPrecise,
        Self::NotBoolean,
        Self::NotANumber,
        Self::OtherForm,
        Self::NotJson,
        Self::Nul,
        Self::InvalidUtf8,
        Self::TooLarge,
        Self::Unmapped,
        Self::TooLong,
        Self::UnlikelyMoment,
        Self::TimeOfDay,
        Self::SkippedTime,
        Self::NoParent,
        Self::OrphanRow,
    ];

    /// The stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::WrongClass => "wrong-class",
            Self::Ambiguous => "ambiguous",
            Self::OutOfRange => "out-of-range",
            Self::TooPrecise => "too-precise",
            Self::NotBoolean => "not-boolean",
            Self::NotANumber => "not-a-number",
            Self::OtherForm => "other-form",
            Self::NotJson => "not-json",
            Self::Nul => "nul",
            Self::InvalidUtf8 => "invalid-utf8",
            Self::TooLarge => "too-large",
            Self::Unmapped => "unmapped",
            Self::TooLong => "too-long",
            Self::UnlikelyMoment => "unlikely-moment",
            Self::TimeOfDay => "time-of-day",
            Self::SkippedTime => "skipped-time",
            Self::NoParent => "no-parent",
            Self::OrphanRow => "orphan-row",
        }
    }

    /// The reason in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::WrongClass => "The cell's storage class is not the one that the column is converted from.",
            Self::Ambiguous => "In the target's column the cell can't be told from another value, as which it would come back.",
            Self::OutOfRange => "The number is beyond what the target's type holds.",
            Self::TooPrecise => "The number or time has more digits than the target's type holds.",
            Self::NotBoolean => "The cell means neither true nor false.",
            Self::NotANumber => "The cell is no number: a text that writes none, or NaN.",
            Self::OtherForm => "The cell is not written in the form that the column is converted from.",
            Self::NotJson => "The text is not JSON that PostgreSQL takes.",
            Self::Nul => "The text has a NUL character, which no PostgreSQL text can hold.",
            Self::InvalidUtf8 => "The text is not UTF-8, which a PostgreSQL text must be.",
            Self::TooLarge => "The cell would be larger than a field of PostgreSQL can be, which is just under 1 GiB.",
            Self::Unmapped => "The value is none of those that the column has a place for.",
            Self::TooLong => "The text has more characters than the target's type holds.",
            Self::UnlikelyMoment => {
                "As a moment the number lies outside the years 1900 to 2200, so that it hardly counts what the column's numbers do."
            }
            Self::TimeOfDay => "The cell has a time of day, and the target's column keeps dates only.",
            Self::SkippedTime => "The clock of the column's zone was put forward over this time and never showed it.",
            Self::NoParent => "The cell refers to a row that is not in the parent's table, and the column got NULL.",
            Self::OrphanRow => "The cell stands in a row that refers to one that is not there, and the whole row is kept out of its table.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_name_is_the_id() {
        for rule in Rule::ALL {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.id());
            assert!(rule.meaning().ends_with('.'));
        }
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.id());
            assert!(reason.meaning().ends_with('.'));
        }
    }
}
