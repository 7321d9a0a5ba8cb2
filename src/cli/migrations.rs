//! `outgrow migrations`.

use super::args::MigrationsArgs;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, duration};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::migrations::{MigrationsReport, Settle, run_migrations, status};
use crate::plan::MigrationVersion;
use crate::postgres::Session;

pub(super) async fn run(args: &MigrationsArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let policy = settings.policy()?;
    if policy.migrations.directory.is_none() {
        let detail = "the policy names no directory of migrations";
        return Err(
            Error::new(ErrorKind::Policy, "find the migrations", detail).hint("name it under [migrations]: directory = \"migrations\"")
        );
    }
    let settle = settle(args)?;
    let target = settings.target(args.target.as_deref())?;
    for note in target.notes() {
        screen.remark(note);
    }
    let report = if args.status {
        status(&Session::connect(&target).await?, &policy).await?
    } else {
        run_migrations(&target, &policy, settle.as_ref(), &|name| screen.remark(&format!("running {name}"))).await?
    };
    if screen.is_json() {
        screen.document(&report)?;
    } else {
        screen.line(format!("{} · ledger {}", target.describe(), clean(&report.ledger)));
        print(&report, screen);
        screen.line(format!("{}: {}", report.counted(), report.summary()));
    }
    Ok(report.outcome())
}

fn settle(args: &MigrationsArgs) -> Result<Option<Settle>> {
    let version = |digits: &String| {
        MigrationVersion::parse(digits).ok_or_else(|| {
            Error::new(ErrorKind::Usage, "read the command line", "a version is the number that a migration's name begins with")
        })
    };
    Ok(match (&args.applied, &args.again) {
        (Some(applied), _) => Some(Settle::Applied(version(applied)?)),
        (None, Some(again)) => Some(Settle::Again(version(again)?)),
        (None, None) => None,
    })
}

/// Prints each migration, and what failed.
pub(super) fn print(report: &MigrationsReport, screen: &Screen) {
    for line in &report.migrations {
        let took = line.execution_ms.and_then(|took| u32::try_from(took).ok()).map(|took| duration(f64::from(took) / 1000.0));
        let how = match (&line.applied_at, &line.applied_by) {
            (Some(at), Some(by)) => format!("{} {at} {}", took.unwrap_or_default(), clean(by)),
            (_, None) | (None, _) => String::new(),
        };
        screen.line(format!("  {:<18} {:<40} {how}", line.state.shown(), clean(&line.name)).trim_end());
    }
    if let Some(failed) = &report.failed {
        screen.line(format!(
            "\nThe migration {} failed at line {}: {}\n{}",
            clean(&failed.name),
            failed.line,
            clean(&failed.message),
            failed.action
        ));
    }
}
