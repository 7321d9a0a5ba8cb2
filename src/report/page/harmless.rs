//! Takes from texts what could deceive the reader: control characters, and marks that turn the direction of writing.
//!
//! Such characters become visible signs, so that two names that differ also look different. Never shortens.

use minijinja::value::Value;
use std::collections::BTreeMap;

/// The document as a template's value, every text and every key of it made harmless.
pub(in crate::report) fn value(document: &serde_json::Value) -> Value {
    match document {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(is) => Value::from(*is),
        serde_json::Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(whole), _, _) => Value::from(whole),
            (None, Some(whole), _) => Value::from(whole),
            (None, None, Some(real)) => Value::from(real),
            (None, None, None) => Value::from(number.to_string()),
        },
        serde_json::Value::String(written) => Value::from(text(written)),
        serde_json::Value::Array(list) => list.iter().map(value).collect(),
        serde_json::Value::Object(map) => Value::from(map.iter().map(|(key, under)| (text(key), value(under))).collect::<BTreeMap<_, _>>()),
    }
}

/// The text with visible signs for what is invisible. Line breaks and tabs stay: SQL has them.
pub(in crate::report) fn text(written: &str) -> String {
    let mut clean = String::with_capacity(written.len());
    for character in written.chars() {
        match character {
            '\n' | '\t' => clean.push(character),
            // The control pictures stand in the order of the control characters.
            '\0'..='\u{1f}' => clean.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER)),
            '\u{7f}' => clean.push('\u{2421}'),
            // C1 controls; the marks, embeddings, overrides and isolates of bidirectional text; invisible breaks.
            '\u{80}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => clean.extend([format!("⟨U+{:04X}⟩", u32::from(character))]),
            _ => clean.push(character),
        }
    }
    clean
}

/// A name, which stands on one line.
pub(in crate::report) fn line(written: &str) -> String {
    text(written).replace('\n', "\u{240a}").replace('\t', "\u{2409}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_is_invisible() {
        assert_eq!(text("a\0b\x1b[31m\u{7f}"), "a\u{2400}b\u{241b}[31m\u{2421}");
        assert_eq!(text("user\u{202e}nimda\u{2066}"), "user⟨U+202E⟩nimda⟨U+2066⟩");
        assert_eq!(text("select 1\n\tfrom ğüş 漢字"), "select 1\n\tfrom ğüş 漢字");
        assert_eq!(line("a\nb\tc"), "a\u{240a}b\u{2409}c");
    }

    #[test]
    fn reaches_keys_and_nested_texts() {
        let document = serde_json::json!({ "a\u{202e}": [{ "b": "\0" }], "n": 18_446_744_073_709_551_615_u64, "x": 1.5, "none": null });
        let (value, inner) = (value(&document), "a⟨U+202E⟩");
        assert_eq!(value.get_attr(inner).unwrap().get_item_by_index(0).unwrap().get_attr("b").unwrap().to_string(), "\u{2400}");
        assert_eq!(u64::try_from(value.get_attr("n").unwrap()).unwrap(), u64::MAX);
        assert_eq!(value.get_attr("x").unwrap().to_string(), "1.5");
        assert!(value.get_attr("none").unwrap().is_none());
    }
}
