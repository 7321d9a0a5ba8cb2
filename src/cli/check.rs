//! `outgrow check`.

use std::time::Duration;

use super::args::CheckArgs;
use super::screen::Screen;
use super::settings::Settings;
use crate::error::{Outcome, Result};
use crate::postgres::{CheckOptions, CheckState, check};

pub(super) async fn run(args: &CheckArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let policy = settings.policy()?;
    let target = settings.target(args.target.as_deref())?;
    let options = CheckOptions { schema: policy.target.schema, wait: args.wait.map(Duration::from_secs) };
    let report = check(&target, &options).await?;
    if screen.is_json() {
        screen.document(&report)?;
    } else {
        screen.line(format!("{} · schema {}", report.target, report.schema));
        for item in &report.items {
            let mark = match item.state {
                CheckState::Ok => "ok",
                CheckState::Unknown => "unknown",
                CheckState::Warning => "warning",
                CheckState::Failed => "FAILED",
            };
            screen.line(format!("  {mark:<8} {:<20} {}", item.id, item.meaning));
        }
        for note in &report.notes {
            screen.line(format!("  note     {note}"));
        }
    }
    Ok(match report.worst() {
        CheckState::Failed => Outcome::Blocked,
        CheckState::Ok | CheckState::Unknown | CheckState::Warning => Outcome::Done,
    })
}
