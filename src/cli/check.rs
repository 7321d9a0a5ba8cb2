//! `outgrow check`.

use std::time::Duration;

use super::args::CheckArgs;
use super::screen::Screen;
use super::settings::Settings;
use crate::cutover::{note_server, seen_server, server_of};
use crate::error::{Outcome, Result};
use crate::postgres::{CheckOptions, CheckState, ConnectionSettings, Session, Surroundings, check};

pub(super) async fn run(args: &CheckArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let policy = settings.policy()?;
    let target = settings.target(args.target.as_deref())?;
    let options = CheckOptions { schema: policy.target.schema, wait: args.wait.map(Duration::from_secs) };
    let report = check(&target, &options).await?;
    note(&target, &options.schema, settings, screen).await?;
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

/// Notes who the server is, so that the gates before a cutover know whether another one answers then; and says where it is
/// another one already.
async fn note(target: &ConnectionSettings, schema: &str, settings: &Settings, screen: &Screen) -> Result<()> {
    let session = Session::connect(target).await?;
    // What can't be looked at now is looked at by the gates.
    let Ok(around) = Surroundings::of(&session, target, schema).await else { return Ok(()) };
    let (place, identity) = (target.describe(), server_of(&around));
    if let Some(before) = seen_server(&settings.work_dir, &place).filter(|before| before.system_identifier != identity.system_identifier) {
        let number = |identity: Option<String>| identity.unwrap_or_else(|| "unknown".to_owned());
        screen.remark(&format!(
            "another server answers here than when it was checked before: its number was {} and is {}",
            number(before.system_identifier),
            number(identity.system_identifier.clone())
        ));
    }
    note_server(&settings.work_dir, &place, &identity)
}
