//! `outgrow backup`.

use super::args::{BackupArgs, BackupMakingArgs, BackupPlaceArgs, BackupSourceArgs, BackupTargetArgs, BackupWhat, NamedCompression};
use super::screen::Screen;
use super::settings::Settings;
use super::text::{bytes, clean, counted, duration};
use crate::backup::{self, BackupReport, Backups, FileState, Inventory, InventoryLine};
use crate::error::{Outcome, Result};
use crate::plan::Compression;
use crate::postgres::DisposableOptions;
use crate::verify::Verdict;

pub(super) async fn run(args: &BackupArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    match &args.what {
        BackupWhat::Source(args) => source(args, settings, screen),
        BackupWhat::Target(args) => target(args, settings, screen).await,
        BackupWhat::List(args) => {
            let list = tokio::task::block_in_place(|| backup::inventory(&place(&args.place, settings)?, args.check))?;
            listed(&list, screen)
        }
    }
}

/// Where backups are: as the policy says, unless the command line says otherwise.
pub(super) fn place(args: &BackupPlaceArgs, settings: &Settings) -> Result<Backups> {
    let mut backups = Backups::of(&settings.policy()?.backup, settings.policy_directory());
    if let Some(directory) = &args.dir {
        backups.directory.clone_from(directory);
    }
    Ok(backups)
}

fn making(args: &BackupMakingArgs, settings: &Settings) -> Result<Backups> {
    let mut backups = place(&args.place, settings)?;
    backups.second = args.second.clone().or(backups.second);
    backups.test &= !args.no_test;
    Ok(backups)
}

fn source(args: &BackupSourceArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let file = settings.source(&args.source.source)?;
    let mut backups = making(&args.making, settings)?;
    backups.compression = match args.compression {
        Some(NamedCompression::Zstd) => Compression::Zstd,
        Some(NamedCompression::Gzip) => Compression::Gzip,
        Some(NamedCompression::None) => Compression::None,
        None => backups.compression,
    };
    let report = tokio::task::block_in_place(|| backup::source(&backups, file, &|said| screen.remark(said)))?;
    made(&report, screen)
}

async fn target(args: &BackupTargetArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let backups = making(&args.making, settings)?;
    let target = settings.target(args.target.as_deref())?;
    for note in target.notes() {
        screen.remark(note);
    }
    let programs = DisposableOptions::new(&|name| settings.variable(name));
    let report = backup::target(&backups, &target, &programs, &|said| screen.remark(said)).await?;
    made(&report, screen)
}

fn made(report: &BackupReport, screen: &Screen) -> Result<Outcome> {
    if screen.is_json() {
        screen.document(report)?;
        return Ok(report.outcome);
    }
    let backup = &report.backup;
    screen.line(format!("{} · {}", clean(&backup.of), clean(&backup.by)));
    let size = format!("{} of {}", bytes(backup.bytes), bytes(backup.content_bytes));
    screen.line(format!("  backup    {}   {size}   {}", clean(&report.file), duration(backup.seconds)));
    screen.line(format!("  sha256    {}", backup.sha256));
    if let Some(second) = &report.second {
        let what = second.why_not.clone().unwrap_or_else(|| "copied, and read back".to_owned());
        screen.line(format!("  second    {}   {}", clean(&second.directory), clean(&what)));
    }
    match &backup.test {
        Some(test) => screen.line(format!("  test      {} · {}   {}", verdict(test.verdict), clean(&test.detail), duration(test.seconds))),
        None => screen.line("  test      not made"),
    }
    for removed in &report.removed {
        screen.line(format!("  removed   {}   {}", clean(&removed.file), clean(&removed.why)));
    }
    if !report.cleared.is_empty() {
        screen.line(format!("  cleared   {} of a run that was cut off", counted(length(&report.cleared), "file")));
    }
    for remark in &report.remarks {
        screen.remark(remark);
    }
    screen.verdict(report.outcome == Outcome::Done, report.summary());
    Ok(report.outcome)
}

fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Match => "equal",
        Verdict::Inconclusive => "not proven",
        Verdict::Mismatch => "DIFFERENT",
    }
}

fn listed(list: &Inventory, screen: &Screen) -> Result<Outcome> {
    if screen.is_json() {
        screen.document(list)?;
        return Ok(list.outcome);
    }
    if list.backups.is_empty() {
        screen.line(format!("{} holds no backup yet. Begin with: outgrow backup source app.db", clean(&list.directory)));
    } else {
        screen.line(format!("{} · {}", clean(&list.directory), counted(length(&list.backups), "backup")));
    }
    for line in &list.backups {
        one(line, screen);
    }
    for file in &list.unreadable {
        screen.line(format!("  {} can't be read: {}", clean(&file.file), clean(&file.why)));
    }
    Ok(list.outcome)
}

fn one(line: &InventoryLine, screen: &Screen) {
    let backup = &line.backup;
    let tested = backup.test.as_ref().map_or("not tested", |test| verdict(test.verdict));
    let size = format!("{} of {}", bytes(backup.bytes), bytes(backup.content_bytes));
    screen.line(format!(
        "  {:<40} {:>12}   {size:<24} {tested:<11} {}",
        clean(backup.name.as_str()),
        age(line.age_seconds),
        seen(line.file)
    ));
    let second = match &line.second {
        Some(second) => {
            let disk = if second.other_disk { "another disk" } else { "the same disk" };
            format!("and {} ({disk}, {})", clean(&second.directory), seen(second.file))
        }
        None => "in one place only".to_owned(),
    };
    let fate = if line.stays { "stays" } else { "goes with the next backup" };
    screen.line(format!("    of {} · {second} · {fate}: {}", clean(&backup.of), clean(&line.why)));
}

fn seen(file: FileState) -> &'static str {
    match file {
        FileState::There => "there",
        FileState::Intact => "intact",
        FileState::Damaged => "DAMAGED",
        FileState::Missing => "MISSING",
    }
}

/// `3 h ago`.
fn age(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s ago"),
        120..7_200 => format!("{} m ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_well() {
        for (seconds, text) in [(5, "5 s ago"), (600, "10 m ago"), (10_000, "2 h ago"), (200_000, "2 days ago")] {
            assert_eq!(age(seconds), text);
        }
    }
}
