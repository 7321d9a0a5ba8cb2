//! Numbers and lists as people read them.

use std::fmt::Write;
use std::io;

pub(super) use crate::mapping::counted;

/// Units of memory, those of two letters by powers of 1000.
const UNITS: [(&str, u64); 7] =
    [("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("b", 1)];

/// A number of bytes as people write it: `256MiB`, `1 GB`, `4096`.
pub(super) fn read_bytes(text: &str) -> Result<u64, String> {
    let text = text.trim().to_ascii_lowercase();
    let unit = UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = unit.unwrap_or((&text, 1));
    let number: u64 =
        number.trim().parse().map_err(|_| "write a whole number of bytes, or one with kB, MB, GB, KiB, MiB or GiB".to_owned())?;
    number.checked_mul(factor).filter(|bytes| *bytes > 0).ok_or_else(|| "this is no size that a computer has".to_owned())
}

/// `1.2 s`, `3 m 05 s`.
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 100.0 {
        return format!("{seconds:.1} s");
    }
    let whole = std::time::Duration::try_from_secs_f64(seconds).map_or(u64::MAX, |duration| duration.as_secs());
    format!("{} m {:02} s", whole / 60, whole % 60)
}

/// `702 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

/// The first few keys of rows: `(17, 402, 403 …)`.
pub(super) fn keys(rows: &[String], count: u64) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = rows.iter().take(5).map(|row| shorten(row, 40)).collect();
    let more = if count > u64::try_from(shown.len()).unwrap_or(u64::MAX) { " …" } else { "" };
    format!("({}{more})", shown.join(", "))
}

/// Control characters, and those that turn the direction of writing.
fn steers(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text without what would steer a terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|character| if steers(character) { '·' } else { character }).collect()
}

/// JSON that doesn't steer a terminal either: what its grammar lets stand in strings, and only there, is escaped.
pub(super) fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if steers(character) && character != '\n' {
            // Writing to a String can't fail.
            write!(escaped, "\\u{:04x}", u32::from(character)).ok();
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Passes JSON on as [`escaped`] has it, whatever the pieces that it comes in.
#[derive(Debug)]
pub(super) struct Escaping<W> {
    out: W,
}

impl<W: io::Write> Escaping<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: io::Write> io::Write for Escaping<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let whole = match str::from_utf8(piece) {
            Ok(text) => text,
            // A character may be cut in two only at the end; who writes then comes again with the rest.
            Err(error) if error.valid_up_to() > 0 => str::from_utf8(&piece[..error.valid_up_to()]).unwrap_or_default(),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        if whole.chars().any(steers) {
            self.out.write_all(escaped(whole).as_bytes())?;
        } else {
            self.out.write_all(whole.as_bytes())?;
        }
        Ok(whole.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The text, cut at so many characters and without control characters: a name from a file must not steer the terminal.
pub(super) fn shorten(text: &str, characters: usize) -> String {
    let clean = clean(text);
    if clean.chars().count() <= characters {
        return clean;
    }
    let mut cut: String = clean.chars().take(characters.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(0.04), "0.0 s");
        assert_eq!(duration(185.0), "3 m 05 s");
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [("4096", 4096), ("1kB", 1000), ("256MiB", 256 << 20), ("2 GiB", 2 << 30), ("7b", 7)] {
            assert_eq!(read_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "-1", "1.5MB", "MiB", "99999999999GiB", "5 bananas"] {
            assert!(read_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(shorten("a\u{1b}[2Jb", 40), "a·[2Jb");
        assert_eq!(shorten("abcdef", 4), "abc…");
        let name = serde_json::json!("a\u{9b}1m\u{202e}\nb");
        assert_eq!(escaped(&name.to_string()), r#""a\u009b1m\u202e\nb""#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped(&name.to_string())).unwrap(), name);
    }
}
