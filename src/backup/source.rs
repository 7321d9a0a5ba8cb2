//! A backup of the source: a snapshot through SQLite's backup interface, checked, compressed and digested.
//!
//! The application goes on meanwhile. In WAL mode nobody waits; with a rollback journal who wants to write waits while the
//! pages are copied, and for nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;

use super::manifest::{MANIFEST_FORMAT, Manifest, TableContent};
use super::name::{BackupName, Side};
use super::place::{Place, Unfinished, unwritable};
use super::report::BackupReport;
use super::run::{Backups, Published};
use super::{stream, trial};
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::plan::{Compression, SourceFingerprint};
use crate::sqlite::SourceReader;

/// How many problems of a damaged database an error names.
const PROBLEMS_SHOWN: usize = 3;

/// Makes a backup of a SQLite database. `say` hears what is being done.
pub fn source(backups: &Backups, source: &Path, say: &dyn Fn(&str)) -> Result<BackupReport> {
    let began = Instant::now();
    if !source.exists() {
        // Says so in its own words, before a directory is made for nothing.
        SourceReader::open(source)?.finish()?;
    }
    let place = Place::make(&backups.directory)?;
    let cleared = place.clear()?;
    let unfinished = Unfinished(&place);
    let mut remarks = Vec::new();
    let (name, taken) = taken(&place, source, backups.compression, say)?;
    let facts = looked_at(&taken.file, source, &mut remarks)?;

    say("compressing it");
    let packed = packed(&place, &name, &taken.file, backups.compression)?;
    let manifest = Manifest {
        format: MANIFEST_FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name,
        side: Side::Source,
        of: taken.of,
        taken_at: taken.at,
        seconds: began.elapsed().as_secs_f64(),
        by: format!("SQLite {}, {}", rusqlite::version(), taken.access),
        server_major: None,
        program_major: None,
        compression: backups.compression,
        bytes: packed.file.bytes,
        sha256: packed.file.sha256,
        content_bytes: packed.content.bytes,
        content: packed.content.sha256,
        schema: facts.schema,
        journal_mode: Some(taken.journal_mode),
        tables: facts.tables,
        objects: BTreeMap::new(),
        other_disk: Some(taken.device != place.device()?),
        second: None,
        test: None,
    };
    place.publish(&manifest)?;
    drop(unfinished);
    let doubled = Published { backups, place, manifest, began, cleared, remarks }.double();
    let test = backups.test.then(|| {
        say("restoring it, to see whether it can be");
        trial::of_source(&doubled.published.place, &doubled.published.manifest)
    });
    doubled.end(test)
}

/// A snapshot that was taken.
struct Taken {
    file: PathBuf,
    of: String,
    at: Timestamp,
    access: String,
    journal_mode: crate::catalog::JournalMode,
    device: u64,
}

fn taken(place: &Place, source: &Path, compression: Compression, say: &dyn Fn(&str)) -> Result<(BackupName, Taken)> {
    let reader = SourceReader::open(source)?;
    let real = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
    let metadata = fs::metadata(&real).map_err(|error| unreadable(source, &error))?;
    place.has_room(metadata.len())?;
    let at = Timestamp::now();
    let stem = real.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let name = place.free_name(&stem, Side::Source, compression, at);
    let file = place.partial(name.as_str(), ".snapshot");
    let (access, journal_mode) = (reader.access().to_string(), reader.journal_mode());
    say(&format!("copying {}", source.display()));
    reader.into_snapshot(&file, &mut |_| {}).map_err(|error| in_place(error, place))?;
    failpoint::pass("backup.copied")?;
    Ok((name, Taken { file, of: real.display().to_string(), at, access, journal_mode, device: metadata.dev() }))
}

fn unreadable(source: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::SourceMissing, format!("back up {}", source.display()), error.to_string())
}

/// What can't be written while the snapshot is taken is the place's fault here, not the work directory's.
fn in_place(error: Error, place: &Place) -> Error {
    if error.kind() != ErrorKind::WorkDirectory {
        return error;
    }
    let detail = format!("{}; nothing was added there, and the earlier backups are as they were", error.detail());
    Error::new(ErrorKind::BackupPlace, format!("write a backup to {}", place.path().display()), detail).because(error)
}

/// What is known of a snapshot once it was looked at.
pub(super) struct Facts {
    pub(super) schema: Option<String>,
    pub(super) tables: Vec<TableContent>,
}

/// Checks a snapshot, and reads what it contains. A damaged one is an error: there is nothing in it to rely on.
fn looked_at(snapshot: &Path, source: &Path, remarks: &mut Vec<String>) -> Result<Facts> {
    let reader = SourceReader::open(snapshot)?;
    let problems = reader.integrity(true)?;
    if !problems.is_empty() {
        let shown: Vec<&str> = problems.iter().take(PROBLEMS_SHOWN).map(String::as_str).collect();
        let detail = format!("SQLite finds {} wrong with it: {}; no backup was made of it", problems.len(), shown.join("; "));
        return Err(Error::new(ErrorKind::SourceCorrupt, format!("back up {}", source.display()), detail).hint(
            "copy the file and its -wal by hand before anything else, and go back to the last good backup or try `sqlite3 app.db .recover`",
        ));
    }
    let facts = facts(&reader);
    reader.finish()?;
    Ok(facts.unwrap_or_else(|error| {
        remarks.push(format!("its tables are not listed in the manifest: {error}"));
        Facts { schema: None, tables: Vec::new() }
    }))
}

/// The schema and the tables of a database.
pub(super) fn facts(reader: &SourceReader) -> Result<Facts> {
    let catalog = reader.catalog()?;
    let count = |table: &crate::catalog::Table| {
        // A virtual table whose module is not built in has rows that nobody can count.
        let rows = reader.count(&table.name).ok()?;
        Some(TableContent { name: table.name.clone(), rows, digest: None })
    };
    Ok(Facts { schema: Some(SourceFingerprint::schema_of(&catalog)?), tables: catalog.tables.iter().filter_map(count).collect() })
}

/// Compresses the snapshot into the backup's file, under its partial name, and takes the snapshot away.
fn packed(place: &Place, name: &BackupName, snapshot: &Path, compression: Compression) -> Result<stream::Packed> {
    let failed = |error: std::io::Error| unwritable(place.path(), &error);
    let partial = place.partial(name.as_str(), "");
    if compression == Compression::None {
        let file = stream::digest(snapshot).map_err(failed)?;
        fs::rename(snapshot, &partial).map_err(failed)?;
        return Ok(stream::Packed { content: file.clone(), file });
    }
    let packed = stream::pack(snapshot, &partial, compression).map_err(failed)?;
    fs::remove_file(snapshot).map_err(failed)?;
    Ok(packed)
}
