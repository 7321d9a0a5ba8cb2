//! `outgrow restore`.

use std::path::PathBuf;

use super::args::{BackupFileArgs, RestoreArgs, RestoreSourceArgs, RestoreTargetArgs, RestoreWhat};
use super::backup::{place, verdict};
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, counted, duration};
use crate::backup::{RestoreReport, RestoreSource, RestoreTarget, restore_source, restore_target};
use crate::error::{Outcome, Result};
use crate::postgres::DisposableOptions;

pub(super) async fn run(args: &RestoreArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    match &args.what {
        RestoreWhat::Source(args) => source(args, settings, screen),
        RestoreWhat::Target(args) => target(args, settings, screen).await,
    }
}

/// The backup's file: as it is named, or by its name among the backups.
fn file(args: &BackupFileArgs, settings: &Settings) -> Result<PathBuf> {
    let is_bare = args.backup.components().count() == 1;
    if !is_bare || args.backup.exists() {
        return Ok(args.backup.clone());
    }
    Ok(place(&args.place, settings)?.directory.join(&args.backup))
}

fn source(args: &RestoreSourceArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let backup = file(&args.backup, settings)?;
    let order = RestoreSource { backup: &backup, to: &args.to, replace: args.replace, verify: args.verify };
    let report = tokio::task::block_in_place(|| restore_source(&order))?;
    restored(&report, screen)
}

async fn target(args: &RestoreTargetArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let backup = file(&args.backup, settings)?;
    let target = settings.target(args.target.as_deref())?;
    for note in target.notes() {
        screen.remark(note);
    }
    let programs = DisposableOptions::new(&|name| settings.variable(name));
    let order = RestoreTarget {
        backup: &backup,
        target: &target,
        programs: &programs,
        not_empty: args.not_empty,
        owners: !args.no_owner,
        verify: args.verify,
    };
    let report = restore_target(order, &|said| screen.remark(said)).await?;
    restored(&report, screen)
}

fn restored(report: &RestoreReport, screen: &Screen) -> Result<Outcome> {
    if screen.is_json() {
        screen.document(report)?;
        return Ok(report.outcome);
    }
    let backup = &report.backup;
    let content = format!("{} with {}", counted(backup.tables, "table"), counted(backup.rows, "row"));
    screen.line(format!("{} · {content} of {}", backup.name, clean(&backup.of)));
    screen.line(format!("  restored  {}   {}", clean(&report.to), duration(report.seconds)));
    for kept in &report.put_aside {
        screen.line(format!("  kept      {}", clean(kept)));
    }
    if let Some(test) = &report.verified {
        screen.line(format!("  verified  {} · {}   {}", verdict(test.verdict), clean(&test.detail), duration(test.seconds)));
    }
    for remark in &report.remarks {
        screen.remark(remark);
    }
    let is_good = report.outcome == Outcome::Done;
    screen.verdict(is_good, if is_good { "The backup is restored." } else { "What was restored is not what was backed up." });
    Ok(report.outcome)
}
