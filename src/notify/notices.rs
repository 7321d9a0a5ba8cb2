//! The notices of a policy, ready to be sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Serialize;

use super::channel::Outlet;
use super::facts::Facts;
use super::letter::{Letter, Writing};
use super::templates::Templates;
use crate::error::{Error, Result};
use crate::journal::{EventKind, Journal};
use crate::plan::{Channel, Notice, NoticesPolicy};

/// Where variables of the environment are asked for.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The notices of a policy, with templates and secrets at hand. A clone is the same one.
#[derive(Debug, Clone)]
pub struct Notices(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    policy: NoticesPolicy,
    directory: PathBuf,
    templates: Templates,
    channels: Vec<(Channel, std::result::Result<Outlet, String>)>,
}

/// Something that would keep a notice from being sent as it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Problem {
    /// The channel; none where it is a template.
    pub channel: Option<String>,
    /// What is wrong.
    pub why: String,
}

/// What would go to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Preview {
    /// The channel.
    pub channel: String,
    /// `webhook`, `email`, `command` or `file`.
    pub kind: String,
    /// Exactly what it would get.
    pub letter: Letter,
}

/// What became of a notice on a channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Delivery {
    /// The channel.
    pub channel: String,
    /// `webhook`, `email`, `command` or `file`.
    pub kind: String,
    /// Whether it was taken.
    pub ok: bool,
    /// How long that took.
    pub seconds: f64,
    /// Why it was not taken.
    pub why: Option<String>,
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sent {
    /// Its name; `test` for a test.
    pub notice: String,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Its subject.
    pub subject: String,
    /// Why the user's template was not used and ours was sent.
    pub fallback: Option<String>,
    /// What became of it on each channel that it is for, in the order of the policy.
    pub deliveries: Vec<Delivery>,
}

impl Sent {
    /// Whether every channel that it is for has taken it.
    pub fn is_delivered(&self) -> bool {
        self.deliveries.iter().all(|delivery| delivery.ok)
    }

    /// Notes it in the journal.
    pub fn note(&self, journal: &Journal) -> Result<()> {
        let detail = serde_json::to_value(self).map_err(|error| Error::bug("note a notice", error.to_string()))?;
        let seconds = self.deliveries.iter().map(|delivery| delivery.seconds).fold(0.0, f64::max);
        journal.note(&format!("notice:{}", self.notice), EventKind::Evidence, Some(seconds), &detail)
    }
}

/// A notice that is on its way. Dropping it does not stop it.
#[derive(Debug)]
pub struct Posted(tokio::task::JoinHandle<Sent>);

impl Posted {
    /// Waits until every channel has taken it or was given up; none where the program is about to end.
    pub async fn sent(self) -> Option<Sent> {
        self.0.await.ok()
    }
}

impl Notices {
    /// Reads the templates, and takes the secrets that the policy names. `directory` is the policy's. What is missing is a
    /// [`Problem`], and never an error: a move does not fail for it.
    pub fn new(policy: &NoticesPolicy, directory: &Path, environment: Environment<'_>) -> Self {
        let templates = Templates::read(policy.templates.as_ref().map(|own| directory.join(own)).as_deref());
        let channels = policy.channels.iter().map(|channel| (channel.clone(), Outlet::of(channel, directory, environment))).collect();
        Self(Arc::new(Inner { policy: policy.clone(), directory: directory.to_owned(), templates, channels }))
    }

    /// What the policy says.
    pub fn policy(&self) -> &NoticesPolicy {
        &self.0.policy
    }

    /// What would keep a notice from being sent as it should: known before it is needed.
    pub fn problems(&self) -> Vec<Problem> {
        let of_templates = self.0.templates.problems.iter().map(|why| Problem { channel: None, why: why.clone() });
        let of_channels = self.0.channels.iter().filter_map(|(channel, outlet)| {
            let why = outlet.as_ref().err()?.clone();
            Some(Problem { channel: Some(channel.name.clone()), why })
        });
        of_templates.chain(of_channels).collect()
    }

    /// Exactly what would go to which channel, and why it is not the user's template where it should be.
    pub fn preview(&self, notice: Notice, facts: &Facts) -> Result<(Vec<Preview>, Option<String>)> {
        let mut fallback = None;
        let mut previews = Vec::new();
        for (channel, outlet) in self.0.channels.iter().filter(|(channel, _)| channel.takes(notice)) {
            let writing = outlet.as_ref().map_or(Writing::Plain, Outlet::writing);
            let (letter, fault) = self.letter(notice, facts, writing)?;
            fallback = fallback.or(fault);
            previews.push(Preview { channel: channel.name.clone(), kind: channel.way.name().to_owned(), letter });
        }
        Ok((previews, fallback))
    }

    /// The letter of a notice as it is for people to read, whether or not a channel takes it.
    pub fn read(&self, notice: Notice, facts: &Facts) -> Result<Letter> {
        self.letter(notice, facts, Writing::Plain).map(|(letter, _)| letter)
    }

    fn letter(&self, notice: Notice, facts: &Facts, writing: Writing) -> Result<(Letter, Option<String>)> {
        self.0.templates.letter(&self.0.policy, notice, facts, writing).map_err(|fault| Error::bug("write a notice", fault))
    }

    /// Sends a notice to every channel that it is for, to all at once, and waits for each at most as long as its timeout.
    ///
    /// Never fails: what did not go out is said.
    pub async fn send(&self, notice: Notice, facts: &Facts) -> Sent {
        let now = facts.at.unwrap_or_else(Timestamp::now);
        let facts = Facts { at: Some(now), ..facts.clone() };
        let (subject, fallback) = match self.letter(notice, &facts, Writing::Plain) {
            Ok((letter, fallback)) => (letter.subject, fallback),
            Err(error) => (String::new(), Some(error.detail().to_owned())),
        };
        let letter = |writing| self.letter(notice, &facts, writing).map(|(letter, _)| letter);
        let takes = |channel: &Channel| channel.takes(notice);
        let deliveries = self.deliver(notice.name(), &takes, &letter).await;
        Sent { notice: notice.name().to_owned(), at: now.to_string(), subject, fallback, deliveries }
    }

    /// Sends a notice without waiting for it: where every second counts, a channel that hangs costs none.
    pub fn post(&self, notice: Notice, facts: Facts) -> Posted {
        let notices = self.clone();
        Posted(tokio::spawn(async move { notices.send(notice, &facts).await }))
    }

    /// Sends a letter that says it is a test to every channel.
    pub async fn test(&self) -> Sent {
        let now = Timestamp::now();
        let subject = format!("[test] {}: notices of outgrow", super::facts::harmless(&self.0.policy.application));
        let body = "This is a test. Nothing is moved, and nothing has to be done.\nNotices of the move to PostgreSQL will come this way.";
        let letter = Letter { subject: subject.clone(), body: body.to_owned() };
        let deliveries = self.deliver("test", &|_| true, &|_| Ok(letter.clone())).await;
        Sent { notice: "test".to_owned(), at: now.to_string(), subject, fallback: None, deliveries }
    }

    async fn deliver(
        &self,
        notice: &str,
        takes: &(dyn Fn(&Channel) -> bool + Sync),
        letter: &(dyn Fn(Writing) -> Result<Letter> + Sync),
    ) -> Vec<Delivery> {
        let one = async |(channel, outlet): &(Channel, std::result::Result<Outlet, String>)| {
            let began = Instant::now();
            let result = match outlet {
                Ok(outlet) => match letter(outlet.writing()) {
                    Ok(letter) => outlet.send(channel, &self.0.directory, notice, &letter).await,
                    Err(error) => Err(error.detail().to_owned()),
                },
                Err(missing) => Err(missing.clone()),
            };
            let (name, kind) = (channel.name.clone(), channel.way.name().to_owned());
            let seconds = began.elapsed().as_secs_f64();
            Delivery { channel: name, kind, ok: result.is_ok(), seconds, why: result.err() }
        };
        join_all(self.0.channels.iter().filter(|(channel, _)| takes(channel)).map(one)).await
    }
}
