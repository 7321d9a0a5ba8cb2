//! The source form of a stored value: the SQLite value that a target column's value stands for.

use crate::catalog::Affinity;
use crate::value::{
    AddressType, Conversion, Epoch, Fraction, NumberStyle, NumberType, Offset, PgType, Separator, TimeForm, TimestampForm, UuidForm,
};

use super::typed::{Class, Collation, Stored, Typed};

impl Typed {
    /// A value as the target holds it under this conversion.
    pub(super) fn stored(sql: impl Into<String>, conversion: Option<Conversion>, pg_type: PgType) -> Self {
        let sql = sql.into();
        // Arithmetic is that of 64 bits, and a text has neither a length nor blanks that fill it up.
        let wide = match pg_type {
            PgType::Smallint | PgType::Integer => format!("{sql}::bigint"),
            PgType::Varchar { .. } | PgType::Char { .. } => format!("{sql}::text"),
            PgType::Bigint
            | PgType::Boolean
            | PgType::DoublePrecision
            | PgType::Numeric
            | PgType::Decimal { .. }
            | PgType::Text
            | PgType::Json
            | PgType::Uuid
            | PgType::Date
            | PgType::Time
            | PgType::Timestamp
            | PgType::Timestamptz
            | PgType::Bytea
            | PgType::Real
            | PgType::Citext
            | PgType::Jsonb
            | PgType::Inet
            | PgType::Cidr
            | PgType::Macaddr
            | PgType::Array(_)
            | PgType::Timetz
            | PgType::Interval => sql.clone(),
        };
        let form = conversion.and_then(|conversion| source_form(&wide, conversion));
        let (source, class) = form.unwrap_or((sql.clone(), Class::Opaque));
        Self { stored: Some(Stored { sql, conversion, pg_type }), ..Self::computed(source, class) }
    }

    /// The same, of a column with these properties.
    pub(super) fn with_column(mut self, affinity: Affinity, collation: Option<Collation>) -> Self {
        self.affinity = Some(affinity);
        self.collation = collation;
        self
    }
}

/// The SQL of the value that SQLite had, and its class; none where it can't be told.
fn source_form(sql: &str, conversion: Conversion) -> Option<(String, Class)> {
    let form = match conversion {
        Conversion::IntegerToBigint => (sql.to_owned(), Class::Integer),
        Conversion::IntegerToBoolean => (sql.to_owned(), Class::Condition),
        Conversion::IntegerToTimestamptz(unit) => {
            let factor = match unit {
                Epoch::Seconds => "",
                Epoch::Milliseconds => " * 1000",
                Epoch::Microseconds => " * 1000000",
            };
            // Seconds of a timestamp without a zone are immutable, and so fit into indexes.
            (format!("(extract(epoch from ({sql} at time zone 'UTC')){factor})::bigint"), Class::Integer)
        }
        Conversion::RealToDouble => (sql.to_owned(), Class::Real),
        Conversion::NumberToDouble => (sql.to_owned(), Class::NumberDouble),
        Conversion::NumberToNumeric | Conversion::NumberToDecimal { .. } => (sql.to_owned(), Class::NumberNumeric),
        Conversion::TextToText(_) => (sql.to_owned(), Class::Text),
        Conversion::TextToUuid(form) => (uuid_text(sql, form), Class::Text),
        Conversion::TextToDate => (format!("to_char({sql}, 'YYYY-MM-DD')"), Class::Text),
        Conversion::TextToTime(form) => (time_text(&format!("{sql}::interval"), "", form, ""), Class::Text),
        Conversion::TextToTimestamp(form) => (timestamp_text(sql, form), Class::Text),
        Conversion::TextToTimestamptz(form) => (timestamp_text(&local(sql, form.offset), form), Class::Text),
        Conversion::BlobToBytea => (sql.to_owned(), Class::Blob),
        Conversion::BlobToUuid => (format!("uuid_send({sql})"), Class::Blob),
        Conversion::BlobToText => (format!("convert_to({sql}, 'UTF8')"), Class::Blob),
        Conversion::AnyToBoolean(form) => match form.words() {
            Some([yes, no]) => (format!("(CASE WHEN {sql} THEN '{yes}' WHEN NOT {sql} THEN '{no}' END)::text"), Class::Text),
            None => (sql.to_owned(), Class::Condition),
        },
        Conversion::TextToJson
        | Conversion::AnyToJson { numbers: false, .. }
        | Conversion::AnyToNumber { to: NumberType::Decimal { scale: 0.., .. }, style: NumberStyle::Text }
        | Conversion::AnyToNumber {
            to: NumberType::Smallint | NumberType::Integer | NumberType::Bigint,
            style: NumberStyle::Text | NumberStyle::TrimmedText,
        }
        | Conversion::TextToAddress(AddressType::Cidr | AddressType::Macaddr) => (format!("{sql}::text"), Class::Text),
        // Bytes that are not UTF-8 have no text in PostgreSQL; a mixed column's class is told cell by cell.
        Conversion::TextToBytea
        | Conversion::AnyToText(_)
        | Conversion::AnyToNumber { .. }
        | Conversion::AnyToString { .. }
        | Conversion::AnyToBytea { .. }
        | Conversion::AnyToJson { .. }
        | Conversion::AnyToUuid { .. }
        | Conversion::TextToArray(_)
        | Conversion::TextToAddress(_)
        | Conversion::AnyToMoment(_) => return None,
    };
    Some(form)
}

fn uuid_text(sql: &str, form: UuidForm) -> String {
    let text = format!("{sql}::text");
    match form {
        UuidForm::Hyphenated | UuidForm::HyphenatedDigits => text,
        UuidForm::HyphenatedUpper => format!("upper({text})"),
        UuidForm::Simple | UuidForm::SimpleDigits => format!("replace({text}, '-', '')"),
        UuidForm::SimpleUpper => format!("upper(replace({text}, '-', ''))"),
    }
}

/// A timestamp with time zone as the clock of this offset shows it.
pub(super) fn local(sql: &str, offset: Offset) -> String {
    match offset {
        Offset::Naive | Offset::Z | Offset::Utc => format!("({sql} at time zone 'UTC')"),
        Offset::Hours { east, .. } => format!("({sql} at time zone interval '{}')", offset_text(i16::from(east) * 60, true)),
        Offset::Minutes { east, .. } => format!("({sql} at time zone interval '{}')", offset_text(east, true)),
    }
}

fn offset_text(east: i16, colon: bool) -> String {
    let sign = if east < 0 { '-' } else { '+' };
    let minutes = east.unsigned_abs();
    format!("{sign}{:02}{}{:02}", minutes / 60, if colon { ":" } else { "" }, minutes % 60)
}

fn timestamp_text(sql: &str, form: TimestampForm) -> String {
    let separator = match form.separator {
        Separator::Space => " ",
        Separator::T => "\"T\"",
    };
    let suffix = match form.offset {
        Offset::Naive => String::new(),
        Offset::Z => "Z".to_owned(),
        Offset::Utc => " UTC".to_owned(),
        Offset::Hours { east, space } => {
            let sign = if east < 0 { '-' } else { '+' };
            format!("{}{sign}{:02}", if space { " " } else { "" }, east.unsigned_abs())
        }
        Offset::Minutes { east, colon, space } => format!("{}{}", if space { " " } else { "" }, offset_text(east, colon)),
    };
    time_text(sql, &format!("YYYY-MM-DD{separator}"), form.time, &suffix)
}

/// `to_char` of a date and time (or an interval) with this head, time form and tail.
fn time_text(sql: &str, head: &str, form: TimeForm, suffix: &str) -> String {
    let clock = if form.seconds { "HH24:MI:SS" } else { "HH24:MI" };
    let quoted = if suffix.is_empty() { String::new() } else { format!("\"{suffix}\"") };
    let tail = if suffix.is_empty() { String::new() } else { format!(" || '{suffix}'") };
    let plain = format!("to_char({sql}, '{head}{clock}{quoted}')");
    match form.fraction {
        Fraction::None => plain,
        Fraction::Fixed(digits) | Fraction::Digits { count: digits, .. } => format!("to_char({sql}, '{head}{clock}.FF{digits}{quoted}')"),
        Fraction::DigitsOrNone { count: digits, .. } => format!(
            "(case when date_trunc('second', {sql}) = {sql} then {plain} else to_char({sql}, '{head}{clock}.FF{digits}{quoted}') end)"
        ),
        Fraction::Trimmed => format!("(rtrim(rtrim(to_char({sql}, '{head}{clock}.US'), '0'), '.'){tail})"),
    }
}

/// Whether equality of the stored values is equality of SQLite's values.
pub(super) fn equatable(conversion: Conversion) -> bool {
    match conversion {
        Conversion::TextToJson
        | Conversion::AnyToText(_)
        | Conversion::AnyToNumber { .. }
        | Conversion::AnyToString { .. }
        | Conversion::AnyToBytea { .. }
        | Conversion::AnyToJson { .. }
        | Conversion::AnyToUuid { .. }
        | Conversion::TextToArray(_)
        | Conversion::TextToAddress(_)
        | Conversion::AnyToMoment(_) => false,
        Conversion::IntegerToBigint
        | Conversion::AnyToBoolean(_)
        | Conversion::IntegerToBoolean
        | Conversion::IntegerToTimestamptz(_)
        | Conversion::RealToDouble
        | Conversion::NumberToDouble
        | Conversion::NumberToNumeric
        | Conversion::NumberToDecimal { .. }
        | Conversion::TextToText(_)
        | Conversion::TextToUuid(_)
        | Conversion::TextToDate
        | Conversion::TextToTime(_)
        | Conversion::TextToTimestamp(_)
        | Conversion::TextToTimestamptz(_)
        | Conversion::TextToBytea
        | Conversion::BlobToBytea
        | Conversion::BlobToText
        | Conversion::BlobToUuid => true,
    }
}

/// Whether the order of the stored values is the order of SQLite's values under BINARY.
pub(super) fn ordered(conversion: Conversion) -> bool {
    if let Conversion::TextToTime(form)
    | Conversion::TextToTimestamp(TimestampForm { time: form, .. })
    | Conversion::TextToTimestamptz(TimestampForm { time: form, .. }) = conversion
    {
        return uniform(form.fraction);
    }
    matches!(conversion, Conversion::NumberToNumeric | Conversion::NumberToDecimal { .. }) || conversion.keeps_order()
}

/// Whether all texts of the form have the same length.
fn uniform(fraction: Fraction) -> bool {
    match fraction {
        Fraction::None | Fraction::Fixed(_) | Fraction::Digits { .. } => true,
        Fraction::DigitsOrNone { .. } | Fraction::Trimmed => false,
    }
}

/// The conversion under which a computed value of this class leaves a view or a subquery.
pub(super) fn computed_conversion(class: Class) -> Option<Conversion> {
    match class {
        Class::Integer | Class::Condition => Some(Conversion::IntegerToBigint),
        Class::Real => Some(Conversion::RealToDouble),
        Class::NumberDouble => Some(Conversion::NumberToDouble),
        Class::NumberNumeric => Some(Conversion::NumberToNumeric),
        Class::Text | Class::Null => Some(Conversion::TextToText(crate::value::TextRules::default())),
        Class::Blob => Some(Conversion::BlobToBytea),
        Class::Opaque => None,
    }
}
