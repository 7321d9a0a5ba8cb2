//! What tells the application which database is its own, and how that is changed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::command::{Command, Run};
use super::period::Period;

/// How long a command of a switch may take where nothing is said.
const USUAL: Period = Period::seconds(60);

/// Something that is switched, and files that could say otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "SwitchKeys")]
pub struct SwitchPolicy {
    /// What is switched.
    pub what: Switch,
    /// Files that must not point to the source any more: compose files, scripts that start the application.
    pub also: Vec<PathBuf>,
}

/// What is switched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switch {
    /// Keys of a file of environment variables.
    File(FileSwitch),
    /// Whatever a command changes.
    Command(CommandSwitch),
}

/// Keys of a file of environment variables (`.env`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSwitch {
    /// The file, from the policy's directory.
    pub file: PathBuf,
    /// Keys and what they are to be.
    pub set: BTreeMap<String, String>,
    /// Keys that get what the connection to the target says.
    pub from_target: BTreeMap<String, FromTarget>,
    /// Keys whose values are secrets: each names a variable of the environment.
    pub secret: BTreeMap<String, String>,
    /// Keys that go.
    pub remove: Vec<String>,
}

impl FileSwitch {
    /// Every key that the switch sets or removes.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let set = self.set.keys().chain(self.from_target.keys()).chain(self.secret.keys());
        set.chain(&self.remove).map(String::as_str)
    }
}

/// What a key gets of the connection to the target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum FromTarget {
    /// One part, as it is.
    Part(TargetPart),
    /// A text with parts in it; each is written as a URL writes it.
    Text(Vec<TextPiece>),
}

impl FromTarget {
    /// Whether the password stands in it.
    pub fn holds_password(&self) -> bool {
        let is_secret = |part: TargetPart| matches!(part, TargetPart::Password | TargetPart::Url);
        match self {
            Self::Part(part) => is_secret(*part),
            Self::Text(pieces) => pieces.iter().any(|piece| matches!(piece, TextPiece::Part(part) if is_secret(*part))),
        }
    }
}

/// A piece of a text with parts of the connection in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPiece {
    /// As it stands.
    Plain(String),
    /// In its place comes this part.
    Part(TargetPart),
}

/// A part of the connection to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetPart {
    /// The host's name or address, or the directory of the socket.
    Host,
    /// The port.
    Port,
    /// The database.
    Database,
    /// The role.
    User,
    /// Its password.
    Password,
    /// All of it, as `postgresql://…`.
    Url,
    /// How the connection is secured (`sslmode`).
    Sslmode,
}

impl TargetPart {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "host" => Self::Host,
            "port" => Self::Port,
            "database" => Self::Database,
            "user" => Self::User,
            "password" => Self::Password,
            "url" => Self::Url,
            "sslmode" => Self::Sslmode,
            _ => return None,
        })
    }
}

/// The names that a part may be called by.
const PARTS: &str = "host, port, database, user, password, url and sslmode";

impl TryFrom<String> for FromTarget {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.contains('{') {
            return TargetPart::named(&text)
                .map(Self::Part)
                .ok_or_else(|| format!("`{text}` is no part of a connection: there are {PARTS}"));
        }
        let (mut pieces, mut rest) = (Vec::new(), text.as_str());
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or_else(|| format!("a `{{` of `{text}` is not closed"))?;
            let part = TargetPart::named(name).ok_or_else(|| format!("`{{{name}}}` is no part of a connection: there are {PARTS}"))?;
            pieces.extend([TextPiece::Plain(before.to_owned()), TextPiece::Part(part)]);
            rest = behind;
        }
        pieces.push(TextPiece::Plain(rest.to_owned()));
        pieces.retain(|piece| *piece != TextPiece::Plain(String::new()));
        Ok(Self::Text(pieces))
    }
}

/// Commands that switch, and switch back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSwitch {
    /// Switches to the target. Run again, it changes nothing more.
    pub run: Command,
    /// Switches back to the source, also where `run` was never run or not to its end.
    pub revert: Command,
    /// Shows what `run` would change.
    pub show: Option<Command>,
}

/// The keys of a switch as they stand in the policy.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct SwitchKeys {
    file: Option<PathBuf>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    #[serde(default)]
    from_target: BTreeMap<String, FromTarget>,
    #[serde(default)]
    secret: BTreeMap<String, String>,
    #[serde(default)]
    remove: Vec<String>,
    run: Option<Run>,
    revert: Option<Run>,
    show: Option<Run>,
    shell: Option<String>,
    timeout: Option<Period>,
    directory: Option<PathBuf>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    also: Vec<PathBuf>,
}

impl TryFrom<SwitchKeys> for SwitchPolicy {
    type Error = String;

    fn try_from(keys: SwitchKeys) -> Result<Self, String> {
        let has_values = !keys.set.is_empty() || !keys.from_target.is_empty() || !keys.secret.is_empty() || !keys.remove.is_empty();
        let has_run = [keys.run.is_some(), keys.revert.is_some(), keys.show.is_some()].contains(&true);
        let runs_somehow = keys.shell.is_some() || keys.timeout.is_some() || keys.directory.is_some() || !keys.environment.is_empty();
        match keys.file {
            Some(_) if has_run || runs_somehow => Err("a [[switch]] changes a `file` or runs a command, not both".to_owned()),
            Some(file) => {
                let switch = FileSwitch { file, set: keys.set, from_target: keys.from_target, secret: keys.secret, remove: keys.remove };
                checked(&switch)?;
                Ok(Self { what: Switch::File(switch), also: keys.also })
            }
            None if has_values => Err("a [[switch]] with keys to set or to remove names no `file`".to_owned()),
            None => {
                let command = |run: Run| {
                    let words = run.words(keys.shell.clone(), "[[switch]]").map_err(|error| error.detail().to_owned())?;
                    let timeout = keys.timeout.unwrap_or(USUAL);
                    Ok::<_, String>(Command { words, timeout, directory: keys.directory.clone(), environment: keys.environment.clone() })
                };
                let run = keys.run.map(command).transpose()?.ok_or("a [[switch]] has neither `file` nor `run`")?;
                let revert =
                    keys.revert.map(command).transpose()?.ok_or("a [[switch]] with `run` needs `revert`, which is the way back")?;
                let switch = CommandSwitch { run, revert, show: keys.show.map(command).transpose()? };
                Ok(Self { what: Switch::Command(switch), also: keys.also })
            }
        }
    }
}

fn checked(switch: &FileSwitch) -> Result<(), String> {
    let file = switch.file.display();
    let mut seen = std::collections::BTreeSet::new();
    for key in switch.keys() {
        let mut bytes = key.bytes();
        let is_name = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte == b'-');
        if !is_name {
            return Err(format!("`{key}` can't be a key of {file}"));
        }
        if !seen.insert(key) {
            return Err(format!("`{key}` of {file} is named twice in one [[switch]]"));
        }
    }
    if let Some((key, _)) = switch.set.iter().find(|(_, value)| value.contains('\0')) {
        return Err(format!("the value of `{key}` holds a NUL byte, which no environment can hold"));
    }
    if seen.is_empty() { Err(format!("a [[switch]] changes nothing in {file}")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SwitchPolicy, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn files_and_commands_are_switched() {
        let policy = read(
            "file = \".env\"\nset = { DB_CONNECTION = \"pgsql\" }\nremove = [\"DB_FOREIGN_KEYS\"]\nalso = [\"start.sh\"]\n\
             from-target = { DB_HOST = \"host\", URL = \"jdbc:postgresql://{host}:{port}/{database}?x\" }\n",
        )
        .unwrap();
        let Switch::File(file) = &policy.what else { panic!("{policy:?}") };
        assert_eq!(file.from_target["DB_HOST"], FromTarget::Part(TargetPart::Host));
        let FromTarget::Text(pieces) = &file.from_target["URL"] else { panic!("{file:?}") };
        assert_eq!(pieces.len(), 7);
        assert!(!file.from_target["URL"].holds_password());
        assert_eq!(file.keys().collect::<Vec<_>>(), ["DB_CONNECTION", "DB_HOST", "URL", "DB_FOREIGN_KEYS"]);
        let policy = read("run = [\"kubectl\", \"apply\"]\nrevert = \"kubectl rollout undo\"\nshell = \"sh\"").unwrap_err();
        assert!(policy.contains("a shell takes one text"), "{policy}");
        let policy = read("run = [\"kubectl\", \"apply\"]\nrevert = [\"kubectl\", \"undo\"]\ntimeout = \"5s\"").unwrap();
        assert!(matches!(policy.what, Switch::Command(CommandSwitch { run: Command { timeout: Period(_), .. }, show: None, .. })));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, because) in [
            ("", "neither `file` nor `run`"),
            ("file = \".env\"", "changes nothing"),
            ("set = { A = \"b\" }", "names no `file`"),
            ("file = \".env\"\nrun = [\"x\"]", "not both"),
            ("file = \".env\"\nset = { A = \"b\" }\nremove = [\"A\"]", "named twice"),
            ("file = \".env\"\nset = { \"A B\" = \"b\" }", "can't be a key"),
            ("file = \".env\"\nfrom-target = { A = \"hots\" }", "no part of a connection"),
            ("file = \".env\"\nfrom-target = { A = \"{hots}\" }", "no part of a connection"),
            ("file = \".env\"\nfrom-target = { A = \"x{host\" }", "not closed"),
            ("run = [\"x\"]", "way back"),
            ("file = \".env\"\nsets = { A = \"b\" }", "unknown field"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(because), "{text}: {error}");
        }
    }
}
