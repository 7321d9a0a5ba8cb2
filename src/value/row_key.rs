//! The name of one row: what the operator is shown, and what the quarantine is keyed by.

use std::fmt;
use std::fmt::Write;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::ValueRef;

/// The name of one row, in text: a rowid or the values of its primary key.
///
/// A single integer reads `17`; anything else is a JSON array of the key's values (`["a",2]`), a blob as
/// `{"blob":"00ff"}`, a text that is not UTF-8 as `{"text":"ff80"}`, a real that is not finite as
/// `{"real":"Infinity"}`. Different keys have different names; a name never has a raw NUL or control character.
///
/// What is known of thousands of columns names the same few rows again and again: a copy shares the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(from = "String")]
pub struct RowKey(Arc<str>);

impl From<String> for RowKey {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl Serialize for RowKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl RowKey {
    /// Names the row whose key has these values.
    pub fn of(values: &[ValueRef<'_>]) -> Self {
        if let [ValueRef::Integer(number)] = values {
            return number.to_string().into();
        }
        let mut name = String::from("[");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                name.push(',');
            }
            push_value(&mut name, *value);
        }
        name.push(']');
        name.into()
    }

    /// A name that [`RowKey::of`] made, read back.
    pub fn named(name: String) -> Self {
        name.into()
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn push_value(name: &mut String, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => name.push_str("null"),
        ValueRef::Integer(number) => push_display(name, format_args!("{number}")),
        ValueRef::Real(number) if number.is_finite() => push_display(name, format_args!("{number:?}")),
        ValueRef::Real(number) if number.is_nan() => name.push_str(r#"{"real":"NaN"}"#),
        ValueRef::Real(number) => name.push_str(if number > 0.0 { r#"{"real":"Infinity"}"# } else { r#"{"real":"-Infinity"}"# }),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => push_display(name, format_args!("{}", serde_json::Value::from(text))),
            Err(_) => push_hex(name, "text", bytes),
        },
        ValueRef::Blob(bytes) => push_hex(name, "blob", bytes),
    }
}

fn push_hex(name: &mut String, class: &str, bytes: &[u8]) {
    push_display(name, format_args!("{{\"{class}\":\""));
    for byte in bytes {
        push_display(name, format_args!("{byte:02x}"));
    }
    name.push_str("\"}");
}

fn push_display(name: &mut String, what: fmt::Arguments<'_>) {
    name.write_fmt(what).expect("a String takes everything that is written to it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_row_as_documented() {
        for (values, name) in [
            (&[ValueRef::Integer(17)][..], "17"),
            (&[ValueRef::Integer(i64::MIN)], "-9223372036854775808"),
            (&[ValueRef::Text(b"17")], r#"["17"]"#),
            (&[ValueRef::Text(b"a\0\"\n"), ValueRef::Integer(2)], r#"["a\u0000\"\n",2]"#),
            (&[ValueRef::Blob(&[0, 0xff])], r#"[{"blob":"00ff"}]"#),
            (&[ValueRef::Text(&[0xff, 0x80])], r#"[{"text":"ff80"}]"#),
            (&[ValueRef::Null, ValueRef::Real(5.0), ValueRef::Real(-0.0)], "[null,5.0,-0.0]"),
            (&[ValueRef::Real(f64::NEG_INFINITY)], r#"[{"real":"-Infinity"}]"#),
            (&[ValueRef::Integer(1), ValueRef::Integer(2)], "[1,2]"),
        ] {
            let key = RowKey::of(values);
            assert_eq!(key.as_str(), name);
            assert_eq!(key.to_string(), name);
            assert_eq!(serde_json::to_string(&key).unwrap(), serde_json::to_string(name).unwrap());
        }
    }
}
