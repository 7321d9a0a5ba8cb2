//! A JSON document as a tree, and the text that `jsonb` prints for it.
//!
//! Never used by the decoder.

use std::fmt::Write;

use super::Reason;
use super::json::check_json;
use super::plain::Plain;

/// Most bytes of one string, and of all that one array or object holds (`JENTRY_OFFLENMASK` in PostgreSQL's `jsonb.h`).
const CONTENT_MAX: usize = 0x0fff_ffff;
/// More than PostgreSQL adds to a value: an entry of its container, alignment, and a number's header.
const ENTRY: usize = 24;

/// A JSON document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Boolean(bool),
    /// As it is written.
    Number(&'a str),
    String(String),
    Array(Vec<Json<'a>>),
    /// In the order in which it is written, with all that is written twice.
    Object(Vec<(String, Json<'a>)>),
}

/// Reads a document that `jsonb` takes.
pub(super) fn read(text: &[u8]) -> Result<Json<'_>, Reason> {
    let facts = check_json(text).ok_or(Reason::NotJson)?;
    if facts.nul_escape {
        return Err(Reason::Nul);
    }
    if facts.lone_surrogate {
        return Err(Reason::NotJson);
    }
    let text = std::str::from_utf8(text).map_err(|_| Reason::NotJson)?;
    Reader { text }.value().ok_or(Reason::NotJson)
}

/// Appends the text that `jsonb` prints for the document.
pub(super) fn print_jsonb(document: &Json<'_>, out: &mut String) -> Result<(), Reason> {
    if content(document)? > CONTENT_MAX { Err(Reason::TooLarge) } else { print(document, out) }
}

/// At least as many bytes as `jsonb` needs.
fn content(document: &Json<'_>) -> Result<usize, Reason> {
    let of_string = |text: &str| if text.len() > CONTENT_MAX { Err(Reason::TooLarge) } else { Ok(text.len() + ENTRY) };
    match document {
        Json::Null | Json::Boolean(_) => Ok(ENTRY),
        Json::Number(digits) => Ok(Plain::read(digits.as_bytes())?.digits().len() + ENTRY),
        Json::String(text) => of_string(text),
        Json::Array(items) => items.iter().try_fold(ENTRY, |sum, item| Ok(sum.saturating_add(content(item)?))),
        Json::Object(pairs) => {
            pairs.iter().try_fold(ENTRY, |sum, (key, item)| Ok(sum.saturating_add(of_string(key)?).saturating_add(content(item)?)))
        }
    }
}

fn print(document: &Json<'_>, out: &mut String) -> Result<(), Reason> {
    match document {
        Json::Null => out.push_str("null"),
        Json::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(digits) => write!(out, "{}", Plain::read(digits.as_bytes())?).map_err(|_| Reason::NotJson)?,
        Json::String(text) => print_string(text, out),
        Json::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                out.push_str(if position > 0 { ", " } else { "" });
                print(item, out)?;
            }
            out.push(']');
        }
        Json::Object(pairs) => {
            // Short keys first; of equal ones the last.
            let mut sorted: Vec<&(String, Json<'_>)> = pairs.iter().rev().collect();
            sorted.sort_by(|(one, _), (two, _)| (one.len(), one.as_bytes()).cmp(&(two.len(), two.as_bytes())));
            sorted.dedup_by(|(one, _), (two, _)| one == two);
            out.push('{');
            for (position, (key, item)) in sorted.into_iter().enumerate() {
                out.push_str(if position > 0 { ", " } else { "" });
                print_string(key, out);
                out.push_str(": ");
                print(item, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// Appends a string as PostgreSQL's `escape_json` does.
pub(super) fn print_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control @ '\0'..' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Reads a text that is known to be JSON.
struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<Json<'a>> {
        self.skip_space();
        Some(match self.text.bytes().next()? {
            b'{' => self.object()?,
            b'[' => self.array()?,
            b'"' => Json::String(self.string()?),
            b't' => self.word(4, Json::Boolean(true))?,
            b'f' => self.word(5, Json::Boolean(false))?,
            b'n' => self.word(4, Json::Null)?,
            _ => {
                let end = self.text.find(|next: char| !matches!(next, '0'..='9' | '.' | 'e' | 'E' | '+' | '-')).unwrap_or(self.text.len());
                Json::Number(self.take(end)?)
            }
        })
    }

    fn array(&mut self) -> Option<Json<'a>> {
        let mut items = Vec::new();
        self.take(1)?;
        while !self.closes(']')? {
            items.push(self.value()?);
        }
        Some(Json::Array(items))
    }

    fn object(&mut self) -> Option<Json<'a>> {
        let mut pairs = Vec::new();
        self.take(1)?;
        while !self.closes('}')? {
            self.skip_space();
            let key = self.string()?;
            self.skip_space();
            self.take(1)?;
            pairs.push((key, self.value()?));
        }
        Some(Json::Object(pairs))
    }

    /// Takes a comma, or the sign that closes the container.
    fn closes(&mut self, sign: char) -> Option<bool> {
        self.skip_space();
        let next = self.text.chars().next()?;
        if next == sign || next == ',' {
            self.take(1)?;
        }
        Some(next == sign)
    }

    fn string(&mut self) -> Option<String> {
        let mut escaped = false;
        let end = self.text.bytes().skip(1).position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        })?;
        serde_json::from_str(self.take(end + 2)?).ok()
    }

    fn word(&mut self, length: usize, value: Json<'a>) -> Option<Json<'a>> {
        self.take(length).map(|_| value)
    }

    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.text.split_at_checked(length)?;
        self.text = rest;
        Some(taken)
    }

    fn skip_space(&mut self) {
        self.text = self.text.trim_start_matches([' ', '\t', '\n', '\r']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Result<String, Reason> {
        let mut out = String::new();
        print_jsonb(&read(text.as_bytes())?, &mut out)?;
        Ok(out)
    }

    #[test]
    fn prints_what_jsonb_prints() {
        for (text, expected) in [
            ("{}", Ok("{}")),
            (" [ ] ", Ok("[]")),
            (r#"{"bb":1,"a":2,"ab":3}"#, Ok(r#"{"a": 2, "ab": 3, "bb": 1}"#)),
            (r#"{"a":1,"a":2,"\u0061":3}"#, Ok(r#"{"a": 3}"#)),
            (r#"{"ğ":1,"ab":2,"z":3}"#, Ok(r#"{"z": 3, "ab": 2, "ğ": 1}"#)),
            ("[1.50,-0,1e3,1E-2,-0.0]", Ok("[1.50, 0, 1000, 0.01, 0.0]")),
            (r#""\u00e9\/\"\\\b\f\n\r\t\u001f\u007f""#, Ok("\"é/\\\"\\\\\\b\\f\\n\\r\\t\\u001f\u{7f}\"")),
            (r#""\ud83d\ude00""#, Ok("\"😀\"")),
            ("[true,[false,{\"a\":null}]]", Ok("[true, [false, {\"a\": null}]]")),
            (r#"{"a":"\u0000"}"#, Err(Reason::Nul)),
            (r#"["\ud800"]"#, Err(Reason::NotJson)),
            ("[1e200000]", Err(Reason::OutOfRange)),
            ("[1e-20000]", Err(Reason::TooPrecise)),
            ("{a:1}", Err(Reason::NotJson)),
        ] {
            assert_eq!(printed(text), expected.map(str::to_owned), "{text}");
        }
        assert!(printed(&("[".repeat(1_000) + &"]".repeat(1_000))).is_ok());
    }
}
