//! A directory of backups: held by one run at a time, cleared of what an earlier one left, and added to whole or not at all.
//!
//! Only touches files that are called as this room calls its own.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use rustix::fs::{FlockOperation, flock};

use super::manifest::Manifest;
use super::name::{BackupName, PARTIAL, Side};
use super::stream;
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::plan::Compression;

/// A directory of backups that this run holds.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Released when the file is closed, also by a kill.
    _lock: File,
}

impl Place {
    /// Makes the directory (mode 0700) where it isn't there, and holds it.
    pub(super) fn make(path: &Path) -> Result<Self> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| unusable(path, &error))?;
        Self::hold(path)
    }

    /// Holds a directory that is there, and clears it of what is not finished; another run's lock is [`ErrorKind::Locked`].
    pub(super) fn hold(path: &Path) -> Result<Self> {
        let unusable = |error: io::Error| unusable(path, &error);
        let path = fs::canonicalize(path).map_err(unusable)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join(".outgrow-lock"));
        let lock = lock.map_err(unusable)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            let doing = format!("hold the directory of backups {}", path.display());
            Error::new(ErrorKind::Locked, doing, "another backup is being made there; nothing was changed")
        })?;
        Ok(Self { path, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where a file is written before it has its name; `what` tells several of one backup apart.
    pub(super) fn partial(&self, name: &str, what: &str) -> PathBuf {
        self.path.join(format!("{name}{PARTIAL}{what}"))
    }

    /// A name that no backup there has yet: the next second's, where one was made within this one.
    pub(super) fn free_name(&self, of: &str, side: Side, compression: Compression, at: Timestamp) -> BackupName {
        let mut at = at;
        loop {
            let name = BackupName::new(of, side, compression, at);
            if !self.file(name.as_str()).exists() && !self.file(&name.manifest()).exists() {
                return name;
            }
            at += SignedDuration::from_secs(1);
        }
    }

    /// A disk that a backup fills may be the application's: one that has no room for so many bytes is left alone.
    pub(super) fn has_room(&self, bytes: u64) -> Result<()> {
        let Ok(disk) = rustix::fs::statvfs(&self.path) else { return Ok(()) };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free > bytes {
            return Ok(());
        }
        let detail = format!("{free} bytes are free there, and {bytes} are needed; nothing was written");
        Err(Error::new(ErrorKind::BackupPlace, format!("write to {}", self.path.display()), detail))
    }

    /// The number of the device that the directory lies on.
    pub(super) fn device(&self) -> Result<u64> {
        fs::metadata(&self.path).map(|metadata| metadata.dev()).map_err(|error| unusable(&self.path, &error))
    }

    /// Removes what a run left that did not come to its end; gives the names.
    pub(super) fn clear(&self) -> Result<Vec<String>> {
        let failed = |error: io::Error| unusable(&self.path, &error);
        let mut gone = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let file = entry.map_err(failed)?.file_name();
            let Some((file, name)) = file.to_str().and_then(|file| Some((file.to_owned(), BackupName::of_partial(file)?))) else {
                continue;
            };
            // The file and its checksum have their names before the manifest has: without it they are no backup.
            if file == format!("{}{PARTIAL}", name.manifest()) && !self.file(&name.manifest()).exists() {
                for named in [name.as_str().to_owned(), name.checksum()] {
                    if remove(&self.file(&named)).map_err(failed)? {
                        gone.push(named);
                    }
                }
            }
            if remove(&self.file(&file)).map_err(failed)? {
                gone.push(file);
            }
        }
        gone.sort();
        Ok(gone)
    }

    /// Gives a backup that lies whole under its partial name its own one, with checksum and manifest.
    ///
    /// The manifest under its partial name comes first, so that a later run knows the other two for unfinished, and gets its
    /// name last.
    pub(super) fn publish(&self, manifest: &Manifest) -> Result<()> {
        let name = &manifest.name;
        let put = |file: &str, text: &str| stream::write(&self.partial(file, ""), text.as_bytes());
        put(&name.checksum(), &manifest.checksum_line()).map_err(|error| unwritable(&self.path, &error))?;
        put(&name.manifest(), &manifest.to_text()?).map_err(|error| unwritable(&self.path, &error))?;
        self.sync()?;
        failpoint::pass("backup.written")?;
        self.take_name(name.as_str())?;
        failpoint::pass("backup.named")?;
        self.take_name(&name.checksum())?;
        self.take_name(&name.manifest())?;
        self.sync()?;
        failpoint::pass("backup.published")
    }

    /// Writes the manifest of a published backup anew.
    pub(super) fn rewrite(&self, manifest: &Manifest) -> Result<()> {
        let file = manifest.name.manifest();
        let partial = self.partial(&file, "");
        stream::write(&partial, manifest.to_text()?.as_bytes()).map_err(|error| unwritable(&self.path, &error))?;
        self.take_name(&file)?;
        self.sync()
    }

    /// Removes a published backup: its manifest goes last, so that whatever is left of it is still known.
    pub(super) fn remove(&self, manifest: &Manifest) -> Result<()> {
        let name = &manifest.name;
        for file in [name.as_str(), &name.checksum(), &name.manifest()] {
            remove(&self.file(file)).map_err(|error| unusable(&self.path, &error))?;
            failpoint::pass("backup.removed")?;
        }
        self.sync()
    }

    fn take_name(&self, file: &str) -> Result<()> {
        fs::rename(self.partial(file, ""), self.file(file)).map_err(|error| unwritable(&self.path, &error))
    }

    fn sync(&self) -> Result<()> {
        File::open(&self.path).and_then(|directory| directory.sync_all()).map_err(|error| unwritable(&self.path, &error))
    }
}

/// Clears the place when a backup fails half-way: what it had written may be all the space that is left.
#[derive(Debug)]
pub(super) struct Unfinished<'a>(pub(super) &'a Place);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // The failure itself is what is reported; the next run clears what can't be cleared now.
        drop(self.0.clear());
    }
}

/// Removes a file; false where there is none.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::BackupPlace, format!("use the directory of backups {}", path.display()), error.to_string())
}

/// A backup that could not be written; what had been written of it is gone or will be.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Error {
    let detail = format!("it can't be written ({error}); nothing was added there, and the earlier backups are as they were");
    Error::new(ErrorKind::BackupPlace, format!("write a backup to {}", path.display()), detail)
}
