//! The reports of a cutover and of a rollback: written at their end, and shown by `outgrow report`.

use std::path::{Path, PathBuf};

use super::args::ReportArgs;
use super::screen::Screen;
use super::text::clean;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::journal::{EventKind, Journal};
use crate::plan::Policy;
use crate::report::{completion_markdown, completion_page, keep_completion, keep_incident, last_completion, last_incident};
use crate::runbook::{CourseKind, Record};

/// Writes the report of the last cutover, and that of its way back where there was one. A report that can't be written is said, and
/// changes nothing about what was done.
pub(super) fn keep(record: &Record, policy: &Policy, work: &Path, journal: &Journal, screen: &Screen) {
    let is_back = record.courses.last().is_some_and(|course| course.kind == CourseKind::Rollback);
    told("report", keep_completion(work, policy), journal, screen);
    if is_back {
        told("incident report", keep_incident(work, policy), journal, screen);
    }
}

fn told(what: &str, kept: Result<Option<PathBuf>>, journal: &Journal, screen: &Screen) {
    let noted = kept.and_then(|file| {
        let Some(file) = file else { return Ok(()) };
        screen.line(format!("{what}: {}", clean(&file.display().to_string())));
        journal.note("completion", EventKind::Evidence, None, &serde_json::json!({ "page": file }))
    });
    if let Err(error) = noted {
        screen.remark(&format!("the {what} could not be written, which changes nothing about what was done: {error}"));
    }
}

/// Shows the report of the last cutover, or of the last way back.
pub(super) fn show(args: &ReportArgs, work: &Path, screen: &Screen) -> Result<Outcome> {
    let (found, of) = if args.course.incident { (last_incident(work)?, "rollback") } else { (last_completion(work)?, "cutover") };
    let report = found.ok_or_else(|| {
        let detail = format!("{} holds none of a {of}", work.display());
        Error::new(ErrorKind::Usage, "show the last report", detail).hint("name the directory of the cutover with --work-dir")
    })?;
    if screen.is_json() {
        screen.document(&report)?;
    } else if args.html {
        screen.out(&completion_page(&report)?);
    } else {
        // What is harmless in Markdown is so at a terminal: no control character is left in it.
        screen.out(&completion_markdown(&report)?);
    }
    Ok(Outcome::Done)
}
