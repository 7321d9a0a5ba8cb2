//! `outgrow migrate`.

use super::args::MigrateArgs;
use super::progress::Progress;
use super::report::print;
use super::screen::Screen;
use super::settings::Settings;
use crate::error::{Outcome, Result};
use crate::journal::{Journal, WorkDirectory};
use crate::migrate::{MigrateOptions, keep_report, migrate};

pub(super) async fn run(args: &MigrateArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let source = settings.source(&args.source.source)?;
    let policy = args.mode.over(settings.policy()?);
    let target = settings.target(args.target.as_deref())?;
    for note in target.notes() {
        screen.remark(note);
    }
    let work = WorkDirectory::hold(&settings.work_dir)?;
    let journal = Journal::begin(&work, "migrate", &source.display().to_string(), &target.describe())?;
    let progress = Progress::new(settings, screen);
    let options = MigrateOptions {
        source,
        target: &target,
        policy: &policy,
        work: &work,
        budget: args.pace.over(args.budget.budget()),
        fresh: args.fresh,
    };
    let report = match migrate(options, &journal, &progress).await {
        Ok(report) => report,
        Err(error) => {
            journal.fail(&error)?;
            return Err(error);
        }
    };
    let page = keep_report(&report, &work, &journal)?;
    journal.end(report.outcome)?;
    print(&report, &page, screen)?;
    Ok(report.outcome)
}
