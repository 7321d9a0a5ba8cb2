//! SQLite's own binary form of JSON (3.45 and newer), as the JSON text that it stands for.
//!
//! Each element is a byte with its type and size (or how many bytes hold the size), and its content. The elements that
//! come from JSON5 are written as JSON has them. Never used by the decoder.

use super::json_tree::print_string;
use super::plain::Plain;

/// As deep as PostgreSQL takes a document for sure.
const DEPTH_MAX: usize = 1_000;

/// The JSON text, if the blob is a document and nothing else.
pub(super) fn to_text(blob: &[u8]) -> Option<String> {
    let mut out = String::new();
    let rest = element(blob, 0, &mut out)?;
    rest.is_empty().then_some(out)
}

/// Appends the first element, and gives what follows it.
fn element<'a>(bytes: &'a [u8], depth: usize, out: &mut String) -> Option<&'a [u8]> {
    let (kind, content, rest) = split(bytes)?;
    let text = || std::str::from_utf8(content).ok();
    match kind {
        0 if content.is_empty() => out.push_str("null"),
        1 if content.is_empty() => out.push_str("true"),
        2 if content.is_empty() => out.push_str("false"),
        3 | 5 => out.push_str(text()?),
        4 => push_integer5(text()?, out)?,
        6 => push_real5(text()?, out)?,
        7 | 8 => {
            out.push('"');
            out.push_str(text()?);
            out.push('"');
        }
        9 => push_string5(text()?, out)?,
        10 => print_string(text()?, out),
        11 | 12 if depth < DEPTH_MAX => container(kind == 12, content, depth, out)?,
        _ => return None,
    }
    Some(rest)
}

fn container(object: bool, content: &[u8], depth: usize, out: &mut String) -> Option<()> {
    out.push(if object { '{' } else { '[' });
    let (mut rest, mut position) = (content, 0_usize);
    while !rest.is_empty() {
        let value = object && position % 2 == 1;
        out.push_str(if value {
            ":"
        } else if position > 0 {
            ","
        } else {
            ""
        });
        // A key is a string.
        if object && !value && !matches!(split(rest)?.0, 7..=10) {
            return None;
        }
        rest = element(rest, depth + 1, out)?;
        position += 1;
    }
    out.push(if object { '}' } else { ']' });
    (!object || position.is_multiple_of(2)).then_some(())
}

/// The type of the first element, its content, and what follows.
fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&header, rest) = bytes.split_first()?;
    let (kind, size) = (header & 0xf, header >> 4);
    let (size, rest) = if size < 12 {
        (usize::from(size), rest)
    } else {
        let (number, rest) = rest.split_at_checked(1 << (size - 12))?;
        (number.iter().try_fold(0_usize, |size, byte| size.checked_mul(256)?.checked_add(usize::from(*byte)))?, rest)
    };
    let (content, rest) = rest.split_at_checked(size)?;
    Some((kind, content, rest))
}

/// `0x1F`, with a sign or without.
fn push_integer5(text: &str, out: &mut String) -> Option<()> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let number = u64::from_str_radix(digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"))?, 16).ok()?;
    out.push_str(&format!("{sign}{number}"));
    Some(())
}

/// `.5`, `5.`, `+1.5`
fn push_real5(text: &str, out: &mut String) -> Option<()> {
    out.push_str(&Plain::read(text.as_bytes()).ok()?.to_string());
    Some(())
}

/// A string with the escapes of JSON5.
fn push_string5(text: &str, out: &mut String) -> Option<()> {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match rest.next()? {
            'b' => plain.push('\u{8}'),
            'f' => plain.push('\u{c}'),
            'n' => plain.push('\n'),
            'r' => plain.push('\r'),
            't' => plain.push('\t'),
            'v' => plain.push('\u{b}'),
            '0' => plain.push('\0'),
            'x' => plain.push(char::from_u32(code(&mut rest, 2)?)?),
            'u' => {
                let first = code(&mut rest, 4)?;
                let low = if (0xD800..0xDC00).contains(&first) {
                    rest.as_str().strip_prefix("\\u")?;
                    rest.by_ref().take(2).for_each(drop);
                    code(&mut rest, 4)?.checked_sub(0xDC00).filter(|low| *low < 0x400)
                } else {
                    None
                };
                plain.push(char::from_u32(low.map_or(first, |low| 0x10000 + ((first - 0xD800) << 10) + low))?);
            }
            // A line that goes on.
            '\n' | '\u{2028}' | '\u{2029}' => {}
            '\r' => {
                if let Some(after) = rest.as_str().strip_prefix('\n') {
                    rest = after.chars();
                }
            }
            other => plain.push(other),
        }
    }
    print_string(&plain, out);
    Some(())
}

fn code(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<u32> {
    let (digits, after) = rest.as_str().split_at_checked(digits)?;
    *rest = after.chars();
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_sqlite_wrote() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for (written, expected) in [
            ("null", "null"),
            ("[true,false,1,-2.5e3]", "[true,false,1,-2.5e3]"),
            (r#"{"a":{"b":["x\ny","ğ"]}}"#, r#"{"a":{"b":["x\ny","ğ"]}}"#),
            ("[0x1F,-0x10,.5,5.,+7]", "[31,-16,0.5,5,7]"),
            (r"{a:'it\'s',b:'\x41\v'}", r#"{"a":"it's","b":"A\u000b"}"#),
            ("[]", "[]"),
            ("{}", "{}"),
            (r#"{"long":"0123456789012345678901234567890123456789"}"#, r#"{"long":"0123456789012345678901234567890123456789"}"#),
        ] {
            let blob: Vec<u8> = connection.query_row("select jsonb(?1)", [written], |row| row.get(0)).unwrap();
            assert_eq!(to_text(&blob).as_deref(), Some(expected), "{written}");
        }
        let long = format!("[{}]", vec!["12345"; 20_000].join(","));
        let blob: Vec<u8> = connection.query_row("select jsonb(?1)", [&long], |row| row.get(0)).unwrap();
        assert_eq!(to_text(&blob), Some(long));
    }

    #[test]
    fn leaves_other_blobs_alone() {
        for blob in [&b""[..], b"\x00\x00", b"\x13", b"\x1b\x13", b"\x2c\x00\x00", b"\x4d", b"\x0f", b"\xff\xff", b"PNG"] {
            assert_eq!(to_text(blob), None, "{}", blob.escape_ascii());
        }
        // Deeper than PostgreSQL takes for sure: each array holds the next.
        let mut deep = vec![0x0b];
        for _ in 0..1_001 {
            let size = u32::try_from(deep.len()).unwrap().to_be_bytes();
            deep = [&[0xeb], &size[..], &deep].concat();
        }
        assert_eq!(to_text(&deep), None);
    }
}
