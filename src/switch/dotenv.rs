//! The assignments of a `.env` file, and changing some of them without touching anything else.
//!
//! Works on bytes: order, comments, quotes, line ends, a byte order mark and lines that nobody understands stay what they
//! are. What is written is read alike by shells and by the usual loaders.

use std::ops::Range;

/// Stands above keys that are appended.
pub(super) const MARK: &str = "# Set by outgrow at the move to PostgreSQL.";

/// How a value is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    None,
    Single,
    Double,
    Backtick,
}

/// One assignment, by its places in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) key: String,
    /// The line or lines, with the line end.
    pub(super) whole: Range<usize>,
    /// The value with its quotes.
    value: Range<usize>,
    quote: Quote,
    is_exported: bool,
}

impl Assignment {
    /// The value as a loader reads it.
    pub(super) fn read(&self, bytes: &[u8]) -> Vec<u8> {
        let raw = &bytes[self.value.clone()];
        match self.quote {
            Quote::None => raw.trim_ascii().to_vec(),
            Quote::Single => unescaped(inner(raw), |escaped| (escaped == b'\'').then_some(escaped)),
            Quote::Double => unescaped(inner(raw), |escaped| match escaped {
                b'n' => Some(b'\n'),
                b'r' => Some(b'\r'),
                b't' => Some(b'\t'),
                b'"' | b'\\' | b'$' | b'`' => Some(escaped),
                _ => None,
            }),
            Quote::Backtick => inner(raw).to_vec(),
        }
    }
}

/// What stands between the quotes.
fn inner(raw: &[u8]) -> &[u8] {
    raw.get(1..raw.len() - 1).unwrap_or_default()
}

fn unescaped(raw: &[u8], meant: impl Fn(u8) -> Option<u8>) -> Vec<u8> {
    let mut read = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match bytes.peek().copied().filter(|_| byte == b'\\').and_then(&meant) {
            Some(meant) => {
                bytes.next();
                read.push(meant);
            }
            None => read.push(byte),
        }
    }
    read
}

/// Every assignment of a file, in its order.
pub(super) fn assignments(bytes: &[u8]) -> Vec<Assignment> {
    let mut found = Vec::new();
    let mut at = after_mark(bytes);
    while at < bytes.len() {
        let assignment = assignment(bytes, at);
        at = assignment.as_ref().map_or_else(|| line_end(bytes, at).1, |assignment| assignment.whole.end);
        found.extend(assignment);
    }
    found
}

/// Where the text begins, behind a byte order mark.
fn after_mark(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
}

/// Where a line's text ends, and where the next line begins.
fn line_end(bytes: &[u8], at: usize) -> (usize, usize) {
    match bytes[at..].iter().position(|byte| *byte == b'\n') {
        Some(length) if length > 0 && bytes[at + length - 1] == b'\r' => (at + length - 1, at + length + 1),
        Some(length) => (at + length, at + length + 1),
        None => (bytes.len(), bytes.len()),
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn skip_blanks(bytes: &[u8], from: usize, to: usize) -> usize {
    from + bytes[from..to].iter().take_while(|byte| is_blank(**byte)).count()
}

fn assignment(bytes: &[u8], start: usize) -> Option<Assignment> {
    let (end, next) = line_end(bytes, start);
    let mut at = skip_blanks(bytes, start, end);
    let behind = bytes[at..end].strip_prefix(b"export").is_some_and(|rest| rest.first().copied().is_some_and(is_blank));
    if behind {
        at = skip_blanks(bytes, at + "export".len(), end);
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.-".contains(*byte);
    let length = bytes[at..end].iter().take_while(is_name).count();
    let key = &bytes[at..at + length];
    key.first().filter(|first| first.is_ascii_alphabetic() || **first == b'_')?;
    let equals = skip_blanks(bytes, at + length, end);
    if bytes[..end].get(equals) != Some(&b'=') {
        return None;
    }
    let from = equals + 1;
    let (value, quote, whole) = quoted_value(bytes, from, end).unwrap_or_else(|| (bare_value(bytes, from, end), Quote::None, next));
    Some(Assignment { key: String::from_utf8_lossy(key).into_owned(), whole: start..whole, value, quote, is_exported: behind })
}

/// A value in quotes, which may go over several lines, and where the line behind it begins.
fn quoted_value(bytes: &[u8], from: usize, end: usize) -> Option<(Range<usize>, Quote, usize)> {
    let open = skip_blanks(bytes, from, end);
    let quote = match bytes[..end].get(open)? {
        b'\'' => Quote::Single,
        b'"' => Quote::Double,
        b'`' => Quote::Backtick,
        _ => return None,
    };
    let close = closing(bytes, open, end)?;
    let (end, next) = line_end(bytes, close);
    let behind = skip_blanks(bytes, close + 1, end);
    // `'a'b` is a shell's way to glue pieces; a quotation that is not closed meets the next one's opening.
    (behind == end || bytes[behind] == b'#').then_some((open..close + 1, quote, next))
}

fn closing(bytes: &[u8], open: usize, end: usize) -> Option<usize> {
    let quote = bytes[open];
    let mut at = open + 1;
    let mut escaped = None;
    while at < bytes.len() {
        if bytes[at] == b'\\' && quote != b'`' {
            // In single quotes a backslash before the last quote of the line is one of the text: 'C:\'.
            escaped = Some(at + 1).filter(|next| bytes.get(*next) == Some(&quote)).or(escaped);
            at += 2;
        } else if bytes[at] == quote {
            return Some(at);
        } else if bytes[at] == b'\n' && at >= end && quote == b'\'' && escaped.is_some() {
            return escaped;
        } else {
            at += 1;
        }
    }
    escaped.filter(|_| quote == b'\'')
}

/// A value without quotes: to the end of the line, or to a comment that a blank sets apart.
fn bare_value(bytes: &[u8], from: usize, end: usize) -> Range<usize> {
    let comment = (from + 1..end).find(|at| bytes[*at] == b'#' && is_blank(bytes[at - 1]));
    let end = comment.map_or(end, |comment| from + bytes[from..comment].trim_ascii_end().len());
    let start = skip_blanks(bytes, from, end);
    // Blanks alone are no value; what is written takes their place.
    if start == end { from..end } else { start..end }
}

/// What a key is to be; none where it is to go.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) key: &'a str,
    pub(super) value: Option<&'a str>,
}

/// The file with these keys as they are to be. Every assignment of a key is set: loaders differ in which of them counts.
///
/// None where the result would not be read so: a quotation that somebody has forgotten to close may end in what we write.
pub(super) fn edited(bytes: &[u8], wishes: &[Wish<'_>]) -> Option<Vec<u8>> {
    let written = rewritten(bytes, wishes);
    let ours = |key: &str| wishes.iter().find(|wish| wish.key == key);
    let others = |bytes: &[u8]| read(bytes).into_iter().filter(|(key, _)| ours(key).is_none()).collect::<Vec<_>>();
    let found = read(&written);
    let is_set = |wish: &Wish<'_>| {
        let mut values = found.iter().filter(|(key, _)| key == wish.key).map(|(_, value)| value.as_slice());
        match wish.value {
            Some(wanted) => values.next() == Some(wanted.as_bytes()) && values.all(|value| value == wanted.as_bytes()),
            None => values.next().is_none(),
        }
    };
    (wishes.iter().all(is_set) && others(bytes) == others(&written)).then_some(written)
}

/// Every key with its value, in the file's order.
fn read(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    assignments(bytes).iter().map(|one| (one.key.clone(), one.read(bytes))).collect()
}

fn rewritten(bytes: &[u8], wishes: &[Wish<'_>]) -> Vec<u8> {
    let found = assignments(bytes);
    let (mut written, mut at) = (Vec::with_capacity(bytes.len() + 256), 0);
    for assignment in &found {
        let Some(wish) = wishes.iter().find(|wish| wish.key == assignment.key) else { continue };
        match wish.value {
            None => {
                written.extend_from_slice(&bytes[at..assignment.whole.start]);
                at = assignment.whole.end;
            }
            Some(value) if assignment.read(bytes) != value.as_bytes() => {
                written.extend_from_slice(&bytes[at..assignment.value.start]);
                written.extend_from_slice(in_quotes(value, assignment.quote).as_bytes());
                at = assignment.value.end;
            }
            Some(_) => {}
        }
    }
    written.extend_from_slice(&bytes[at..]);
    let missing = wishes.iter().filter(|wish| !found.iter().any(|assignment| assignment.key == wish.key));
    let missing: Vec<(&str, &str)> = missing.filter_map(|wish| Some((wish.key, wish.value?))).collect();
    append(&mut written, &missing, !found.is_empty() && found.iter().all(|assignment| assignment.is_exported));
    written
}

fn append(written: &mut Vec<u8>, missing: &[(&str, &str)], exported: bool) {
    if missing.is_empty() {
        return;
    }
    let end: &[u8] = if written.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
    let ends_open = written.len() > after_mark(written) && !written.ends_with(b"\n");
    if ends_open {
        written.extend_from_slice(end);
    }
    let has_mark = assignments_marked(written);
    if !has_mark {
        written.extend_from_slice(MARK.as_bytes());
        written.extend_from_slice(end);
    }
    for (key, value) in missing {
        written.extend_from_slice(if exported { b"export " } else { b"" });
        written.extend_from_slice(format!("{key}={}", in_quotes(value, Quote::None)).as_bytes());
        written.extend_from_slice(end);
    }
    if ends_open {
        written.truncate(written.len() - end.len());
    }
}

/// Whether the last comment of the file is ours already.
fn assignments_marked(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_end() == MARK.as_bytes())
}

/// A value as it is written, in the quotes that the old one had where they can hold it.
fn in_quotes(value: &str, old: Quote) -> String {
    let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&byte));
    let fits_double = !value.contains(['"', '\\', '$', '`', '\n', '\r']);
    match old {
        Quote::None if is_plain => value.to_owned(),
        Quote::Double if fits_double => format!("\"{value}\""),
        Quote::None | Quote::Single | Quote::Double | Quote::Backtick if fits_single(value) => format!("'{value}'"),
        Quote::None | Quote::Single | Quote::Double | Quote::Backtick => {
            let escaped = value.chars().map(|letter| match letter {
                '"' | '\\' | '$' | '`' => format!("\\{letter}"),
                other => other.to_string(),
            });
            format!("\"{}\"", escaped.collect::<String>())
        }
    }
}

/// In single quotes every loader takes the text as it is, where it has neither of these.
fn fits_single(value: &str) -> bool {
    !value.contains(['\'', '\n', '\r']) && !value.contains("\\\\") && !value.ends_with('\\')
}

/// Whether loaders are known to read a value differently, however it is written.
pub(super) fn is_delicate(value: &str) -> bool {
    value.contains("${") || (!fits_single(value) && value.contains(['\\', '$', '`', '\n', '\r']))
}

/// One piece of a file that is taken back.
struct Edit {
    place: Range<usize>,
    /// Where the text stood in the old file; it orders what comes to one place.
    from: usize,
    text: Vec<u8>,
    is_line: bool,
}

/// The file as somebody has changed it meanwhile, with these keys as they were in the old one, and nothing else touched; none
/// where the result would not be read so.
pub(super) fn taken_back(old: &[u8], now: &[u8], keys: &[String]) -> Option<Vec<u8>> {
    let written = merged(old, now, keys);
    let of = |bytes: &[u8], ours: bool| read(bytes).into_iter().filter(|(key, _)| keys.contains(key) == ours).collect::<Vec<_>>();
    let last = |list: Vec<(String, Vec<u8>)>| list.into_iter().collect::<std::collections::BTreeMap<_, _>>();
    (last(of(&written, true)) == last(of(old, true)) && of(&written, false) == of(now, false)).then_some(written)
}

fn merged(old: &[u8], now: &[u8], keys: &[String]) -> Vec<u8> {
    let (before, found) = (assignments(old), assignments(now));
    let of = |list: &[Assignment], key: &str| list.iter().filter(|one| one.key == key).cloned().collect::<Vec<_>>();
    let mut edits = Vec::new();
    for key in keys {
        let (was, is) = (of(&before, key), of(&found, key));
        for (index, one) in is.iter().enumerate() {
            edits.push(match was.get(index).or_else(|| was.last()) {
                Some(was) => {
                    Edit { place: one.value.clone(), from: was.whole.start, text: old[was.value.clone()].to_vec(), is_line: false }
                }
                None => Edit { place: one.whole.clone(), from: 0, text: Vec::new(), is_line: false },
            });
        }
        for lost in was.iter().skip(is.len()) {
            let place = place_for(&before, &found, lost, now);
            edits.push(Edit { place: place..place, from: lost.whole.start, text: old[lost.whole.clone()].to_vec(), is_line: true });
        }
    }
    let has_ours = keys.iter().any(|key| of(&before, key).is_empty());
    let mark = mark_line(now).filter(|_| has_ours && mark_line(old).is_none());
    edits.extend(mark.map(|place| Edit { place, from: 0, text: Vec::new(), is_line: false }));
    edits.sort_by_key(|edit| (edit.place.start, edit.place.end, edit.from));
    let (mut written, mut at) = (Vec::with_capacity(now.len()), 0);
    for edit in edits {
        let Some(between) = now.get(at..edit.place.start) else { continue };
        written.extend_from_slice(between);
        if edit.is_line && !written.ends_with(b"\n") && written.len() > after_mark(&written) {
            written.push(b'\n');
        }
        written.extend_from_slice(&edit.text);
        at = edit.place.end;
        if edit.is_line && !written.ends_with(b"\n") && at < now.len() {
            written.push(b'\n');
        }
    }
    written.extend_from_slice(&now[at..]);
    written
}

/// Where a line that is gone stood: behind the nearest line before it that is still there.
fn place_for(before: &[Assignment], found: &[Assignment], lost: &Assignment, now: &[u8]) -> usize {
    let earlier: Vec<&Assignment> = before.iter().take_while(|one| one.whole.start < lost.whole.start).collect();
    let still = earlier.iter().enumerate().rev().find_map(|(index, one)| {
        let number = earlier[..index].iter().filter(|other| other.key == one.key).count();
        found.iter().filter(|other| other.key == one.key).nth(number)
    });
    still.map_or_else(|| after_mark(now), |one| one.whole.end)
}

/// The line that we put above keys that were not there.
fn mark_line(bytes: &[u8]) -> Option<Range<usize>> {
    let mut at = after_mark(bytes);
    while at < bytes.len() {
        let (end, next) = line_end(bytes, at);
        if &bytes[at..end] == MARK.as_bytes() {
            return Some(at..next);
        }
        at = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(text: &str, key: &str, value: &str) -> String {
        String::from_utf8(edited(text.as_bytes(), &[Wish { key, value: Some(value) }]).unwrap()).unwrap()
    }

    #[test]
    fn a_value_is_replaced_and_nothing_else() {
        for (text, value, becomes) in [
            ("A=1\nK=old\nB=2\n", "new", "A=1\nK=new\nB=2\n"),
            ("K=old", "new", "K=new"),
            ("K=old\r\nB=2\r\n", "new", "K=new\r\nB=2\r\n"),
            ("\u{feff}K=old\n", "new", "\u{feff}K=new\n"),
            ("export K=old # why\n", "new", "export K=new # why\n"),
            ("  K = old\n", "new", "  K = new\n"),
            ("K= # none yet\n", "new", "K=new # none yet\n"),
            ("K=   \n", "new", "K=new\n"),
            ("K=\"old\" # c\n", "n w", "K=\"n w\" # c\n"),
            ("K='old'\n", "new", "K='new'\n"),
            ("K=\"o\nl\nd\"\nB=1\n", "new", "K=\"new\"\nB=1\n"),
            ("K=old\n", "a b", "K='a b'\n"),
            ("K=old\n", "a#$\"b", "K='a#$\"b'\n"),
            ("K=\"old\"\n", "a$b", "K='a$b'\n"),
            ("K=old\n", "it's", "K=\"it's\"\n"),
            ("K=old\n", "it's $5", "K=\"it's \\$5\"\n"),
            ("K=old\n", "", "K=\n"),
            ("K=1\nK=2\n", "new", "K=new\nK=new\n"),
            ("#K=old\nK=old\n", "new", "#K=old\nK=new\n"),
            ("K='it'\\''s'\nB=1\n", "new", "K=new\nB=1\n"),
            ("K=\"never closed\nB=\"1\"\n", "new", "K=new\nB=\"1\"\n"),
            ("K=https://x/#a\n", "new", "K=new\n"),
            ("K='C:\\'\nB='x'\n", "new", "K='new'\nB='x'\n"),
            ("K=\"new\" # as it is\n", "new", "K=\"new\" # as it is\n"),
        ] {
            assert_eq!(set(text, "K", value), becomes, "{text:?}");
            assert!(read(becomes.as_bytes()).iter().filter(|(key, _)| key == "K").all(|(_, read)| read == value.as_bytes()), "{becomes:?}");
        }
    }

    #[test]
    fn a_key_that_is_missing_is_appended() {
        for (text, becomes) in [
            ("A=1\n", "A=1\n# Set by outgrow at the move to PostgreSQL.\nK=v\n"),
            ("A=1", "A=1\n# Set by outgrow at the move to PostgreSQL.\nK=v"),
            ("A=1\r\n", "A=1\r\n# Set by outgrow at the move to PostgreSQL.\r\nK=v\r\n"),
            ("", "# Set by outgrow at the move to PostgreSQL.\nK=v\n"),
            ("export A=1\n", "export A=1\n# Set by outgrow at the move to PostgreSQL.\nexport K=v\n"),
        ] {
            assert_eq!(set(text, "K", "v"), becomes);
        }
        assert_eq!(edited(b"A=\"\n", &[Wish { key: "K", value: Some("\nb") }]), None, "what we write would end the quotation");
        let removed = edited(b"A=1\nK=1\nB=2\nexport K=\"2\n3\"\nC=3", &[Wish { key: "K", value: None }]).unwrap();
        assert_eq!(removed, b"A=1\nB=2\nC=3");
    }

    #[test]
    fn what_somebody_added_stays_when_keys_are_taken_back() {
        let old = b"A=1\nK=old # c\nGONE=x\nB=2\n";
        let wishes = [Wish { key: "K", value: Some("new") }, Wish { key: "GONE", value: None }, Wish { key: "ADDED", value: Some("y") }];
        let new = edited(old, &wishes).unwrap();
        let keys: Vec<String> = wishes.iter().map(|wish| wish.key.to_owned()).collect();
        assert_eq!(taken_back(old, &new, &keys).unwrap(), old);
        let now = String::from_utf8(new).unwrap().replace("B=2", "B=3\nMORE=\"m\"");
        assert_eq!(taken_back(old, now.as_bytes(), &keys).unwrap(), b"A=1\nK=old # c\nGONE=x\nB=3\nMORE=\"m\"\n");
    }

    /// Files as people write them, and worse.
    fn file() -> impl Strategy<Value = String> {
        let key = prop_oneof!["A", "B", "C", "K", "K2", "GONE"];
        let value = prop_oneof![
            "[a-z0-9/:.]{0,6}",
            "'[a-z #$\\n]{0,8}'",
            "\"[a-z #\\n]{0,8}\"",
            "\"[a-z\\\\\"$]{0,4}",
            "`[a-z]{0,3}`",
            "[a-z '\"\\\\#]{0,8}"
        ];
        let assignment = (prop_oneof!["", "export ", "  "], key, prop_oneof!["=", " = ", "= "], value, prop_oneof!["", " # why", "  "])
            .prop_map(|(before, key, equals, value, behind)| format!("{before}{key}{equals}{value}{behind}"));
        let line = prop_oneof![5 => assignment, 1 => "#[ -~]{0,10}", 1 => "", 1 => "[ -~]{0,12}"];
        let lines = proptest::collection::vec((line, prop_oneof![4 => Just("\n"), 1 => Just("\r\n")]), 0..8);
        (any::<bool>(), lines, any::<bool>()).prop_map(|(mark, lines, open)| {
            let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
            text.extend(lines.iter().flat_map(|(line, end)| [line.as_str(), end]));
            if open { text.trim_end_matches(['\r', '\n']).to_owned() } else { text }
        })
    }

    proptest! {
        #[test]
        fn what_is_set_stays_set_and_is_taken_back(text in file(), value in "[ -~é\n]{0,12}", added in "[ -~]{0,6}") {
            let wishes = [
                Wish { key: "K", value: Some(&value) },
                Wish { key: "NEW", value: Some(&added) },
                Wish { key: "GONE", value: None },
            ];
            let Some(new) = edited(text.as_bytes(), &wishes) else {
                prop_assert!(text.contains(['"', '\'', '`']), "{text:?} has no quotation that could be open");
                return Ok(());
            };
            prop_assert_eq!(edited(&new, &wishes), Some(new.clone()), "set again, it changes");
            let keys: Vec<String> = wishes.iter().map(|wish| wish.key.to_owned()).collect();
            match taken_back(text.as_bytes(), &new, &keys) {
                Some(back) => prop_assert_eq!(read(&back), read(text.as_bytes()), "{:?}", String::from_utf8_lossy(&back)),
                None => prop_assert!(text.contains(['"', '\'', '`']), "{text:?} is not taken back"),
            }
        }
    }
}
