//! Restoring a backup to see whether it can be, and whether what comes out is what was backed up.
//!
//! Leaves nothing behind. What keeps it from trying is a result, not a failure: the backup is there, and not proven.

use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;

use super::manifest::{Manifest, RestoreTest};
use super::place::Place;
use super::{source, stream};
use crate::error::Result;
use crate::sqlite::SourceReader;
use crate::verify::Verdict;

/// A verdict, and what it goes by.
pub(super) type Finding = (Verdict, String);

/// Writes down what was found.
pub(super) fn noted(began: Instant, (verdict, detail): Finding) -> RestoreTest {
    RestoreTest { at: Timestamp::now(), verdict, detail, seconds: began.elapsed().as_secs_f64() }
}

/// Restores a backup of the source into a file beside it, which is removed again.
pub(super) fn of_source(place: &Place, manifest: &Manifest) -> RestoreTest {
    let began = Instant::now();
    if let Err(error) = place.has_room(manifest.content_bytes) {
        return noted(began, (Verdict::Inconclusive, format!("there is no room to restore it to: {}", error.detail())));
    }
    let file = place.partial(manifest.name.as_str(), ".trial");
    let packed = stream::unpack(&place.file(manifest.name.as_str()), Some(&file), manifest.compression);
    let finding = match packed {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => (Verdict::Mismatch, format!("it can't be decompressed: {error}")),
        Err(error) => (Verdict::Inconclusive, format!("it can't be decompressed here: {error}")),
        Ok(packed) if packed.file.sha256 != manifest.sha256 => (Verdict::Mismatch, "the file is not what was written".to_owned()),
        Ok(packed) if packed.content.sha256 != manifest.content => (Verdict::Mismatch, "another file comes out than went in".to_owned()),
        Ok(_) => judged(&file, manifest),
    };
    if let Err(error) = place.clear() {
        return noted(began, (finding.0, format!("{} (the restored file could not be removed: {error})", finding.1)));
    }
    noted(began, finding)
}

/// Compares a restored file with what the manifest says of it.
pub(super) fn judged(file: &Path, manifest: &Manifest) -> Finding {
    opened(file, manifest).unwrap_or_else(|error| (Verdict::Mismatch, format!("what comes out can't be read: {error}")))
}

fn opened(file: &Path, manifest: &Manifest) -> Result<Finding> {
    let reader = SourceReader::open(file)?;
    let problems = reader.integrity(true)?;
    if let Some(first) = problems.first() {
        return Ok((Verdict::Mismatch, format!("SQLite finds {} wrong with what comes out: {first}", problems.len())));
    }
    let facts = source::facts(&reader);
    reader.finish()?;
    let Ok(facts) = facts else {
        return Ok((Verdict::Match, "restored into a file: the same bytes, and sound".to_owned()));
    };
    if facts.schema != manifest.schema || facts.tables != manifest.tables {
        return Ok((Verdict::Mismatch, "the restored file has other tables or other numbers of rows".to_owned()));
    }
    let rows: u64 = facts.tables.iter().map(|table| table.rows).sum();
    let detail = format!("restored into a file: the same bytes, sound, {} tables with {rows} rows", facts.tables.len());
    Ok((Verdict::Match, detail))
}
