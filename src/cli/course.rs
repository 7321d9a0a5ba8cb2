//! What `cutover` and `rollback` show: their steps, as they go and as they would go.

use std::io::{BufRead, IsTerminal};

use serde::Serialize;

use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, duration};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Notice, Policy};
use crate::runbook::{Act, Course, Record, Step, StepRecord, StepState, Watcher};

/// Shows each step as it ends.
pub(super) struct Steps<'a>(pub(super) &'a Screen);

impl Watcher for Steps<'_> {
    fn begins(&self, step: &Step, done: usize, of: usize) {
        if self.0.is_json() {
            self.0.remark(&format!("step {} of {of} begins: {}", done + 1, step.id));
        }
    }

    fn ended(&self, step: &StepRecord) {
        line(step, self.0);
    }

    fn said(&self, text: &str) {
        self.0.remark(text);
    }
}

fn line(step: &StepRecord, screen: &Screen) {
    let mark = if step.state == StepState::Done { ' ' } else { '!' };
    screen.line(format!("{mark} {:<18} {:>9}   {}", clean(&step.id), duration(step.seconds), clean(&step.what)));
}

/// What a step would do, in one line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Foretold {
    /// Its id.
    step: String,
    /// What it would do.
    what: String,
}

/// What the steps would do.
pub(super) fn foretold(steps: &[Step], policy: &Policy) -> Vec<Foretold> {
    steps.iter().map(|step| Foretold { step: step.id.clone(), what: what(step, policy) }).collect()
}

fn what(step: &Step, policy: &Policy) -> String {
    let names = |probes: &[crate::plan::Probe]| probes.iter().map(|probe| probe.name.as_str()).collect::<Vec<_>>().join(", ");
    match &step.act {
        Act::Tell(notice) => {
            let channels = policy.notices.channels.iter().filter(|channel| channel.takes(*notice));
            let names: Vec<&str> = channels.map(|channel| channel.name.as_str()).collect();
            let whom = if names.is_empty() { "nobody: the policy names no channel for it".to_owned() } else { names.join(", ") };
            format!("tell {} to {whom}", Notice::name(*notice))
        }
        Act::Hook(place, _) => {
            let hook = policy.hooks.get(*place);
            let words = hook.map(|hook| hook.command.words.join(" ")).unwrap_or_default();
            let timeout = hook.map_or(0.0, |hook| hook.command.timeout.0.as_secs_f64());
            format!("run {words} (at most {timeout} s)")
        }
        Act::Measure(_) => format!("measure {}", names(&policy.baseline)),
        Act::Smoke(_) => format!("ask {}", names(&policy.smoke)),
        Act::Freeze(_)
        | Act::Backup
        | Act::Migrate
        | Act::Mark
        | Act::Switch
        | Act::FreezeTarget
        | Act::Export
        | Act::Revert
        | Act::Thaw
        | Act::Clear(_) => step.title.clone(),
    }
}

/// Prints them.
pub(super) fn foretell(steps: &[Foretold], screen: &Screen) {
    for step in steps {
        screen.line(format!("  {:<18} {}", clean(&step.step), clean(&step.what)));
    }
}

/// Prints what a switch would change, secrets left out.
pub(super) fn changes(changes: &[crate::switch::Change], screen: &Screen) {
    for change in changes {
        screen.line(format!("\n{}{}", clean(&change.place), if change.is_done { " (as it is to be already)" } else { "" }));
        for line in &change.lines {
            screen.line(format!("  {}", clean(line)));
        }
        for note in &change.notes {
            screen.line(format!("  note: {}", clean(note)));
        }
    }
}

/// Asks for a word to be typed. Without a terminal nobody can be asked.
pub(super) fn confirmed(word: &str, what: &str, settings: &Settings, screen: &Screen) -> Result<bool> {
    if !std::io::stdin().is_terminal() || settings.json {
        let detail = "somebody has to type a word to begin, and there is no terminal to type it at";
        return Err(Error::new(ErrorKind::Usage, what, detail).hint("--yes begins without asking, where the gates say that it may"));
    }
    screen.remark(&format!("type {} and press Enter to {what}; anything else changes nothing", clean(word)));
    let mut typed = String::new();
    let read = std::io::stdin().lock().read_line(&mut typed);
    read.map_err(|error| Error::new(ErrorKind::Usage, what, "the terminal went away").because(error))?;
    Ok(typed.trim() == word)
}

/// Who begins it, where nobody said: the account.
pub(super) fn by(named: Option<&str>, settings: &Settings) -> Option<String> {
    named
        .map(ToOwned::to_owned)
        .or_else(|| settings.variable("SUDO_USER"))
        .or_else(|| settings.variable("USER"))
        .or_else(|| Some(format!("uid {}", rustix::process::getuid().as_raw())))
}

/// What a course ended with, as a document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Document<'a> {
    /// `done`, `failed`, `taken-back`, `not-begun` or `not-finished`.
    ending: &'static str,
    /// The side that the application is on.
    side: crate::plan::Side,
    /// Why it did not come to its end.
    failure: Option<&'a str>,
    /// How long the application took no writes, in seconds.
    downtime_seconds: Option<f64>,
    /// The course, and the one that takes it back.
    courses: &'a [Course],
}

impl<'a> Document<'a> {
    /// Of a course that did not begin.
    pub(super) const fn not_begun(side: crate::plan::Side) -> Self {
        let failure = Some("a gate or whoever was asked kept it from beginning");
        Self { ending: "not-begun", side, failure, downtime_seconds: None, courses: &[] }
    }

    pub(super) fn of(record: &'a Record, ending: &'static str, failure: Option<&'a str>) -> Self {
        let last = record.courses.len();
        let shown = if ending == "taken-back" { 2 } else { 1 };
        let courses = record.courses.get(last.saturating_sub(shown)..).unwrap_or_default();
        let downtime_seconds = record.courses.last().and_then(Course::downtime);
        Self { ending, side: record.side, failure, downtime_seconds, courses }
    }
}
