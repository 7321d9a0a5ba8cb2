//! What a switch changes, without changing it.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::dotenv::{Wish, assignments, edited, is_delicate};
use super::file::{self, FileNow};
use super::setting::{self, HIDDEN, Setting, settings};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{CommandSwitch, FileSwitch, Switch, SwitchPolicy};
use crate::probe::{Given, Sides, run};

/// One change, as reports show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The file as the policy names it, or the program that is run.
    pub place: String,
    /// `-` and `+` lines, with an ellipsis in the place of each secret. None for a command.
    pub lines: Vec<String>,
    /// Whether nothing is left to change.
    pub is_done: bool,
    /// What the operator should know.
    pub notes: Vec<String>,
    /// What the command that shows the change wrote. It may hold anything, and goes into no report.
    #[serde(skip)]
    pub shown: Option<String>,
}

/// What each switch would change now.
pub async fn plan(switches: &[SwitchPolicy], sides: &Sides<'_>) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for switch in switches {
        changes.push(match &switch.what {
            Switch::File(switch) => FileChange::of(switch, sides)?.change,
            Switch::Command(switch) => command_change(switch, sides).await?,
        });
    }
    Ok(changes)
}

/// A change of a file, with what it takes to make it.
pub(super) struct FileChange {
    pub(super) now: FileNow,
    pub(super) becomes: Vec<u8>,
    pub(super) change: Change,
}

impl FileChange {
    pub(super) fn of(switch: &FileSwitch, sides: &Sides<'_>) -> Result<Self> {
        let now = file::read(&file::placed(&switch.file, sides.directory))?;
        let settings = settings(switch, sides)?;
        let wishes: Vec<Wish<'_>> = settings.iter().map(wish).collect();
        let becomes = edited(&now.bytes, &wishes).ok_or_else(|| {
            let detail = "some of its quotes are not closed, so that its other keys would be read differently; nothing was changed";
            Error::new(ErrorKind::Usage, format!("switch {}", switch.file.display()), detail)
                .hint("close them, and run the same command again")
        })?;
        let mut notes = notes(&now, &settings);
        if setting::lacks_password(switch, sides) {
            notes.push("the connection has no password, so that none is written".to_owned());
        }
        let change = Change {
            place: switch.file.display().to_string(),
            lines: lines(&now.bytes, &settings),
            is_done: becomes == now.bytes,
            notes,
            shown: None,
        };
        Ok(Self { now, becomes, change })
    }
}

fn wish(setting: &Setting) -> Wish<'_> {
    Wish { key: &setting.key, value: setting.value.as_ref().map(ExposeSecret::expose_secret) }
}

/// What is to be known of a file before it is changed.
fn notes(now: &FileNow, settings: &[Setting]) -> Vec<String> {
    let mut notes = Vec::new();
    let found = assignments(&now.bytes);
    for setting in settings {
        let times = found.iter().filter(|one| one.key == setting.key).count();
        if times > 1 {
            let what = if setting.value.is_some() { "are set" } else { "go" };
            notes.push(format!("{} stands there {times} times; all of them {what}", setting.key));
        }
        if setting.value.as_ref().is_some_and(|value| is_delicate(value.expose_secret())) {
            notes.push(format!(
                "the value of {} has signs that loaders of such files read differently ($, quotes, backslashes): a smoke test shows whether yours does",
                setting.key
            ));
        }
    }
    if now.links > 1 {
        notes.push("the file goes by several names; the others keep the old content".to_owned());
    }
    if now.is_open_to_all() && settings.iter().any(|setting| setting.shown.contains(HIDDEN)) {
        notes.push("every account of this machine may read the file, and a secret will stand in it: `chmod o-r` mends that".to_owned());
    }
    notes
}

/// The difference, without secrets.
fn lines(bytes: &[u8], settings: &[Setting]) -> Vec<String> {
    let found = assignments(bytes);
    let mut lines = Vec::new();
    for setting in settings {
        let is = found.iter().filter(|one| one.key == setting.key).map(|one| one.read(bytes));
        let is: Vec<Vec<u8>> = is.collect();
        let wanted = setting.value.as_ref().map(ExposeSecret::expose_secret);
        let wrong: Vec<&Vec<u8>> = is.iter().filter(|is| wanted.is_none_or(|wanted| wanted.as_bytes() != is.as_slice())).collect();
        for old in &wrong {
            let old = String::from_utf8_lossy(old);
            let shown = if setting.is_secret && !old.is_empty() { HIDDEN.to_owned() } else { setting::shown(&setting.key, &old) };
            lines.push(format!("-{}={shown}", setting.key));
        }
        if wanted.is_some() && (is.is_empty() || !wrong.is_empty()) {
            lines.push(format!("+{}={}", setting.key, setting.shown));
        }
    }
    lines
}

async fn command_change(switch: &CommandSwitch, sides: &Sides<'_>) -> Result<Change> {
    let mut change = Change { place: program(&switch.run.words), lines: Vec::new(), is_done: false, notes: Vec::new(), shown: None };
    if let Some(show) = &switch.show {
        let ended = run(show, Given { directory: sides.directory, environment: sides.environment(), ..Given::default() }).await?;
        if !ended.is_success() {
            change.notes.push(format!("the command that shows the change {}", ended.ending()));
        }
        change.shown = Some(ended.output);
    }
    Ok(change)
}

/// What a command is called in reports: its program. Its arguments may hold anything.
pub(super) fn program(words: &[String]) -> String {
    words.first().map(|program| PathBuf::from(program).display().to_string()).unwrap_or_default()
}
