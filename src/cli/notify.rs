//! `outgrow notify`.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::args::NotifyArgs;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, counted, duration};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::journal::{Journal, WorkDirectory};
use crate::notify::{Facts, Notice, Notices, Preview, Problem, Sent};
use crate::plan::moment;

/// What `notify --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    notice: &'a str,
    previews: &'a [Preview],
    fallback: Option<&'a str>,
    problems: &'a [Problem],
    sent: Option<&'a Sent>,
}

pub(super) async fn run(args: &NotifyArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let policy = settings.policy()?.notices;
    if policy.channels.is_empty() {
        return Err(Error::new(ErrorKind::Policy, "find the channels", "the policy names no channel of notices")
            .hint("name one in outgrow.toml: [[notices.channel]] with name, kind and where to"));
    }
    let notices = Notices::new(&policy, settings.policy_directory(), &|name| settings.variable(name));
    let Some(notice) = args.notice.filter(|_| !args.test) else {
        return sent(&notices.test().await, &notices, settings, screen);
    };
    if notice.is_announcement() && policy.window.start.is_none() {
        let detail = format!("the notice {} says when the move begins, and the policy does not", notice.name());
        return Err(Error::new(ErrorKind::Policy, "write the notice", detail)
            .hint("name it under [notices.window]: start = \"2026-03-01T22:00:00+04:00\""));
    }
    let facts = facts(args)?;
    if args.preview {
        return preview(notice, &facts, &notices, screen);
    }
    sent(&notices.send(notice, &facts).await, &notices, settings, screen)
}

fn facts(args: &NotifyArgs) -> Result<Facts> {
    let at = |text: &String| -> Result<Timestamp> {
        moment(text).map(|moment| moment.timestamp()).map_err(|detail| Error::new(ErrorKind::Usage, "read --at", detail))
    };
    Ok(Facts {
        at: args.at.as_ref().map(at).transpose()?,
        state: args.state.clone(),
        reason: args.reason.clone(),
        details: args.details.clone(),
        report: args.report.clone(),
        ..Facts::default()
    })
}

fn preview(notice: Notice, facts: &Facts, notices: &Notices, screen: &Screen) -> Result<Outcome> {
    let (previews, fallback) = notices.preview(notice, facts)?;
    let problems = notices.problems();
    if screen.is_json() {
        let fallback = fallback.as_deref();
        screen.document(&Document { notice: notice.name(), previews: &previews, fallback, problems: &problems, sent: None })?;
    }
    for preview in &previews {
        screen.line(format!("{} · {}\n", clean(&preview.channel), preview.kind));
        for line in preview.letter.text().lines() {
            screen.line(if line.is_empty() { String::new() } else { format!("  {}", clean(line)) });
        }
        screen.line(String::new());
    }
    if previews.is_empty() {
        screen.line(format!("{} goes to no channel: each of them names others under `only`", notice.name()));
    }
    tell(&problems, fallback.as_deref(), screen);
    Ok(if problems.is_empty() && fallback.is_none() { Outcome::Done } else { Outcome::Blocked })
}

fn sent(sent: &Sent, notices: &Notices, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    noted(sent, &settings.work_dir, screen);
    let problems = notices.problems();
    if screen.is_json() {
        let fallback = sent.fallback.as_deref();
        screen.document(&Document { notice: &sent.notice, previews: &[], fallback, problems: &problems, sent: Some(sent) })?;
    }
    screen.line(clean(&sent.subject));
    for delivery in &sent.deliveries {
        let result = delivery.why.as_deref().map_or_else(|| "delivered".to_owned(), |why| format!("NOT delivered: {}", clean(why)));
        screen.line(format!("  {:<20} {:<8} {:>8}  {result}", clean(&delivery.channel), delivery.kind, duration(delivery.seconds)));
    }
    if sent.deliveries.is_empty() {
        screen.line(format!("{} goes to no channel: each of them names others under `only`", sent.notice));
    }
    let of_templates: Vec<Problem> = problems.into_iter().filter(|problem| problem.channel.is_none()).collect();
    tell(&of_templates, sent.fallback.as_deref(), screen);
    Ok(if sent.is_delivered() { Outcome::Done } else { Outcome::Blocked })
}

fn tell(problems: &[Problem], fallback: Option<&str>, screen: &Screen) {
    if let Some(fallback) = fallback {
        screen.line(format!("outgrow's own template is used in place of yours: {}", clean(fallback)));
    }
    if !problems.is_empty() {
        screen.line(format!("{} to mend:", counted(u64::try_from(problems.len()).unwrap_or(u64::MAX), "thing")));
    }
    for problem in problems {
        let channel = problem.channel.as_deref().map(|name| format!("{}: ", clean(name))).unwrap_or_default();
        screen.line(format!("  {channel}{}", clean(&problem.why)));
    }
}

/// Notes in the journal what was sent. That it can't be noted is no reason not to have sent it.
fn noted(sent: &Sent, directory: &Path, screen: &Screen) {
    let note = || -> Result<()> {
        let directory = WorkDirectory::hold(directory)?;
        let journal = Journal::begin(
            &directory,
            "notify",
            &sent.notice,
            &counted(u64::try_from(sent.deliveries.len()).unwrap_or(u64::MAX), "channel"),
        )?;
        sent.note(&journal)?;
        journal.end(if sent.is_delivered() { Outcome::Done } else { Outcome::Blocked })
    };
    if let Err(error) = note() {
        screen.remark(&format!("not noted in the journal: {}", error.detail()));
    }
}
