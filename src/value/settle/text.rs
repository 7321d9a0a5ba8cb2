//! The conversions to `text` and `bytea`, where a quarantined cell leaves something to see.

use std::io::Write;

use super::super::canonical::{push_hex, write_real};
use super::super::{Fate, NumberForm, Reason, Rule, StorageClass, TextFault, TextRules, ValueRef, recognise};
use super::{FIELD_BYTES_MAX, Settled};

/// The largest blob that can be written as `\x` and hex.
pub(super) const HEX_BYTES_MAX: usize = (FIELD_BYTES_MAX - 2) / 2;

/// Text, in a `text` column.
pub(super) fn settle_text<'a>(rules: TextRules, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    let ValueRef::Text(text) = value else { return substitute(StorageClass::Text, value, Reason::WrongClass, scratch) };
    if is_fine(text) {
        return Settled::exact(value);
    }
    let fate = mend(text, rules, scratch);
    small_enough(fate, ValueRef::Text(scratch))
}

/// Blobs that are UTF-8, in a `text` column.
pub(super) fn settle_blob_as_text<'a>(value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    match value {
        ValueRef::Blob(bytes) if is_fine(bytes) => Settled::exact(value),
        ValueRef::Blob(bytes) => {
            let reason = if std::str::from_utf8(bytes).is_ok() { Reason::Nul } else { Reason::InvalidUtf8 };
            substitute(StorageClass::Blob, value, reason, scratch)
        }
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => {
            substitute(StorageClass::Blob, value, Reason::WrongClass, scratch)
        }
    }
}

/// Bytes of one class, in a `bytea` column.
pub(super) fn settle_bytes<'a>(class: StorageClass, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    match value {
        _ if value.class() == class => Settled::exact(value),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Settled::quarantined(Reason::WrongClass, of_class(class, bytes)),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => substitute(class, value, Reason::WrongClass, scratch),
    }
}

/// Values of every class, in a `text` column that tells them apart.
pub(super) fn settle_any<'a>(rules: TextRules, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    match value {
        ValueRef::Real(number) if number.is_nan() => Settled::quarantined(Reason::NotANumber, ValueRef::Null),
        ValueRef::Blob(bytes) if bytes.len() > HEX_BYTES_MAX => Settled::quarantined(Reason::TooLarge, ValueRef::Null),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Settled::exact(value),
        ValueRef::Text(text) if is_fine(text) => match imitated(text) {
            None => Settled::exact(value),
            Some(imitated) => {
                scratch.clear();
                scratch.extend_from_slice(text);
                imitation(imitated, scratch)
            }
        },
        ValueRef::Text(text) => {
            let fate = mend(text, rules, scratch);
            match imitated(scratch) {
                None => small_enough(fate, ValueRef::Text(scratch)),
                Some(imitated) => imitation(imitated, scratch),
            }
        }
    }
}

/// Whether PostgreSQL can hold these bytes as text.
pub(super) fn is_fine(bytes: &[u8]) -> bool {
    !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}

/// Writes the text into `mended` as the rules say, and says what that makes of the cell.
pub(super) fn mend(text: &[u8], rules: TextRules, mended: &mut Vec<u8>) -> Fate {
    mended.clear();
    let (mut nul, mut invalid) = (false, false);
    for chunk in text.utf8_chunks() {
        for piece in chunk.valid().as_bytes().chunk_by(|one, two| (*one == 0) == (*two == 0)) {
            if piece.first() == Some(&0) {
                nul = true;
                if rules.nul != TextFault::Strip {
                    mended.extend("\u{2400}".bytes().cycle().take(3 * piece.len()));
                }
            } else {
                mended.extend_from_slice(piece);
            }
        }
        if !chunk.invalid().is_empty() {
            invalid = true;
            if rules.invalid_utf8 != TextFault::Strip {
                mended.extend_from_slice("\u{FFFD}".as_bytes());
            }
        }
    }
    match (invalid.then_some(rules.invalid_utf8), nul.then_some(rules.nul)) {
        (None, None) => Fate::Exact,
        (Some(TextFault::Quarantine), _) => Fate::Quarantined(Reason::InvalidUtf8),
        (_, Some(TextFault::Quarantine)) => Fate::Quarantined(Reason::Nul),
        (Some(_), Some(_)) => Fate::Normalised(Rule::MendNulAndUtf8),
        (None, Some(TextFault::Replace)) => Fate::Normalised(Rule::ReplaceNul),
        (None, Some(TextFault::Strip)) => Fate::Normalised(Rule::StripNul),
        (Some(TextFault::Replace), None) => Fate::Normalised(Rule::ReplaceInvalidUtf8),
        (Some(TextFault::Strip), None) => Fate::Normalised(Rule::StripInvalidUtf8),
    }
}

/// A replacement is longer than what it replaces.
fn small_enough(fate: Fate, value: ValueRef<'_>) -> Settled<'_> {
    if value.bytes() > FIELD_BYTES_MAX { Settled::quarantined(Reason::TooLarge, ValueRef::Null) } else { Settled { fate, value } }
}

/// A text of which [`super::super::Conversion::AnyToText`] makes something else on its way back.
enum Imitated {
    Integer(i64),
    Real(f64),
    Blob,
}

fn imitated(text: &[u8]) -> Option<Imitated> {
    if recognise::is_hex_bytes(text) {
        return Some(Imitated::Blob);
    }
    let form = recognise::number_form(text)?;
    let text = std::str::from_utf8(text).ok()?;
    match form {
        NumberForm::Integer => text.parse().ok().map(Imitated::Integer),
        NumberForm::Real => text.parse().ok().map(Imitated::Real),
    }
}

fn imitation(imitated: Imitated, text: &mut Vec<u8>) -> Settled<'_> {
    let value = match imitated {
        Imitated::Integer(number) => ValueRef::Integer(number),
        Imitated::Real(number) => ValueRef::Real(number),
        Imitated::Blob => {
            let bytes: Vec<u8> = text.get(2..).unwrap_or_default().chunks_exact(2).map(byte_of_hex).collect();
            *text = bytes;
            ValueRef::Blob(text)
        }
    };
    Settled::quarantined(Reason::Ambiguous, value)
}

fn byte_of_hex(pair: &[u8]) -> u8 {
    pair.iter().fold(0, |byte, digit| (byte << 4) | if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 })
}

/// Shows a value of another class in a column of texts (or of blobs, as `class` says).
pub(super) fn substitute<'a>(class: StorageClass, value: ValueRef<'a>, reason: Reason, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    scratch.clear();
    match value {
        ValueRef::Null => return Settled::exact(value),
        ValueRef::Integer(number) => write!(scratch, "{number}").expect("a Vec takes everything that is written to it"),
        ValueRef::Real(number) if number.is_nan() => return Settled::quarantined(Reason::NotANumber, ValueRef::Null),
        ValueRef::Real(number) => write_real(scratch, number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) if is_fine(bytes) => return Settled::quarantined(reason, of_class(class, bytes)),
        ValueRef::Text(bytes) => {
            mend(bytes, TextRules::default(), scratch);
        }
        ValueRef::Blob(bytes) if bytes.len() > HEX_BYTES_MAX => return Settled::quarantined(Reason::TooLarge, ValueRef::Null),
        ValueRef::Blob(bytes) => push_hex(scratch, bytes),
    }
    small_enough(Fate::Quarantined(reason), of_class(class, scratch))
}

const fn of_class(class: StorageClass, bytes: &[u8]) -> ValueRef<'_> {
    match class {
        StorageClass::Blob => ValueRef::Blob(bytes),
        StorageClass::Null | StorageClass::Integer | StorageClass::Real | StorageClass::Text => ValueRef::Text(bytes),
    }
}
