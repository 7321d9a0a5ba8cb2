//! A plain handle of a database file, kept open as long as this process may have the file open through SQLite.
//!
//! Closing any handle of a file drops all POSIX locks that the process holds on it, SQLite's included, and a writer
//! could then change pages under a reader (<https://sqlite.org/howtocorrupt.html>, §2.2). So all readers of one file
//! share one handle here, and the last of them closes it, after its connection.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Device and inode.
type Identity = (u64, u64);

/// The open handles of each file, and how many readers share them.
static HELD: Mutex<BTreeMap<Identity, (Vec<File>, u64)>> = Mutex::new(BTreeMap::new());

fn held() -> MutexGuard<'static, BTreeMap<Identity, (Vec<File>, u64)>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One reader's share in the handle of a file.
#[derive(Debug)]
pub(super) struct HeldFile {
    identity: Identity,
}

impl HeldFile {
    /// Opens the file for reading, or takes a share in the handle that is open already.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut held = held();
        let known = identity(&path.metadata()?);
        if let Some((_, shares)) = held.get_mut(&known) {
            *shares += 1;
            return Ok(Self { identity: known });
        }
        let file = File::open(path)?;
        let identity = identity(&file.metadata()?);
        // Another file, held already, may have taken the name between the two looks: no handle of it may be closed.
        let (files, shares) = held.entry(identity).or_default();
        files.push(file);
        *shares += 1;
        Ok(Self { identity })
    }

    /// The file's metadata as it is now.
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.with(File::metadata)
    }

    /// A reader from the beginning of the file.
    pub(super) fn reader(&self) -> impl Read + '_ {
        HeldReader { file: self, position: 0 }
    }

    fn with<T>(&self, read: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
        match held().get(&self.identity).and_then(|(files, _)| files.first()) {
            Some(file) => read(file),
            None => Err(io::Error::other("the file's handle is gone")),
        }
    }
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        let mut held = held();
        if let Some((_, shares)) = held.get_mut(&self.identity) {
            *shares -= 1;
            if *shares == 0 {
                held.remove(&self.identity);
            }
        }
    }
}

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

struct HeldReader<'a> {
    file: &'a HeldFile,
    position: u64,
}

impl Read for HeldReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.with(|file| file.read_at(buffer, self.position))?;
        self.position += u64::try_from(count).map_err(io::Error::other)?;
        Ok(count)
    }
}
