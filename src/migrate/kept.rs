//! The report of a move in the work directory.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::journal::{EventKind, Journal, WorkDirectory};
use crate::report::{MoveReport, page, write_json};

/// Keeps the report in the work directory, as JSON and as a page; gives the page's path.
pub fn keep_report(report: &MoveReport, work: &WorkDirectory, journal: &Journal) -> Result<PathBuf> {
    write(&work.path().join("report.json"), |out| write_json(report, out))?;
    let file = work.path().join("report.html");
    let page = page(report)?;
    write(&file, |out| out.write_all(page.as_bytes()))?;
    let detail = serde_json::json!({ "page": file, "verb": report.verb, "outcome": report.outcome });
    journal.note("report", EventKind::Evidence, None, &detail)?;
    Ok(file)
}

/// Writes a file that only its owner may read, whole or not at all.
fn write(file: &Path, content: impl FnOnce(&mut BufWriter<fs::File>) -> io::Result<()>) -> Result<()> {
    let failed =
        |error: io::Error| Error::new(ErrorKind::WorkDirectory, format!("write {}", file.display()), error.to_string()).because(error);
    let draft = file.with_extension("partial");
    let mut options = fs::OpenOptions::new();
    let out = options.create(true).truncate(true).write(true).mode(0o600).open(&draft).map_err(failed)?;
    let mut out = BufWriter::new(out);
    content(&mut out).and_then(|()| out.flush()).and_then(|()| out.get_ref().sync_all()).map_err(failed)?;
    fs::rename(&draft, file).map_err(failed)
}
