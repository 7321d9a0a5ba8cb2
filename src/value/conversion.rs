//! The closed set of conversions between a SQLite column and a PostgreSQL column.

use serde::{Deserialize, Serialize};

use super::{
    AddressType, BooleanForm, ElementType, NumberStyle, NumberType, Offset, PgType, StringStyle, StringType, TimeForm, TimestampForm,
    UuidForm, UuidLayout,
};

/// How the cells of one column become PostgreSQL values and come back.
///
/// NULL is NULL in every conversion and not mentioned below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// Integers ⇄ `bigint`.
    IntegerToBigint,
    /// The integers 0 and 1 ⇄ `boolean`.
    IntegerToBoolean,
    /// Integers that count from 1970-01-01 UTC in this unit ⇄ `timestamp with time zone`.
    IntegerToTimestamptz(Epoch),
    /// Reals ⇄ `double precision`, bit for bit.
    RealToDouble,
    /// Integers and reals ⇄ `double precision`, in a column whose affinity makes an integer of every integral
    /// real below 2^51: an integral value below 2^51 comes back as an integer, any other as a real.
    NumberToDouble,
    /// Integers and reals ⇄ `numeric`: an integer has scale 0, a real a scale of at least 1, and so each comes
    /// back in its own class. Infinities are `numeric`'s own (PostgreSQL 14 and newer).
    NumberToNumeric,
    /// Integers and reals ⇄ `numeric(precision, scale)`, in a column whose affinity makes an integer of every
    /// integral real: an integral value comes back as an integer, any other as a real.
    NumberToDecimal {
        /// Digits in all, 1 to 15.
        precision: u8,
        /// Digits behind the point, at most `precision`.
        scale: u8,
    },
    /// Text ⇄ `text`.
    TextToText(TextRules),
    /// Text that is JSON ⇄ `json`, which keeps every byte.
    TextToJson,
    /// Text of this form ⇄ `uuid`.
    TextToUuid(UuidForm),
    /// Text `YYYY-MM-DD` ⇄ `date`.
    TextToDate,
    /// Text of this form ⇄ `time without time zone`.
    TextToTime(TimeForm),
    /// Text of this form, without an offset ⇄ `timestamp without time zone`.
    TextToTimestamp(TimestampForm),
    /// Text of this form, with one and the same offset in every cell ⇄ `timestamp with time zone`.
    TextToTimestamptz(TimestampForm),
    /// Text ⇄ `bytea` of its bytes (a column declared BLOB that holds text only).
    TextToBytea,
    /// Blobs ⇄ `bytea`.
    BlobToBytea,
    /// Blobs that are UTF-8 without NUL ⇄ `text` (a column declared TEXT that holds blobs only).
    BlobToText,
    /// Blobs of 16 bytes ⇄ `uuid`, bytes in order.
    BlobToUuid,
    /// Values of every class ⇄ `text` in a form that tells them apart: canonical numbers for integers and reals,
    /// `\x` and lower-case hex for blobs, text as it is. Text that looks like one of the others is quarantined.
    AnyToText(TextRules),
    /// Numbers of every class, texts that write one included ⇄ a type of numbers. What the source's column does not
    /// write in this style comes back in it.
    AnyToNumber {
        /// The target's type.
        to: NumberType,
        /// How the source's column stores and writes its numbers.
        style: NumberStyle,
    },
    /// Whatever reads as true or false ⇄ `boolean`; comes back in this form.
    AnyToBoolean(BooleanForm),
    /// Text, numbers, and blobs that are UTF-8 ⇄ a type of strings.
    AnyToString {
        /// The target's type.
        to: StringType,
        /// What the strings come back as.
        style: StringStyle,
        /// What becomes of text that PostgreSQL can't hold.
        rules: TextRules,
    },
    /// Text and blobs ⇄ `bytea`; comes back as text or as blobs.
    AnyToBytea {
        /// As text.
        text: bool,
    },
    /// JSON as text, as a number, or in SQLite's own binary form ⇄ `json` or `jsonb`.
    AnyToJson {
        /// `jsonb`, which keeps the meaning and writes it in a form of its own.
        binary: bool,
        /// Whether a document that is a number comes back as a number, and not as text.
        numbers: bool,
    },
    /// UUIDs as text of any form or as 16 bytes ⇄ `uuid`.
    AnyToUuid {
        /// The form of text in which they come back; as 16 bytes where there is none.
        form: Option<UuidForm>,
        /// The order of the 16 bytes.
        layout: UuidLayout,
    },
    /// Text that is a JSON array ⇄ an array of one dimension; comes back as compact JSON.
    TextToArray(ElementType),
    /// Text that is a network address ⇄ `inet`, `cidr` or `macaddr`; comes back as PostgreSQL writes it.
    TextToAddress(AddressType),
}

/// What becomes of text that PostgreSQL can't hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct TextRules {
    /// Text with a NUL byte.
    pub nul: TextFault,
    /// Text that is not UTF-8.
    pub invalid_utf8: TextFault,
}

/// What becomes of a text that PostgreSQL can't hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextFault {
    /// The original goes into the quarantine; the column gets it with U+2400 (NUL) or U+FFFD (not UTF-8) instead.
    #[default]
    Quarantine,
    /// The same replacement, and no quarantine: normalised, not reversible.
    Replace,
    /// The offending bytes are left out: normalised, not reversible.
    Strip,
}

/// The unit of an integer that counts from 1970-01-01 00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Epoch {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
}

impl Epoch {
    /// Every unit.
    pub const ALL: [Self; 3] = [Self::Seconds, Self::Milliseconds, Self::Microseconds];

    /// Microseconds in one unit.
    pub const fn micros(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000,
            Self::Milliseconds => 1_000,
            Self::Microseconds => 1,
        }
    }

    /// Whether an integer is a moment of the years 1990 to 2100: a column of such integers was meant so.
    pub const fn plausible(self, number: i64) -> bool {
        number >= START_OF_1990 * self.per_second() && number < START_OF_2101 * self.per_second()
    }

    /// Whether an integer is a moment of the years 1900 to 2200: one outside speaks against the unit.
    pub const fn sane(self, number: i64) -> bool {
        number >= START_OF_1900 * self.per_second() && number < START_OF_2201 * self.per_second()
    }

    const fn per_second(self) -> i64 {
        1_000_000 / self.micros()
    }
}

// Seconds from 1970-01-01 to the 1st of January.
const START_OF_1900: i64 = -2_208_988_800;
const START_OF_1990: i64 = 631_152_000;
const START_OF_2101: i64 = 4_133_980_800;
const START_OF_2201: i64 = 7_289_654_400;

impl Conversion {
    /// The type of the PostgreSQL column.
    pub fn pg_type(self) -> PgType {
        match self {
            Self::IntegerToBigint => PgType::Bigint,
            Self::IntegerToBoolean | Self::AnyToBoolean(_) => PgType::Boolean,
            Self::IntegerToTimestamptz(_) | Self::TextToTimestamptz(_) => PgType::Timestamptz,
            Self::RealToDouble | Self::NumberToDouble => PgType::DoublePrecision,
            Self::NumberToNumeric => PgType::Numeric,
            Self::NumberToDecimal { precision, scale } => PgType::Decimal { precision: precision.into(), scale: scale.into() },
            Self::TextToText(_) | Self::BlobToText | Self::AnyToText(_) => PgType::Text,
            Self::TextToJson | Self::AnyToJson { binary: false, .. } => PgType::Json,
            Self::TextToUuid(_) | Self::BlobToUuid | Self::AnyToUuid { .. } => PgType::Uuid,
            Self::TextToDate => PgType::Date,
            Self::TextToTime(_) => PgType::Time,
            Self::TextToTimestamp(_) => PgType::Timestamp,
            Self::TextToBytea | Self::BlobToBytea | Self::AnyToBytea { .. } => PgType::Bytea,
            Self::AnyToNumber { to, .. } => to.pg_type(),
            Self::AnyToString { to, .. } => to.pg_type(),
            Self::AnyToJson { binary: true, .. } => PgType::Jsonb,
            Self::TextToArray(element) => PgType::Array(element),
            Self::TextToAddress(AddressType::Inet) => PgType::Inet,
            Self::TextToAddress(AddressType::Cidr) => PgType::Cidr,
            Self::TextToAddress(AddressType::Macaddr) => PgType::Macaddr,
        }
    }

    /// Whether rows sorted by the PostgreSQL column (texts under collation "C", NULLs first) come in the order that
    /// SQLite gives them under BINARY, so that both sides can be read side by side.
    ///
    /// Holds for the cells that are exact: a quarantined or normalised cell stands wherever its substitute does. And
    /// holds for databases in UTF-8: in one of UTF-16, BINARY compares the bytes of UTF-16.
    pub const fn keeps_order(self) -> bool {
        match self {
            Self::IntegerToBigint
            | Self::IntegerToBoolean
            | Self::IntegerToTimestamptz(_)
            | Self::RealToDouble
            | Self::NumberToDouble
            | Self::NumberToDecimal { .. }
            | Self::TextToText(_)
            | Self::TextToUuid(_)
            | Self::TextToDate
            | Self::TextToTime(_)
            | Self::TextToBytea
            | Self::BlobToBytea
            | Self::BlobToText
            | Self::BlobToUuid
            | Self::AnyToBoolean(_)
            | Self::AnyToBytea { .. } => true,
            // A fraction that may be missing sorts right before a sign or a space, but `Z` sorts behind the point.
            Self::TextToTimestamp(form) | Self::TextToTimestamptz(form) => {
                !(matches!(form.offset, Offset::Z) && form.time.fraction.varies())
            }
            // The shortest decimal of a real beyond 2^53 is another number than the real itself, and integers lie between.
            // `json` has no order; in a text, numbers sort by their digits.
            // An array is compared element by element.
            Self::NumberToNumeric | Self::TextToJson | Self::AnyToText(_) | Self::AnyToJson { .. } | Self::TextToArray(_) => false,
            Self::AnyToNumber { to, style } => to.keeps_order(style),
            Self::AnyToString { to, style, .. } => to.keeps_order() && !matches!(style, StringStyle::Number),
            Self::AnyToUuid { form, layout } => form.is_some() || matches!(layout, UuidLayout::Rfc),
            // The text of any other address does not have its numbers at fixed places.
            Self::TextToAddress(kind) => matches!(kind, AddressType::Macaddr),
        }
    }
}
