//! The reports in the work directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::facts::{CompletionKind, CompletionReport, Moved};
use super::gather::{Around, gather};
use super::written::{completion_markdown, completion_page};
use crate::error::{Error, ErrorKind, Result};
use crate::journal;
use crate::plan::Policy;
use crate::report::write_json;
use crate::runbook::Record;

/// The name of the report of a cutover, without its extension.
const COMPLETION: &str = "completion";

/// What the names of reports of a way back begin with.
const INCIDENT: &str = "incident-";

/// Writes the report of the last cutover: `completion.json`, `.md` and `.html`. Gives the page; none where there was no cutover.
pub fn keep_completion(directory: &Path, policy: &Policy) -> Result<Option<PathBuf>> {
    let earlier = last_completion(directory).ok().flatten();
    keep(directory, policy, CompletionKind::Completion, earlier)
}

/// Writes the report of the last way back: `incident-<course>.json`, `.md` and `.html`. Gives the page; none where there was none.
pub fn keep_incident(directory: &Path, policy: &Policy) -> Result<Option<PathBuf>> {
    let earlier = last_completion(directory).ok().flatten();
    keep(directory, policy, CompletionKind::Incident, earlier)
}

fn keep(directory: &Path, policy: &Policy, kind: CompletionKind, earlier: Option<CompletionReport>) -> Result<Option<PathBuf>> {
    let Some(record) = Record::read(directory)? else { return Ok(None) };
    // A later rehearsal may have replaced the report of the move: the report of the cutover has it still.
    let moved = [read::<Moved>(&directory.join("report.json")).ok().flatten(), earlier.and_then(|report| report.moved)];
    let (runs, sign_offs) = (journal::runs(directory)?, journal::sign_offs(directory)?);
    let around = |moved| Around { record: &record, policy, moved, runs: &runs, sign_offs: &sign_offs, directory, now: Timestamp::now() };
    let mut made = moved.iter().flatten().filter_map(|moved| gather(around(Some(moved)), kind));
    let Some(report) = made.find(|report| report.moved.is_some()).or_else(|| gather(around(None), kind)) else { return Ok(None) };
    let name = match kind {
        CompletionKind::Completion => COMPLETION.to_owned(),
        CompletionKind::Incident => format!("{INCIDENT}{}", report.course),
    };
    let (markdown, page) = (completion_markdown(&report)?, completion_page(&report)?);
    let file = |extension: &str| directory.join(format!("{name}.{extension}"));
    write(&file("json"), |out| write_json(&report, out))?;
    write(&file("md"), |out| out.write_all(markdown.as_bytes()))?;
    write(&file("html"), |out| out.write_all(page.as_bytes()))?;
    Ok(Some(file("html")))
}

/// The report of the last cutover, as it was written; none where there is none.
pub fn last_completion(directory: &Path) -> Result<Option<CompletionReport>> {
    read(&directory.join(COMPLETION).with_extension("json"))
}

/// The report of the last way back, as it was written; none where there is none.
pub fn last_incident(directory: &Path) -> Result<Option<CompletionReport>> {
    let Ok(entries) = fs::read_dir(directory) else { return Ok(None) };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    // The name of a course is the time at which it began.
    let last = names.filter(|name| name.starts_with(INCIDENT) && Path::new(name).extension().is_some_and(|is| is == "json")).max();
    last.map_or(Ok(None), |name| read(&directory.join(name)))
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<Option<T>> {
    let refused = |detail: String| Error::new(ErrorKind::WorkDirectory, format!("read {}", file.display()), detail);
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(error.to_string()).because(error)),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| refused(format!("it is no report of this version: {error}")))
}

/// Writes a file that only its owner may read: whole or not at all, and on disk when this returns.
fn write(file: &Path, content: impl FnOnce(&mut io::BufWriter<File>) -> io::Result<()>) -> Result<()> {
    let failed =
        |error: io::Error| Error::new(ErrorKind::WorkDirectory, format!("write {}", file.display()), error.to_string()).because(error);
    let draft = file.with_extension("partial");
    let out = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft).map_err(failed)?;
    let mut out = io::BufWriter::new(out);
    content(&mut out).and_then(|()| out.flush()).and_then(|()| out.get_ref().sync_all()).map_err(failed)?;
    fs::rename(&draft, file).map_err(failed)?;
    file.parent().map_or(Ok(()), |directory| File::open(directory).and_then(|directory| directory.sync_all())).map_err(failed)
}
