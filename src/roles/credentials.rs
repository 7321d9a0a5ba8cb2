//! The file that passwords are kept in: libpq's own form, so that PGPASSFILE can name it.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind as IoErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind, Result};

/// The passwords of a file: whole lines, those of others among them.
#[derive(Debug)]
pub(super) struct Credentials {
    file: PathBuf,
    lines: Vec<SecretString>,
}

/// 32 bytes that nobody can guess, in letters that need no quotes anywhere.
pub(super) fn new_password() -> Result<SecretString> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::new(ErrorKind::WorkDirectory, "make a password", error.to_string()))?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
}

impl Credentials {
    /// Reads the file, where it is there.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == IoErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(file, error)),
        };
        let lines = text.lines().map(SecretString::from).collect();
        Ok(Self { file: file.to_owned(), lines })
    }

    /// The password of a role for this database.
    pub(super) fn password(&self, host: &str, port: u16, database: &str, role: &str) -> Option<SecretString> {
        let ours = |line: &SecretString| {
            let (its_host, its_port, its_database, its_role, password) = fields(line.expose_secret())?;
            let is_same = its_host == host && its_port == port.to_string() && its_database == database && its_role == role;
            is_same.then(|| SecretString::from(password))
        };
        self.lines.iter().find_map(ours)
    }

    /// Keeps a password in place of the one that the role had for this database.
    pub(super) fn keep(&mut self, host: &str, port: u16, database: &str, role: &str, password: &SecretString) -> Result<()> {
        let is_same = |line: &SecretString| {
            let found = fields(line.expose_secret());
            found.is_some_and(|(its_host, its_port, its_database, its_role, _)| {
                its_host == host && its_port == port.to_string() && its_database == database && its_role == role
            })
        };
        self.lines.retain(|line| !is_same(line));
        let line = [host, &port.to_string(), database, role, password.expose_secret()].map(escaped).join(":");
        self.lines.push(SecretString::from(line));
        self.write().map_err(|error| failed(&self.file, error))
    }

    /// Writes beside the place and renames, so that a kill leaves the old file or the new one.
    fn write(&self) -> std::io::Result<()> {
        let mut beside = self.file.clone().into_os_string();
        beside.push(".partial");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != IoErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        for line in &self.lines {
            file.write_all(line.expose_secret().as_bytes())?;
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        fs::rename(&beside, &self.file)
    }
}

fn failed(file: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, format!("keep passwords in {}", file.display()), error.kind().to_string()).because(error)
}

/// `:` and `\` have a meaning of their own there.
fn escaped(field: &str) -> String {
    field.replace('\\', "\\\\").replace(':', "\\:")
}

/// The host, the port, the database, the role and the password of a line.
fn fields(line: &str) -> Option<(String, String, String, String, String)> {
    if line.starts_with('#') {
        return None;
    }
    let mut all = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ':' => all.push(String::new()),
            '\\' => all.last_mut()?.extend(letters.next()),
            other => all.last_mut()?.push(other),
        }
    }
    let [host, port, database, role, password] = <[String; 5]>::try_from(all).ok()?;
    Some((host, port, database, role, password))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn passwords_come_back_and_other_lines_stay() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("passwords");
        fs::write(&file, "# mine\nelse:5432:db:me:secret\n").unwrap();
        let mut credentials = Credentials::read(&file).unwrap();
        let (one, other) = (new_password().unwrap(), new_password().unwrap());
        assert_eq!(one.expose_secret().len(), 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
        credentials.keep("::1", 5432, "a\\b", "app", &one).unwrap();
        credentials.keep("::1", 5432, "a\\b", "app", &other).unwrap();
        let read = Credentials::read(&file).unwrap();
        assert_eq!(read.password("::1", 5432, "a\\b", "app").unwrap().expose_secret(), other.expose_secret());
        assert!(read.password("::1", 5433, "a\\b", "app").is_none());
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# mine\nelse:5432:db:me:secret\n\\:\\:1:5432:a\\\\b:app:") && text.lines().count() == 3, "{text}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!format!("{read:?}").contains(other.expose_secret()));
    }
}
