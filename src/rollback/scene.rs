//! Where a course is played: both sides, what people decided, and what the steps of every course have in common.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::journal::{Journal, WorkDirectory};
use crate::mapping::counted;
use crate::notify;
use crate::plan::{Moment, Policy, Side};
use crate::postgres::{ConnectionSettings, Session};
use crate::probe;
use crate::runbook::{Acted, Course, CourseKind, Notice, Record, Road, Watcher};

/// What a course is played with.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The source.
    pub source: &'a Path,
    /// The target.
    pub target: &'a ConnectionSettings,
    /// What people decided.
    pub policy: &'a Policy,
    /// Where the policy stands: relative names in it begin there.
    pub directory: &'a Path,
    /// Where journal, record, kept files and reports are.
    pub work: &'a WorkDirectory,
    /// The journal of this run.
    pub journal: &'a Journal,
    /// Is told.
    pub watcher: &'a dyn Watcher,
    /// Looks a variable of the environment up.
    pub environment: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
}

impl Scene<'_> {
    /// What a walk needs.
    pub fn road(&self, budget: Option<std::time::Duration>) -> Road<'_> {
        Road { directory: self.work.path(), journal: self.journal, watcher: self.watcher, budget }
    }

    /// Where the files that a switch replaces are kept: one place for all courses, so that what a cutover kept a rollback finds.
    pub fn kept(&self) -> PathBuf {
        self.work.path().join("switched")
    }

    /// Runs a hook of the policy.
    pub async fn hook(&self, place: usize, moment: Moment, course: &Course) -> Result<Acted> {
        let hook = self.policy.hooks.get(place).ok_or_else(|| Error::bug("run a hook", "the policy has no such hook"))?;
        let side = match (course.kind, moment) {
            (CourseKind::Cutover, Moment::Prepare | Moment::Stop) | (CourseKind::Rollback, Moment::Restored | Moment::Start) => "source",
            (CourseKind::Cutover, Moment::Loaded | Moment::Start | Moment::Finish | Moment::Restored)
            | (CourseKind::Rollback, Moment::Prepare | Moment::Stop | Moment::Loaded | Moment::Finish) => "target",
        };
        let mut environment: Vec<(String, Option<OsString>)> = vec![
            ("OUTGROW_SIDE".to_owned(), Some(side.into())),
            ("OUTGROW_SOURCE".to_owned(), Some(self.source.into())),
            ("OUTGROW_COURSE".to_owned(), Some(course.id.clone().into())),
        ];
        if moment == Moment::Loaded {
            // The environment is not switched yet, and the framework's own commands are for the target.
            environment.push(("DATABASE_URL".to_owned(), Some(self.target.url_without_password().into())));
            let variables = self.target.child_environment();
            environment.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        let log = self.work.path().join("hooks.log");
        let given = probe::Given { directory: Some(self.directory), environment, input: None, log: Some(&log) };
        let ended = probe::run(&hook.command, given).await?;
        let detail = json!({ "command": hook.command.words, "exit-code": ended.exit_code, "timed-out": ended.timed_out });
        let program = hook.command.words.first().map_or("", String::as_str);
        if ended.is_success() {
            return Ok(Acted::done(format!("{program} ended well"), detail));
        }
        let what = format!("{program} {}; what it wrote stands at the end of {}", ended.ending(), log.display());
        Ok(Acted::ended(Outcome::Blocked, what, detail))
    }

    /// Asks the smoke tests of a side.
    pub async fn smoke(&self, side: Side) -> Result<Acted> {
        let sides = probe::Sides { source: self.source, target: self.target, directory: self.directory, environment: self.environment };
        let report = probe::smoke(&self.policy.smoke, side, &sides).await;
        let failed = report.answers.iter().filter(|answer| !answer.passed).count();
        let all = counted(u64::try_from(report.answers.len()).unwrap_or(u64::MAX), "smoke test");
        let detail = value(&report)?;
        let answered_at = report.answered_at;
        let acted = if failed == 0 {
            Acted::done(format!("{all} passed"), detail)
        } else {
            let first = report.answers.iter().find(|answer| !answer.passed).map(|answer| format!("{}: {}", answer.name, answer.what));
            Acted::ended(Outcome::Blocked, format!("{failed} of {all} failed; {}", first.unwrap_or_default()), detail)
        };
        Ok(Acted { answered_at, ..acted })
    }

    /// Measures what the policy wants measured.
    pub async fn measure(&self, side: Side) -> Result<Acted> {
        let sides = probe::Sides { source: self.source, target: self.target, directory: self.directory, environment: self.environment };
        let measured = probe::measure(&self.policy.baseline, side, &sides).await;
        Ok(Acted::done("measured", value(&measured)?))
    }

    /// Tells people. A channel that fails is named and stops nothing.
    pub async fn tell(&self, notice: Notice, record: &Record) -> Result<Acted> {
        let deliveries = notify::send(self.notice(notice), &self.facts(record), &self.office()).await;
        let failed: Vec<&str> = deliveries.iter().filter(|delivery| !delivery.ok).map(|delivery| delivery.channel.as_str()).collect();
        let what = match (deliveries.len(), failed.len()) {
            (0, _) => "the policy names no channel".to_owned(),
            (all, 0) => counted(u64::try_from(all).unwrap_or(u64::MAX), "channel"),
            (all, _) => format!("{} of {all} channels took it not: {}", failed.len(), failed.join(", ")),
        };
        Ok(Acted::done(what, value(&deliveries)?))
    }
}

/// Evidence as JSON.
pub(super) fn value(evidence: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(evidence).map_err(|error| Error::bug("keep the evidence of a step", error.to_string()))
}
