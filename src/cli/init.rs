//! `outgrow init`.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::args::InitArgs;
use super::plan::USUAL_MAJOR;
use super::progress::Progress;
use super::screen::Screen;
use super::settings::Settings;
use super::text::counted;
use crate::budget::Budget;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::gate::{self, Evidence, Finding, Stage};
use crate::migrate::{Survey, survey};
use crate::plan::{Inputs, Policy, build};
use crate::report::{Found, starter_policy};

/// What `init --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    file: String,
    tables: u64,
    to_decide: u64,
}

pub(super) fn run(args: &InitArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let file = settings.policy_file();
    let doing = format!("write {}", file.display());
    if file.exists() {
        return Err(Error::new(ErrorKind::Usage, doing, "the file is there already, and a policy is never overwritten")
            .hint("name another file with --policy, or take that one away first"));
    }
    let (text, tables, to_decide) = match &args.source {
        Some(source) => of_source(settings.source(source)?, settings, screen)?,
        None => (starter_policy(None), 0, 0),
    };
    // Whoever made the file meanwhile keeps theirs.
    let write = || -> std::io::Result<()> { fs::OpenOptions::new().write(true).create_new(true).open(file)?.write_all(text.as_bytes()) };
    write().map_err(|error| Error::new(ErrorKind::WorkDirectory, doing, error.to_string()).because(error))?;
    if screen.is_json() {
        screen.document(&Document { file: file.display().to_string(), tables, to_decide })?;
    } else {
        screen.line(format!("{} is written: nothing is decided in it yet, every key is explained.", file.display()));
        if to_decide > 0 {
            screen.line(format!("{} to decide before the move, at its end.", counted(to_decide, "thing")));
        }
    }
    Ok(Outcome::Done)
}

/// The text for a source, its tables, and how much is to be decided.
fn of_source(source: &Path, settings: &Settings, screen: &Screen) -> Result<(String, u64, u64)> {
    let directory = tempfile::Builder::new()
        .prefix("outgrow-snapshot-")
        .tempdir()
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, "make a directory for the snapshot", error.to_string()).because(error))?;
    let policy = Policy::default();
    let progress = Progress::new(settings, screen);
    let Survey { catalog, profile, .. } = survey(source, &directory.path().join("snapshot.sqlite"), &policy, Budget::default(), &progress)?;
    let (plan, report) = build(Inputs { catalog: &catalog, profile: &profile, policy: &policy, server_major: USUAL_MAJOR })?;
    let evidence = Evidence { catalog: &catalog, profile: &profile, target: None, policy: &policy, plan: &plan, report: &report };
    let findings = gate::review(&evidence, Stage::Migration).findings;
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let to_decide = number(findings.iter().filter(|finding| Finding::blocks(finding)).count());
    let text = starter_policy(Some(Found { catalog: &catalog, profile: &profile, findings: &findings }));
    Ok((text, number(catalog.tables.len()), to_decide))
}
