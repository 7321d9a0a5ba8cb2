//! Whether anybody still writes to the source.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::access::{Stamps, locate};
use super::connection::number;
use super::writer::{Writer, is_busy, refused};
use crate::error::{ErrorKind, Result};

/// How often is looked.
const PAUSE: Duration = Duration::from_millis(25);

/// What showed that somebody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stir {
    /// Somebody is in a transaction that writes.
    Writer,
    /// Somebody has committed one.
    Commit,
    /// The file, its log or its journal was touched.
    File,
}

/// Watches the source for so long: nobody may be in a writing transaction, none may be committed, and the files may not
/// change. Gives the first thing that stirs; none where nothing did.
pub fn stirs(path: &Path, during: Duration) -> Result<Option<Stir>> {
    let doing = format!("see whether anybody writes to {}", path.display());
    let real = locate(path)?;
    let writer = Writer::open(path)?;
    if is_locked(&writer, &doing)? {
        return Ok(Some(Stir::Writer));
    }
    // What opening it has made beside it is there by now.
    let before = Stamps::settled(&real);
    let version = commits(&writer, &doing)?;
    let deadline = Instant::now() + during;
    while Instant::now() < deadline {
        std::thread::sleep(PAUSE.min(during));
        let Some(known) = version else { return Ok(Some(Stir::Writer)) };
        match commits(&writer, &doing)? {
            None => return Ok(Some(Stir::Writer)),
            Some(now) if now != known => return Ok(Some(Stir::Commit)),
            Some(_) if Stamps::look(&real) != before => return Ok(Some(Stir::File)),
            Some(_) => {}
        }
    }
    Ok(is_locked(&writer, &doing)?.then_some(Stir::Writer))
}

/// Whether the write lock is not to be had. It is given back at once.
fn is_locked(writer: &Writer, doing: &str) -> Result<bool> {
    match writer.connection().execute_batch("begin immediate; rollback") {
        Ok(()) => Ok(false),
        Err(error) if is_busy(&error) => Ok(true),
        Err(error) => Err(refused(doing, error)),
    }
}

/// A number that changes with every commit of another connection; none where somebody has locked the file for writing.
fn commits(writer: &Writer, doing: &str) -> Result<Option<i64>> {
    match number(writer.connection(), "pragma main.data_version", doing) {
        Ok(number) => Ok(Some(number)),
        Err(error) if error.kind() == ErrorKind::SourceBusy => Ok(None),
        Err(error) => Err(error),
    }
}
