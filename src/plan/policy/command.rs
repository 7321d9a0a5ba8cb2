//! Commands of the user's, and the moments of a move at which they are run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::period::Period;
use crate::error::{Error, ErrorKind, Result};

/// What a hook may take where nothing is said.
const USUAL: Period = Period::seconds(300);

/// A command: a program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments, as they are; never empty. A text for a shell stands here as that shell's argument.
    pub words: Vec<String>,
    /// After which time it is ended, with all that it started.
    pub timeout: Period,
    /// Where it is run, from the policy's directory; that directory itself where none is said.
    pub directory: Option<PathBuf>,
    /// Variables that it gets besides those of outgrow's own environment.
    pub environment: BTreeMap<String, String>,
}

/// What is run, as it stands in the policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Run {
    /// A program and its arguments.
    Words(Vec<String>),
    /// A text that a shell takes apart.
    Text(String),
}

impl Run {
    /// The words of a command. `what` names its place in the policy.
    pub(super) fn words(self, shell: Option<String>, what: &str) -> Result<Vec<String>> {
        let refused = |detail: &str| Err(Error::new(ErrorKind::Policy, "read the policy", format!("{what}: {detail}")));
        match (self, shell) {
            (Self::Words(words), None) if words.first().is_some_and(|program| !program.is_empty()) => Ok(words),
            (Self::Words(_), None) => refused("`run` names no program"),
            (Self::Words(_), Some(_)) => refused("a shell takes one text: write `run` as a string, or leave `shell` away"),
            (Self::Text(text), Some(shell)) if !text.trim().is_empty() => Ok(vec![shell, "-c".to_owned(), text]),
            (Self::Text(_), Some(_)) => refused("`run` is empty"),
            (Self::Text(_), None) => refused("a text needs a shell: write `run` as a list of words, or name one: shell = \"sh\""),
        }
    }
}

/// A moment of a cutover or a rollback at which hooks are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Before anything is stopped: jobs are paused, a page says what comes.
    Prepare,
    /// The application is to stop, whichever side it is on.
    Stop,
    /// The target is loaded and compared, and the application is still stopped: the framework's own commands.
    Loaded,
    /// The environment is switched, and the application is to start, whichever side it is to be on.
    Start,
    /// The move is made, the smoke tests have passed.
    Finish,
    /// The source is to be used again, and the application is still stopped.
    Restored,
}

/// A command that is run at a moment of a cutover or a rollback.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "HookKeys")]
pub struct Hook {
    /// When.
    pub at: Moment,
    /// What.
    pub command: Command,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct HookKeys {
    at: Moment,
    run: Run,
    shell: Option<String>,
    timeout: Option<Period>,
    directory: Option<PathBuf>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
}

impl TryFrom<HookKeys> for Hook {
    type Error = String;

    fn try_from(keys: HookKeys) -> std::result::Result<Self, String> {
        let words = keys.run.words(keys.shell, "[[hook]]").map_err(|error| error.detail().to_owned())?;
        let timeout = keys.timeout.unwrap_or(USUAL);
        Ok(Self { at: keys.at, command: Command { words, timeout, directory: keys.directory, environment: keys.environment } })
    }
}
