//! The password file: `host:port:database:user:password`, one a line.
//!
//! Never reads a file that others may read, and never repeats a line.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;

/// The lines of a password file.
#[derive(Debug, Default)]
pub(super) struct Passfile {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Host, port, database, user; `None` is the wildcard.
    pattern: [Option<String>; 4],
    password: SecretString,
}

impl Passfile {
    /// Reads the file; says in `notes` why it is left aside when others could read it.
    pub(super) fn read(path: &Path, notes: &mut Vec<String>) -> Self {
        let Ok(facts) = std::fs::metadata(path) else { return Self::default() };
        if !facts.is_file() {
            notes.push(format!("the password file {} is not a plain file, so it was not read", path.display()));
            return Self::default();
        }
        if facts.permissions().mode() & 0o077 != 0 {
            notes.push(format!(
                "the password file {} may be read by others, so it was not read: `chmod 0600` makes it usable",
                path.display()
            ));
            return Self::default();
        }
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) => {
                notes.push(format!("the password file {} could not be read: {error}", path.display()));
                Self::default()
            }
        }
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        Self { entries: lines.filter_map(entry).collect() }
    }

    /// The password of the first line that fits.
    pub(super) fn password(&self, host: &str, port: u16, database: &str, user: &str) -> Option<SecretString> {
        let port = port.to_string();
        let wanted = [host, port.as_str(), database, user];
        let fits = |entry: &&Entry| {
            entry.pattern.iter().zip(wanted).all(|(pattern, wanted)| pattern.as_deref().is_none_or(|pattern| pattern == wanted))
        };
        self.entries.iter().find(fits).map(|entry| entry.password.clone())
    }
}

fn entry(line: &str) -> Option<Entry> {
    let (host, rest) = field(line)?;
    let (port, rest) = field(rest)?;
    let (database, rest) = field(rest)?;
    let (user, rest) = field(rest)?;
    let password = field(rest).map_or_else(|| unescaped(rest), |(password, _)| password.text);
    let pattern = [host, port, database, user].map(|field| (!field.is_wildcard).then_some(field.text));
    Some(Entry { pattern, password: SecretString::from(password) })
}

struct Field {
    text: String,
    is_wildcard: bool,
}

/// The field before the first `:` that is not escaped, and what follows.
fn field(line: &str) -> Option<(Field, &str)> {
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ':' => {
                let raw = &line[..at];
                return Some((Field { text: unescaped(raw), is_wildcard: raw == "*" }, &line[at + 1..]));
            }
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut characters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_first_line_that_fits_gives_the_password() {
        let file = Passfile::parse(
            "# a comment\n\nbroken line\n\
             db.example:5432:app:anna:@/%)~&\n\
             db.example:5432:*:anna:with\\:colon\\\\and backslash\n\
             \\:\\:1:*:*:*:six\n\
             *:6000:*:*:any host:and nothing of this\n\
             localhost:*:app:\\*:star\n",
        );
        let password = |host, port, database, user| file.password(host, port, database, user).map(|found| found.expose_secret().to_owned());
        assert_eq!(password("db.example", 5432, "app", "anna").as_deref(), Some("@/%)~&"));
        assert_eq!(password("db.example", 5432, "other", "anna").as_deref(), Some("with:colon\\and backslash"));
        assert_eq!(password("::1", 1, "x", "y").as_deref(), Some("six"));
        assert_eq!(password("elsewhere", 6000, "x", "y").as_deref(), Some("any host"));
        assert_eq!(password("localhost", 5432, "app", "*").as_deref(), Some("star"));
        assert_eq!(password("localhost", 5432, "app", "anna"), None);
        assert!(!format!("{file:?}").contains("colon"));
    }
}
