//! Where a course is played: both sides, what people decided, and what the steps of every course have in common.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Error, Outcome, Result};
use crate::journal::{Journal, WorkDirectory};
use crate::mapping::counted;
use crate::notify::{Facts, Notices};
use crate::plan::{Moment, Notice, Policy, Side};
use crate::postgres::ConnectionSettings;
use crate::probe::{self, Sides};
use crate::runbook::{Acted, Course, CourseKind, Record, Road, Watcher};

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
    /// Tells people.
    pub notices: &'a Notices,
    /// Looks a variable of the environment up.
    pub variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

impl Scene<'_> {
    /// What a walk needs.
    pub fn road(&self, budget: Option<Duration>) -> Road<'_> {
        Road { directory: self.work.path(), journal: self.journal, watcher: self.watcher, budget }
    }

    /// Where the files that a switch replaces are kept: one place for all courses, so that what a cutover kept a rollback finds.
    pub fn kept(&self) -> PathBuf {
        self.work.path().join("switch")
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

    /// Both sides as questions find them; the target only where the application is on it.
    pub fn sides(&self, side: Side) -> Sides<'_> {
        Sides {
            source: Some(self.source),
            target: (side == Side::Target).then_some(self.target),
            schema: Some(&self.policy.target.schema),
            directory: Some(self.directory),
            ..Sides::new(self.variable)
        }
    }

    /// Asks the smoke tests of a side.
    pub async fn smoke(&self, side: Side) -> Result<Acted> {
        let report = probe::smoke(&self.policy.smoke, &self.sides(side)).await;
        let all = counted(u64::try_from(report.answers.len()).unwrap_or(u64::MAX), "smoke test");
        let failures: Vec<String> = report.failures().map(|answer| format!("{}: {}", answer.name, answer.what)).collect();
        let detail = evidence(&report)?;
        // One that answers at once was up before it was asked.
        let answered_at = report.answers.iter().find(|answer| answer.passed).filter(|answer| answer.attempts > 1).map(|answer| answer.at);
        let acted = match failures.first() {
            None => Acted::done(format!("{all} passed"), detail),
            Some(first) => Acted::ended(Outcome::Blocked, format!("{} of {all} failed; {first}", failures.len()), detail),
        };
        Ok(Acted { answered_at, ..acted })
    }

    /// Measures what the policy wants measured.
    pub async fn measure(&self, side: Side) -> Result<Acted> {
        let measured = probe::measure(&self.policy.baseline, &self.sides(side)).await;
        let probes = counted(u64::try_from(measured.probes.len()).unwrap_or(u64::MAX), "probe");
        Ok(Acted::done(format!("{probes} measured"), evidence(&measured)?))
    }

    /// What is known of the move, for whoever is told.
    pub fn facts(&self, record: &Record) -> Facts {
        let course = record.courses.last();
        let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let state = course.and_then(|course| course.steps.last()).map(|step| step.title.clone());
        let elapsed = course.map(|course| seconds(jiff::Timestamp::now().duration_since(course.began_at).as_secs_f64()));
        Facts {
            source: self.source.file_name().map(|name| name.to_string_lossy().into_owned()),
            target: Some(self.target.describe()),
            state,
            elapsed,
            downtime: course.and_then(Course::downtime).map(seconds),
            reason: course.and_then(|course| course.cause.clone()),
            ..Facts::default()
        }
    }

    /// Tells people. A channel that fails is named and stops nothing.
    pub async fn tell(&self, notice: Notice, record: &Record) -> Result<Acted> {
        let sent = self.notices.send(notice, &self.facts(record)).await;
        sent.note(self.journal)?;
        let failed: Vec<&str> = sent.deliveries.iter().filter(|delivery| !delivery.ok).map(|delivery| delivery.channel.as_str()).collect();
        let what = match (sent.deliveries.len(), failed.len()) {
            (0, _) => "no channel is to be told".to_owned(),
            (all, 0) => format!("{} told", counted(u64::try_from(all).unwrap_or(u64::MAX), "channel")),
            (all, _) => format!("{} of {all} channels did not take it: {}", failed.len(), failed.join(", ")),
        };
        Ok(Acted::done(what, evidence(&sent)?))
    }
}

/// Evidence as JSON.
pub fn evidence(evidence: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(evidence).map_err(|error| Error::bug("keep the evidence of a step", error.to_string()))
}
