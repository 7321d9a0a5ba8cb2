//! The report of a move in the work directory.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::journal::{EventKind, Journal, WorkDirectory};
use crate::report::{MoveReport, page, to_json};

/// Keeps the report in the work directory, as JSON and as a page; gives the page's path.
pub fn keep_report(report: &MoveReport, work: &WorkDirectory, journal: &Journal) -> Result<PathBuf> {
    write(&work.path().join("report.json"), to_json(report)?.as_bytes())?;
    let file = work.path().join("report.html");
    write(&file, page(report)?.as_bytes())?;
    let detail = serde_json::json!({ "page": file, "verb": report.verb, "outcome": report.outcome });
    journal.note("report", EventKind::Evidence, None, &detail)?;
    Ok(file)
}

/// Writes a file that only its owner may read, whole or not at all.
fn write(file: &Path, content: &[u8]) -> Result<()> {
    let failed =
        |error: std::io::Error| Error::new(ErrorKind::WorkDirectory, format!("write {}", file.display()), error.to_string()).because(error);
    let draft = file.with_extension("partial");
    let mut options = fs::OpenOptions::new();
    let mut out = options.create(true).truncate(true).write(true).mode(0o600).open(&draft).map_err(failed)?;
    out.write_all(content).map_err(failed)?;
    out.sync_all().map_err(failed)?;
    fs::rename(&draft, file).map_err(failed)
}
