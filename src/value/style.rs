//! What a column of a schema that is there already demands, and the style in which the source's column is written: the
//! parameters of the conversions that start from the target's type.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::PgType;

/// A type of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberType {
    /// `smallint`
    Smallint,
    /// `integer`
    Integer,
    /// `bigint`
    Bigint,
    /// `real`: a number comes back as its shortest decimal says, so that 0.1 is 0.1.
    Real,
    /// `double precision`
    Double,
    /// `numeric`, of any precision and scale.
    Numeric {
        /// Whether it holds infinities (PostgreSQL 14 and newer).
        infinities: bool,
    },
    /// `numeric(precision, scale)`
    Decimal {
        /// Digits in all, 1 to 1,000.
        precision: u16,
        /// Digits behind the point; negative where the last digits before it are zeros.
        scale: i16,
    },
}

/// How a column of the source stores and writes its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberStyle {
    /// An integral number as an integer, any other as a real: what numeric affinity makes of them. In `double precision`
    /// only integral numbers below 2^51 are integers.
    Affine,
    /// A number without digits behind the point as an integer, any other as a real. For `numeric` without limits, which
    /// remembers the digits; anywhere else as `Affine`.
    ByScale,
    /// Each as a real.
    Real,
    /// Each as a real that has been widened from single precision. For `real`; anywhere else as `Real`.
    Widened,
    /// As text, with the digits behind the point that the target's type has.
    Text,
    /// As text, without zeros at the end behind the point.
    TrimmedText,
}

/// How a column of the source writes true and false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BooleanForm {
    /// The integers 1 and 0.
    Integer,
    /// The texts `1` and `0`.
    Digit,
    /// `t` and `f`
    Initial,
    /// `T` and `F`
    InitialUpper,
    /// `true` and `false`
    Word,
    /// `True` and `False`
    WordTitle,
    /// `TRUE` and `FALSE`
    WordUpper,
    /// `y` and `n`
    Letter,
    /// `Y` and `N`
    LetterUpper,
    /// `yes` and `no`
    Answer,
    /// `Yes` and `No`
    AnswerTitle,
    /// `YES` and `NO`
    AnswerUpper,
    /// `on` and `off`
    Switch,
    /// `On` and `Off`
    SwitchTitle,
    /// `ON` and `OFF`
    SwitchUpper,
}

/// A type of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StringType {
    /// `text`, and `character varying` without a length.
    Text,
    /// `citext`
    Citext,
    /// `character varying(max)`
    Varchar {
        /// Most characters.
        max: u32,
    },
    /// `character(length)`, which fills up with blanks. The blanks are taken off again.
    Char {
        /// Characters, blanks at the end included.
        length: u32,
    },
}

/// What the strings of the target come back as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StringStyle {
    /// As text.
    Text,
    /// As blobs.
    Blob,
    /// As the number that is written just so, and otherwise as text.
    Number,
}

/// The order of the 16 bytes of a UUID in a blob.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UuidLayout {
    /// As RFC 9562 has it: the order of the digits.
    #[default]
    Rfc,
    /// As .NET's `Guid.ToByteArray`: the first three groups least significant byte first.
    Dotnet,
}

/// The type of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ElementType {
    /// `text`
    Text,
    /// `character varying`
    Varchar {
        /// Most characters, where the type says.
        max: Option<u32>,
    },
    /// `smallint`
    Smallint,
    /// `integer`
    Integer,
    /// `bigint`
    Bigint,
    /// `double precision`
    Double,
    /// `boolean`
    Boolean,
    /// `uuid`
    Uuid,
}

/// A type of network addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressType {
    /// `inet`: a host, with or without its network.
    Inet,
    /// `cidr`: a network.
    Cidr,
    /// `macaddr`: six bytes.
    Macaddr,
}

impl NumberType {
    /// The type of the PostgreSQL column.
    pub const fn pg_type(self) -> PgType {
        match self {
            Self::Smallint => PgType::Smallint,
            Self::Integer => PgType::Integer,
            Self::Bigint => PgType::Bigint,
            Self::Real => PgType::Real,
            Self::Double => PgType::DoublePrecision,
            Self::Numeric { .. } => PgType::Numeric,
            Self::Decimal { precision, scale } => PgType::Decimal { precision, scale },
        }
    }

    /// Whether numbers of this style sort alike on both sides.
    pub const fn keeps_order(self, style: NumberStyle) -> bool {
        match (self, style) {
            // Texts sort by their digits.
            (_, NumberStyle::Text | NumberStyle::TrimmedText)
            // The shortest decimal of a real beyond 2^53 is another number than the real itself, and integers lie between.
            | (Self::Numeric { .. } | Self::Decimal { scale: ..0, .. }, NumberStyle::Affine | NumberStyle::ByScale) => false,
            (Self::Decimal { precision, .. }, NumberStyle::Affine | NumberStyle::ByScale) => precision <= 15,
            (
                Self::Smallint | Self::Integer | Self::Bigint | Self::Real | Self::Double | Self::Numeric { .. } | Self::Decimal { .. },
                NumberStyle::Affine | NumberStyle::ByScale | NumberStyle::Real | NumberStyle::Widened,
            ) => true,
        }
    }
}

impl BooleanForm {
    /// The forms that are text.
    pub const TEXTS: [Self; 14] = [
        Self::Digit,
        Self::Initial,
        Self::InitialUpper,
        Self::Word,
        Self::WordTitle,
        Self::WordUpper,
        Self::Letter,
        Self::LetterUpper,
        Self::Answer,
        Self::AnswerTitle,
        Self::AnswerUpper,
        Self::Switch,
        Self::SwitchTitle,
        Self::SwitchUpper,
    ];

    /// The texts for true and false; none where they are integers.
    pub const fn words(self) -> Option<[&'static str; 2]> {
        Some(match self {
            Self::Integer => return None,
            Self::Digit => ["1", "0"],
            Self::Initial => ["t", "f"],
            Self::InitialUpper => ["T", "F"],
            Self::Word => ["true", "false"],
            Self::WordTitle => ["True", "False"],
            Self::WordUpper => ["TRUE", "FALSE"],
            Self::Letter => ["y", "n"],
            Self::LetterUpper => ["Y", "N"],
            Self::Answer => ["yes", "no"],
            Self::AnswerTitle => ["Yes", "No"],
            Self::AnswerUpper => ["YES", "NO"],
            Self::Switch => ["on", "off"],
            Self::SwitchTitle => ["On", "Off"],
            Self::SwitchUpper => ["ON", "OFF"],
        })
    }

    /// What a text means, and the one form that it is of.
    pub fn read(text: &[u8]) -> Option<(Self, bool)> {
        // Run on every text of a database: nearly all are longer.
        if text.is_empty() || text.len() > 5 {
            return None;
        }
        Self::TEXTS.into_iter().find_map(|form| {
            let words = form.words()?.map(str::as_bytes);
            words.contains(&text).then_some((form, words.first() == Some(&text)))
        })
    }
}

impl StringType {
    /// The type of the PostgreSQL column.
    pub const fn pg_type(self) -> PgType {
        match self {
            Self::Text => PgType::Text,
            Self::Citext => PgType::Citext,
            Self::Varchar { max } => PgType::Varchar { max },
            Self::Char { length } => PgType::Char { length },
        }
    }

    /// Whether the strings sort by their bytes under collation "C".
    pub(super) const fn keeps_order(self) -> bool {
        match self {
            // `character` is compared without the blanks at its end.
            Self::Text | Self::Varchar { .. } | Self::Char { .. } => true,
            // Upper and lower case are the same to it.
            Self::Citext => false,
        }
    }
}

impl ElementType {
    /// The number (`oid`) that PostgreSQL has given the type for ever.
    pub const fn oid(self) -> u32 {
        match self {
            Self::Text => 25,
            Self::Varchar { .. } => 1_043,
            Self::Smallint => 21,
            Self::Integer => 23,
            Self::Bigint => 20,
            Self::Double => 701,
            Self::Boolean => 16,
            Self::Uuid => 2_950,
        }
    }
}

/// The type as written in DDL.
impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.pad("text"),
            Self::Varchar { max: None } => f.pad("varchar"),
            Self::Varchar { max: Some(max) } => f.pad(&format!("varchar({max})")),
            Self::Smallint => f.pad("smallint"),
            Self::Integer => f.pad("integer"),
            Self::Bigint => f.pad("bigint"),
            Self::Double => f.pad("double precision"),
            Self::Boolean => f.pad("boolean"),
            Self::Uuid => f.pad("uuid"),
        }
    }
}
