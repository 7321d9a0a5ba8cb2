//! What would still lead the application to SQLite, or away from the target, once the switch is made.
//!
//! Looks at the switched file as it will be, at the other `.env` files beside it, and at the files that the policy names
//! (`also`). Never shows a value.

use std::fs;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::change::FileChange;
use super::dotenv::assignments;
use super::file::placed;
use super::setting::settings;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Switch, SwitchPolicy};
use crate::probe::Sides;

/// Words in names of files beside a `.env` that no application in production reads.
const UNREAD: [&str; 13] =
    ["example", "sample", "dist", "template", "test", "testing", "ci", "bak", "backup", "old", "orig", "save", "outgrow-new"];

/// Where something says another database than the switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The file, as the policy names it or beside one that it names.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The key.
    pub key: String,
    /// Where it leads.
    pub to: Pointing,
}

/// Where a key leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pointing {
    /// Its value names a SQLite database.
    Sqlite,
    /// It allows SQLite, as `ALLOW_SQLITE_FALLBACK` does.
    Fallback,
    /// A key of the switch has another value than the switch gives it.
    Elsewhere,
}

/// Everything that still says otherwise than the switches.
pub fn overrides(switches: &[SwitchPolicy], sides: &Sides<'_>) -> Result<Vec<Override>> {
    let mut wanted: Vec<(String, Option<String>)> = Vec::new();
    let mut own: Vec<PathBuf> = Vec::new();
    for switch in switches {
        if let Switch::File(switch) = &switch.what {
            let values = settings(switch, sides)?.into_iter();
            wanted.extend(values.map(|one| (one.key, one.value.map(|value| value.expose_secret().to_owned()))));
            own.push(switch.file.clone());
        }
    }
    let mut found = Vec::new();
    for switch in switches {
        if let Switch::File(file) = &switch.what {
            let change = FileChange::of(file, sides)?;
            let still = of_dotenv(&file.file, &change.becomes, &[]);
            found.extend(still.into_iter().map(|one| Override { line: line_now(&change, &one).unwrap_or(one.line), ..one }));
            for beside in beside(&file.file, sides.directory)? {
                let is_own = own.iter().any(|own| placed(own, sides.directory) == placed(&beside, sides.directory));
                if !is_own {
                    found.extend(of_dotenv(&beside, &read(&beside, sides.directory)?, &wanted));
                }
            }
        }
        for also in &switch.also {
            let text = read(also, sides.directory)?;
            found.extend(of_script(also, &String::from_utf8_lossy(&text), &wanted));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|one| seen.insert((one.file.clone(), one.line, one.key.clone())));
    Ok(found)
}

fn read(file: &Path, directory: Option<&Path>) -> Result<Vec<u8>> {
    let refused = |error: std::io::Error| {
        Error::new(ErrorKind::Policy, format!("look for another database in {}", file.display()), error.to_string()).because(error)
    };
    fs::read(placed(file, directory)).map_err(refused)
}

/// The other `.env` files beside one that an application may read too, in the order of their names.
fn beside(file: &Path, directory: Option<&Path>) -> Result<Vec<PathBuf>> {
    let real = placed(file, directory);
    let parent = real.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let refused = |error: std::io::Error| {
        Error::new(ErrorKind::Policy, format!("look for files beside {}", file.display()), error.to_string()).because(error)
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(parent).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_read = name.strip_prefix(".env").is_some_and(|rest| {
            (rest.is_empty() || rest.starts_with('.'))
                && !rest.split(['.', '-', '_', '~']).any(|word| UNREAD.contains(&word.to_lowercase().as_str()))
        });
        if is_read && !name.ends_with('~') && entry.path().is_file() && Some(name.as_ref()) != file.file_name() {
            names.push(file.with_file_name(name));
        }
    }
    names.sort();
    Ok(names)
}

/// The line of a key in the file as it is, where the switch may move it.
fn line_now(change: &FileChange, found: &Override) -> Option<usize> {
    let of_key = |bytes: &[u8]| -> Vec<usize> {
        let lines = assignments(bytes).into_iter().filter(|one| one.key == found.key);
        lines.map(|one| line_of(bytes, one.whole.start)).collect()
    };
    let number = of_key(&change.becomes).iter().position(|line| *line == found.line)?;
    of_key(&change.now.bytes).get(number).copied()
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].split(|byte| *byte == b'\n').count()
}

fn of_dotenv(file: &Path, bytes: &[u8], wanted: &[(String, Option<String>)]) -> Vec<Override> {
    let each = assignments(bytes).into_iter().filter_map(|one| {
        let value = String::from_utf8_lossy(&one.read(bytes)).into_owned();
        let line = line_of(bytes, one.whole.start);
        let to = pointing(&one.key, &value, wanted)?;
        Some(Override { file: file.to_owned(), line, key: one.key, to })
    });
    each.collect()
}

/// Looks at each `KEY=value`, `KEY: value` and `${KEY:-value}` of a file of whatever kind.
fn of_script(file: &Path, text: &str, wanted: &[(String, Option<String>)]) -> Vec<Override> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        for (at, _) in line.match_indices(['=', ':']) {
            let before = line[..at].trim_end().trim_end_matches(['"', '\'']);
            let start = before.rfind(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').map_or(0, |at| at + 1);
            let key = &before[start..];
            // A variable of the environment is written in capitals everywhere.
            let is_variable =
                key.starts_with(|first: char| first.is_ascii_uppercase()) && !key.contains(|letter: char| letter.is_ascii_lowercase());
            let behind = &line[at + 1..];
            if !is_variable || behind.starts_with("//") {
                continue;
            }
            // A default counts only where nobody says otherwise; the switch does.
            let is_default = before[..start].ends_with("${") && behind.starts_with('-');
            if let Some(to) = pointing(key, value_of(behind), if is_default { &[] } else { wanted }) {
                found.push(Override { file: file.to_owned(), line: index + 1, key: key.to_owned(), to });
            }
        }
    }
    found
}

/// The value that a line gives, behind its `=` or `:`.
fn value_of(behind: &str) -> &str {
    let behind = behind.trim_start().trim_start_matches(['-', '=']);
    match behind.chars().next() {
        Some(quote @ ('"' | '\'')) => behind[1..].split(quote).next().unwrap_or_default(),
        Some(_) | None => behind.split([' ', '\t', '}', ';', ',', '"', '\'', '|', '&']).next().unwrap_or_default(),
    }
}

fn pointing(key: &str, value: &str, wanted: &[(String, Option<String>)]) -> Option<Pointing> {
    if names_sqlite(value) {
        return Some(Pointing::Sqlite);
    }
    let is_off = ["", "0", "false", "no", "off", "none", "null", "disabled"].contains(&value.to_ascii_lowercase().as_str());
    let is_reference = value.contains('$');
    if key.to_ascii_uppercase().contains("SQLITE") && !is_off && !is_reference {
        return Some(Pointing::Fallback);
    }
    let (_, wish) = wanted.iter().find(|(wanted, _)| wanted == key)?;
    (wish.as_deref() != Some(value) && !is_reference && !value.is_empty()).then_some(Pointing::Elsewhere)
}

/// Whether a value names a SQLite database: by its scheme, the driver's name or the file's.
fn names_sqlite(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let path = value.split(['?', '#']).next().unwrap_or_default();
    let is_other = path.split_once("://").is_some_and(|(scheme, _)| !scheme.contains("sqlite") && scheme != "file");
    let ends = [".sqlite", ".sqlite3", ".db", ".db3", ".s3db"].iter().any(|end| path.ends_with(end));
    !is_other && (value.contains("sqlite") || ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String, Pointing)> {
        let wanted = [("DB_CONNECTION".to_owned(), Some("pgsql".to_owned())), ("DB_FOREIGN_KEYS".to_owned(), None)];
        of_script(Path::new("x"), text, &wanted).into_iter().map(|one| (one.line, one.key, one.to)).collect()
    }

    #[test]
    fn what_points_elsewhere_is_found() {
        use Pointing::{Elsewhere, Fallback, Sqlite};
        for (line, key, to) in [
            ("      - DB_CONNECTION=sqlite", "DB_CONNECTION", Sqlite),
            ("      DB_CONNECTION: \"sqlite\"", "DB_CONNECTION", Sqlite),
            ("export DATABASE_URL=sqlite:///data/ward.db", "DATABASE_URL", Sqlite),
            ("export DATABASE_URL=${DATABASE_URL:-sqlite:///data/ward.db}", "DATABASE_URL", Sqlite),
            ("sed -i 's/DB_CONNECTION=.*/DB_CONNECTION=sqlite/' .env", "DB_CONNECTION", Sqlite),
            ("DB_DATABASE='/var/www/html/database/database.sqlite' php artisan serve", "DB_DATABASE", Sqlite),
            ("{\"env\": {\"DATABASE_PATH\": \"/srv/app.db\"}}", "DATABASE_PATH", Sqlite),
            ("ALLOW_SQLITE_FALLBACK=true", "ALLOW_SQLITE_FALLBACK", Fallback),
            ("DB_CONNECTION=mysql", "DB_CONNECTION", Elsewhere),
            ("DB_FOREIGN_KEYS: true", "DB_FOREIGN_KEYS", Elsewhere),
        ] {
            assert!(found(line).contains(&(1, key.to_owned(), to)), "{line}: {:?}", found(line));
        }
    }

    #[test]
    fn what_agrees_is_left_alone() {
        for line in [
            "DB_CONNECTION=pgsql",
            "DB_CONNECTION: ${DB_CONNECTION}",
            "DB_CONNECTION: ${DB_CONNECTION:-mysql}",
            "# DB_CONNECTION=sqlite",
            "ALLOW_SQLITE_FALLBACK=false",
            "ALLOW_SQLITE_FALLBACK: \"0\"",
            "DATABASE_URL=postgresql://app@db/shop",
            "image: nouchka/sqlite3:latest",
            "MAIL_FROM=a@b.example",
            "URL=https://example.org/x.db",
            "",
        ] {
            assert_eq!(found(line), [], "{line}");
        }
    }
}
