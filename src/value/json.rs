//! Whether PostgreSQL's `json` takes a text.
//!
//! Errs on one side only: what is called JSON here, PostgreSQL takes. Never builds a document.

use serde::de::IgnoredAny;

/// Deepest nesting that is called JSON. PostgreSQL's parser recurses and stops at its `max_stack_depth`, with the
/// default of 2 MB beyond 5,000 levels; more than this would make the answer depend on the server's settings.
const DEPTH_MAX: usize = 1_000;

/// What a JSON text holds that `json` keeps and `jsonb` or `->>` refuses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct JsonFacts {
    /// An escaped NUL, `\u0000`.
    pub(super) nul_escape: bool,
    /// An escaped half of a surrogate pair without its other half.
    pub(super) lone_surrogate: bool,
}

/// Looks whether a text is JSON that PostgreSQL's `json` takes.
///
/// RFC 8259 as `serde_json` reads it when it builds nothing: numbers of any size, any `\uXXXX`, no raw control
/// characters. UTF-8 and the depth are looked at here because it ignores both.
pub(super) fn check_json(text: &[u8]) -> Option<JsonFacts> {
    serde_json::from_slice::<IgnoredAny>(text).ok()?;
    std::str::from_utf8(text).ok()?;
    survey(text)
}

/// Walks over a text that is JSON; nothing if it is nested too deep.
fn survey(json: &[u8]) -> Option<JsonFacts> {
    let mut facts = JsonFacts::default();
    let (mut depth, mut in_string, mut high_surrogate) = (0_usize, false, false);
    let mut rest = json;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'\\' => {
                let (&escaped, tail) = rest.split_first()?;
                rest = tail;
                let Some((code, tail)) = (escaped == b'u').then(|| read_code(rest)).flatten() else {
                    facts.lone_surrogate |= std::mem::take(&mut high_surrogate);
                    continue;
                };
                rest = tail;
                facts.nul_escape |= code == 0;
                let low = (0xDC00..0xE000).contains(&code);
                facts.lone_surrogate |= low != high_surrogate;
                high_surrogate = (0xD800..0xDC00).contains(&code);
                continue;
            }
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        facts.lone_surrogate |= std::mem::take(&mut high_surrogate);
        if depth > DEPTH_MAX {
            return None;
        }
    }
    Some(facts)
}

fn read_code(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let code = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((code, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_the_rfc_takes() {
        for text in ["{}", " [1, -0, 1.5e+999, 123456789012345678901234567890] ", "\"x\"", "null", "true", "0", r#"{"a":1,"a":2}"#] {
            assert_eq!(check_json(text.as_bytes()), Some(JsonFacts::default()), "{text}");
        }
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{a:1}",
            "'x'",
            "01",
            "1.",
            ".5",
            "+1",
            "NaN",
            "\"\t\"",
            "[1] x",
            r#""\x41""#,
            r#""\u00g0""#,
            "\u{a0}1",
            "\u{feff}1",
            "TRUE",
        ] {
            assert_eq!(check_json(text.as_bytes()), None, "{text}");
        }
        assert_eq!(check_json(b"\"\xff\""), None);
        assert_eq!(check_json(b"[1]\0"), None);
    }

    #[test]
    fn finds_what_jsonb_refuses() {
        let facts = |nul_escape, lone_surrogate| Some(JsonFacts { nul_escape, lone_surrogate });
        for (text, expected) in [
            (r#""\u0000""#, facts(true, false)),
            (r#""\\u0000""#, facts(false, false)),
            (r#""\ud83d\ude00""#, facts(false, false)),
            (r#""\ud83d""#, facts(false, true)),
            (r#""\ude00""#, facts(false, true)),
            (r#""\ud83dx\ude00""#, facts(false, true)),
            (r#""\ud83d\n\ude00""#, facts(false, true)),
            (r#""\ud83d\ud83d\ude00""#, facts(false, true)),
            (r#"{"[[[":"\u0041"}"#, facts(false, false)),
        ] {
            assert_eq!(check_json(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn stops_at_the_depth_limit() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(check_json(nested(DEPTH_MAX).as_bytes()).is_some());
        assert!(check_json(nested(DEPTH_MAX + 1).as_bytes()).is_none());
        assert!(check_json(nested(1_000_000).as_bytes()).is_none());
    }
}
