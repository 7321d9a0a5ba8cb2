//! Puts a question, as often as the policy allows, and judges the answer.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::http::HttpLine;
use super::sides::Sides;
use super::sql::SqlLine;
use super::{Given, run};
use crate::plan::{Probe, Question, RunQuestion};

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What the probe is called.
    pub name: String,
    /// Whether the answer is the right one.
    pub passed: bool,
    /// How often it was asked.
    pub attempts: u32,
    /// How long the last answer took.
    pub seconds: f64,
    /// What came back, or what is wrong with it; never what it holds.
    pub what: String,
    /// When it came.
    pub at: Timestamp,
}

/// Asks until the answer is right, at most as often as the probe says, with its pause between.
///
/// Whatever hinders the question is its answer: a smoke test that can't be made has failed.
pub async fn ask(probe: &Probe, sides: &Sides<'_>) -> Answer {
    let mut line = Line::new(probe, sides);
    let mut attempts = 0;
    loop {
        let once = judged(line.ask(probe, sides).await, probe.within.map(|within| within.0));
        attempts += 1;
        let (passed, what) = match once.said {
            Ok(what) => (true, what),
            Err(what) => (false, what),
        };
        if passed || attempts >= probe.attempts {
            return Answer { name: probe.name.clone(), passed, attempts, seconds: to_millionths(once.seconds), what, at: Timestamp::now() };
        }
        tokio::time::sleep(probe.pause.0).await;
    }
}

/// What came of asking once: what is right, or what is wrong.
pub(super) struct Once {
    pub(super) seconds: f64,
    pub(super) said: Result<String, String>,
}

impl Once {
    pub(super) fn failed(what: impl Into<String>) -> Self {
        Self { seconds: 0.0, said: Err(what.into()) }
    }
}

/// What is kept between one attempt and the next.
pub(super) enum Line {
    Http(HttpLine),
    Sql(Box<SqlLine>),
    Run,
    /// It can't be asked at all.
    None(String),
}

impl Line {
    pub(super) fn new(probe: &Probe, sides: &Sides<'_>) -> Self {
        match &probe.question {
            Question::Http(question) => HttpLine::new(question, sides).map_or_else(Self::None, Self::Http),
            Question::Sql(_) => Self::Sql(Box::default()),
            Question::Run(_) => Self::Run,
        }
    }

    pub(super) async fn ask(&mut self, probe: &Probe, sides: &Sides<'_>) -> Once {
        match (self, &probe.question) {
            (Self::Http(line), _) => line.ask().await,
            (Self::Sql(line), Question::Sql(question)) => line.ask(question, sides).await,
            (Self::Run, Question::Run(question)) => command(question, sides).await,
            (Self::None(why), _) => Once::failed(why.clone()),
            (Self::Sql(_) | Self::Run, Question::Http(_) | Question::Sql(_) | Question::Run(_)) => {
                Once::failed("another question was meant")
            }
        }
    }
}

/// Asks by a command.
async fn command(question: &RunQuestion, sides: &Sides<'_>) -> Once {
    let given = Given { directory: sides.directory, environment: sides.environment(), ..Given::default() };
    let ended = match run(&question.command, given).await {
        Ok(ended) => ended,
        Err(error) => return Once::failed(error.to_string()),
    };
    let said = if ended.exit_code != Some(question.exit) {
        Err(format!("it {}, wanted {}", ended.ending(), question.exit))
    } else if question.text.as_ref().is_some_and(|text| !ended.output.contains(text)) {
        Err("what it wrote does not contain the text that the policy wants".to_owned())
    } else {
        Ok(ended.ending())
    };
    Once { seconds: ended.seconds, said }
}

/// The same, wrong where it came too late.
fn judged(once: Once, within: Option<Duration>) -> Once {
    let Some(within) = within else { return once };
    if once.said.is_err() || once.seconds <= within.as_secs_f64() {
        return once;
    }
    let what = format!("the answer took {}, at most {} are allowed", milliseconds(once.seconds), milliseconds(within.as_secs_f64()));
    Once { said: Err(what), ..once }
}

/// To the sixth digit: more is no knowledge, and shorter numbers are read back as they were written.
pub(super) fn to_millionths(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// A time as reports have it.
pub(super) fn milliseconds(seconds: f64) -> String {
    let milliseconds = seconds * 1000.0;
    if milliseconds < 10.0 { format!("{milliseconds:.1} ms") } else { format!("{milliseconds:.0} ms") }
}
