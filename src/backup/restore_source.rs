//! A backup of the source becomes a file again.
//!
//! The new file is whole and checked before it gets its name. A file that has the name is kept under another one, together
//! with its log and journal; at no moment does a log of the one lie beside the other.

use std::fs::{self, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;

use super::holders::holders;
use super::manifest::Manifest;
use super::name::{PARTIAL, Side, stamp};
use super::report::{BackupFacts, RestoreReport};
use super::{stream, trial};
use crate::catalog::JournalMode;
use crate::error::{Error, ErrorKind, Outcome, Result, failpoint};
use crate::sqlite::enter_wal_mode;
use crate::verify::Verdict;

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What is to be restored, and where.
#[derive(Debug, Clone, Copy)]
pub struct RestoreSource<'a> {
    /// The backup's file; its manifest lies beside it.
    pub backup: &'a Path,
    /// The file to make.
    pub to: &'a Path,
    /// Whether a file that is there is put aside; else it is left alone, and nothing is restored.
    pub replace: bool,
    /// Whether SQLite checks the restored file, and its tables are counted, before it gets its name.
    pub verify: bool,
}

/// Restores a backup of the source.
pub fn restore_source(order: &RestoreSource<'_>) -> Result<RestoreReport> {
    let began = Instant::now();
    let manifest = Manifest::beside(order.backup)?;
    let doing = format!("restore {} to {}", order.backup.display(), order.to.display());
    if manifest.side != Side::Source {
        return Err(
            Error::new(ErrorKind::Usage, doing, "it is a backup of a PostgreSQL database").hint("outgrow restore target … restores it")
        );
    }
    let place = Destination::find(order.to, &doing)?;
    let mut remarks = Vec::new();
    place.is_free(order.replace, &mut remarks)?;
    let verified = place.unpack(order, &manifest)?;
    place.dress(&manifest, &mut remarks)?;
    failpoint::pass("restore.unpacked")?;
    let put_aside = place.put_aside(&mut remarks)?;
    place.settle()?;
    Ok(RestoreReport {
        outcome: Outcome::Done,
        backup: BackupFacts::from(&manifest),
        to: place.file.display().to_string(),
        put_aside,
        verified,
        remarks,
        seconds: began.elapsed().as_secs_f64(),
    })
}

/// The file that is to be there in the end.
struct Destination {
    doing: String,
    file: PathBuf,
    directory: PathBuf,
    partial: PathBuf,
    /// The file that is replaced or, where a killed restore has put it aside already, the one that has its owner and mode.
    old: Option<Metadata>,
}

impl Destination {
    /// The real place behind the name.
    fn find(to: &Path, doing: &str) -> Result<Self> {
        let failed = |error: io::Error| Error::new(ErrorKind::Usage, doing, format!("its directory can't be used ({error})"));
        let real = fs::canonicalize(to).ok();
        let named = std::path::absolute(to).map_err(failed)?;
        let (parent, name) = match &real {
            Some(real) => (real.parent(), real.file_name()),
            None => (named.parent(), named.file_name()),
        };
        let (Some(parent), Some(name)) = (parent, name) else {
            return Err(Error::new(ErrorKind::Usage, doing, "--to names no file"));
        };
        let directory = fs::canonicalize(parent).map_err(failed)?;
        let file = directory.join(name);
        let partial = beside(&file, &format!(".outgrow-restore{PARTIAL}"));
        let old = fs::metadata(&file).or_else(|_| fs::metadata(&partial)).ok();
        Ok(Self { doing: doing.to_owned(), file, directory, partial, old })
    }

    fn failed(&self, error: &io::Error) -> Error {
        let detail = format!("it can't be written there ({error}); what was there is as it was");
        Error::new(ErrorKind::BackupPlace, &self.doing, detail)
    }

    fn side_files(&self) -> impl Iterator<Item = (&'static str, PathBuf)> + '_ {
        BESIDE.into_iter().map(|suffix| (suffix, beside(&self.file, suffix))).filter(|(_, file)| file.exists())
    }

    /// Whether the file may be made: none is there, or it may be put aside and nobody has it open.
    fn is_free(&self, replace: bool, remarks: &mut Vec<String>) -> Result<()> {
        if !self.file.exists() {
            return self.clear_leavings();
        }
        if !self.file.is_file() {
            return Err(Error::new(ErrorKind::Usage, &self.doing, "what is there is not an ordinary file"));
        }
        if !replace {
            return Err(Error::new(ErrorKind::Usage, &self.doing, "there is a file of that name, which is not overwritten")
                .hint("name another one, or say --replace: it is then kept beside, under another name"));
        }
        let mut files = vec![self.file.clone()];
        files.extend(self.side_files().map(|(_, file)| file));
        let holders = holders(&files);
        if !holders.processes.is_empty() {
            let detail = format!("{} has it open: {}; nothing was changed", self.file.display(), holders.processes.join(", "));
            return Err(Error::new(ErrorKind::SourceBusy, &self.doing, detail).hint("stop the application first"));
        }
        if !holders.known {
            remarks.push("this system does not show who has a file open; that nobody had was not proven".to_owned());
        } else if holders.hidden > 0 {
            let hidden = holders.hidden;
            remarks
                .push(format!("{hidden} processes of other accounts could not be looked into; that none had the file open was not proven"));
        }
        Ok(())
    }

    /// Where no database is, no log of one may lie: SQLite would take it for the new one's. Those that a killed restore left have
    /// another name as well.
    fn clear_leavings(&self) -> Result<()> {
        for (_, file) in self.side_files() {
            if fs::metadata(&file).map_err(|error| self.failed(&error))?.nlink() < 2 {
                let detail = format!("{} lies there without its database", file.display());
                return Err(Error::new(ErrorKind::Usage, &self.doing, detail)
                    .hint("it may hold the last writes of a database that was moved: put it back beside that, or move it away"));
            }
            fs::remove_file(&file).map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    /// Makes the file under its partial name, and proves that it is what was backed up.
    fn unpack(&self, order: &RestoreSource<'_>, manifest: &Manifest) -> Result<Option<super::RestoreTest>> {
        let began = Instant::now();
        self.clear().map_err(|error| self.failed(&error))?;
        let finding = self.unpacked(order, manifest);
        match finding {
            Ok((Verdict::Match, detail)) => Ok(order.verify.then(|| trial::noted(began, (Verdict::Match, detail)))),
            Ok((Verdict::Mismatch | Verdict::Inconclusive, detail)) => {
                self.clear().map_err(|error| self.failed(&error))?;
                Err(Error::new(ErrorKind::BackupDamaged, &self.doing, format!("{detail}; nothing was changed")))
            }
            Err(error) => {
                // The failure itself is what is reported; the next restore clears what can't be cleared now.
                drop(self.clear());
                Err(error)
            }
        }
    }

    fn unpacked(&self, order: &RestoreSource<'_>, manifest: &Manifest) -> Result<trial::Finding> {
        let packed = match stream::unpack(order.backup, Some(&self.partial), manifest.compression) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Ok((Verdict::Mismatch, format!("the backup is damaged: it can't be decompressed ({error})")));
            }
            other => other.map_err(|error| self.failed(&error))?,
        };
        if packed.file.sha256 != manifest.sha256 || packed.content.sha256 != manifest.content {
            return Ok((Verdict::Mismatch, "the backup is damaged: its SHA-256 is not that of its manifest".to_owned()));
        }
        if order.verify {
            return Ok(trial::judged(&self.partial, manifest));
        }
        Ok((Verdict::Match, String::new()))
    }

    fn clear(&self) -> io::Result<()> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            match fs::remove_file(beside(&self.partial, suffix)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Gives the new file the journal mode that the source had, and owner and mode of the file that it replaces.
    fn dress(&self, manifest: &Manifest, remarks: &mut Vec<String>) -> Result<()> {
        if manifest.journal_mode == Some(JournalMode::Wal) {
            enter_wal_mode(&self.partial)?;
        }
        match &self.old {
            Some(old) => {
                let mode = Permissions::from_mode(old.mode() & 0o7777);
                fs::set_permissions(&self.partial, mode).map_err(|error| self.failed(&error))?;
                let new = fs::metadata(&self.partial).map_err(|error| self.failed(&error))?;
                let is_other = (old.uid(), old.gid()) != (new.uid(), new.gid());
                if is_other && chown(&self.partial, Some(old.uid()), Some(old.gid())).is_err() {
                    remarks.push(format!("the restored file belongs to this account, and the old one to {}:{}", old.uid(), old.gid()));
                }
            }
            None => {
                remarks
                    .push("the restored file belongs to this account alone (mode 0600): let the application's account use it".to_owned());
            }
        }
        File::open(&self.partial).and_then(|file| file.sync_all()).map_err(|error| self.failed(&error))
    }

    /// Gives what is there another name as well, all of it, and then takes this name away: killed in between, the old database
    /// is whole under one of its names.
    fn put_aside(&self, remarks: &mut Vec<String>) -> Result<Vec<String>> {
        if !self.file.exists() {
            return Ok(Vec::new());
        }
        let mut at = Timestamp::now();
        let mut kept = beside(&self.file, &format!(".replaced-{}", stamp(at)));
        while kept.exists() {
            at += jiff::SignedDuration::from_secs(1);
            kept = beside(&self.file, &format!(".replaced-{}", stamp(at)));
        }
        let failed = |error: io::Error| self.failed(&error);
        let mut put_aside = Vec::new();
        let files: Vec<(&str, PathBuf)> = self.side_files().collect();
        for (suffix, file) in files.iter().chain([("", self.file.clone())].iter()) {
            let other = beside(&kept, suffix);
            fs::hard_link(file, &other).map_err(failed)?;
            put_aside.push(other.display().to_string());
        }
        self.sync().map_err(failed)?;
        failpoint::pass("restore.kept")?;
        for file in std::iter::once(&self.file).chain(files.iter().map(|(_, file)| file)) {
            fs::remove_file(file).map_err(failed)?;
        }
        self.sync().map_err(failed)?;
        failpoint::pass("restore.cleared")?;
        put_aside.sort();
        remarks.push(format!("what was there is kept as {}", kept.display()));
        Ok(put_aside)
    }

    fn settle(&self) -> Result<()> {
        fs::rename(&self.partial, &self.file).and_then(|()| self.sync()).map_err(|error| self.failed(&error))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }
}

/// The file of this suffix beside a database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
