//! `outgrow rehearse`.

use std::path::Path;
use std::time::Duration;

use super::args::RehearseArgs;
use super::progress::Progress;
use super::report::print;
use super::screen::Screen;
use super::settings::Settings;
use crate::budget::Budget;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::journal::{Journal, WorkDirectory};
use crate::migrate::keep_report;
use crate::plan::Mode;
use crate::postgres::{ConnectionSettings, DisposableOptions};
use crate::rehearse::{RehearseOptions, Structure, rehearse};

pub(super) async fn run(args: &RehearseArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let environment = |name: &str| settings.variable(name);
    let mut server = DisposableOptions::new(&environment);
    server.fetch = !args.no_fetch;
    if let Some(url) = &args.target {
        server.target = Some(ConnectionSettings::resolve(Some(url), &environment)?);
    }
    if args.run.as_ref().is_some_and(|command| command.trim().is_empty()) {
        return Err(Error::new(ErrorKind::Usage, "run the application's tests", "--run names no command"));
    }
    let tests = args.run.clone().map(|command| (command, Duration::from_secs(args.run_timeout)));
    let structure = structure(args, settings)?;
    let wanted = Wanted { server, structure, tests, budget: args.budget.budget(), keep: args.keep };
    rehearse_file(settings.source(&args.source.source)?, wanted, settings, screen).await
}

/// Where the application's own tables are described.
fn structure(args: &RehearseArgs, settings: &Settings) -> Result<Option<Structure>> {
    if let Some(url) = &args.like {
        return settings.target(Some(url)).map(|database| Some(Structure::Database(Box::new(database))));
    }
    let Some(path) = &args.schema_file else { return Ok(None) };
    let sql = std::fs::read_to_string(path).map_err(|error| {
        Error::new(ErrorKind::Usage, format!("read the structure in {}", path.display()), error.to_string())
            .because(error)
            .hint("it is SQL: pg_dump --schema-only --no-owner writes such a file (without --format)")
    })?;
    Ok(Some(Structure::File { path: path.clone(), sql }))
}

/// What is rehearsed, and where.
pub(super) struct Wanted {
    pub(super) server: DisposableOptions,
    pub(super) structure: Option<Structure>,
    pub(super) tests: Option<(String, Duration)>,
    pub(super) budget: Budget,
    pub(super) keep: bool,
}

/// Rehearses the move of a file; the demo does just this with its own.
pub(super) async fn rehearse_file(source: &Path, wanted: Wanted, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let Wanted { server, structure, tests, budget, keep } = wanted;
    let mut policy = settings.policy()?;
    if structure.is_some() {
        policy.target.mode = Mode::Existing;
    }
    let work = WorkDirectory::hold(&settings.work_dir)?;
    let journal = Journal::begin(&work, "rehearse", &source.display().to_string(), "a disposable server")?;
    let progress = Progress::new(settings, screen);
    let options = RehearseOptions { source, server, structure, policy: &policy, work: &work, tests, budget, keep };
    let rehearsed = match rehearse(options, &journal, &progress).await {
        Ok(rehearsed) => rehearsed,
        Err(error) => {
            journal.fail(&error)?;
            return Err(error);
        }
    };
    let outcome = rehearsed.report.outcome;
    let page = keep_report(&rehearsed.report, &work, &journal)?;
    journal.end(outcome)?;
    print(&rehearsed.report, &page, screen)?;
    if let Some(kept) = rehearsed.kept {
        screen.remark(&format!("left up: {}", kept.settings.url_without_password()));
        screen.remark(&format!("to stop it: {}", kept.stop));
    }
    Ok(outcome)
}
