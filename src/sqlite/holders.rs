//! Who has a SQLite file open, by process, and what each of them does with it.
//!
//! Told from outside: from the handles of all processes (`/proc`, by device and inode) and from the locks that SQLite's
//! connections hold. Never opens the database in this process's own table of handles: to close it would drop SQLite's
//! locks. What could not be looked into is said, so that "nobody" is never a guess.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::access::beside;
use super::locks::{self, Lock, On};
use crate::error::{Error, ErrorKind, Result};

/// What a process does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holding {
    /// It has it open, and is in no transaction.
    Idle,
    /// It is in a transaction that reads.
    Reading,
    /// It is in a transaction that writes, or checkpoints the log.
    Writing,
}

/// A process that has the database open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Holder {
    /// Its process id, as seen from here.
    pub pid: u32,
    /// The program and, where it is one word, what it runs: `python3 manage.py`. Other arguments may be secrets.
    pub command: String,
    /// What it does.
    pub what: Holding,
    /// Whether it is this very process.
    pub ours: bool,
    /// Whether it runs in a container, seen from outside.
    pub contained: bool,
}

/// Where nobody could look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unseen {
    /// Processes whose open files may not be looked into, mostly because they are other users'. Where the database is in WAL
    /// mode they show by their locks all the same.
    Processes(u64),
    /// Somebody holds a lock and is no process here: in another container, or on another machine.
    Elsewhere(Holding),
    /// The file lies on a file system that other machines may have too; what they do can't be seen.
    OtherMachines,
    /// There is no table of processes or of locks to look into.
    NoTable,
    /// Who holds locks in other containers could not be asked.
    Locks,
}

/// Who has a database open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Holders {
    /// The processes, by their ids.
    pub holders: Vec<Holder>,
    /// What could not be looked into.
    pub unseen: Vec<Unseen>,
}

/// Device and inode of a file.
type Identity = (u64, u64);

/// File systems that other machines may have open too (NFS, SMB, 9p).
const SHARED_FILE_SYSTEMS: [u64; 4] = [0x6969, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997];

impl Holders {
    /// Looks.
    pub fn of(path: &Path) -> Result<Self> {
        let doing = format!("see who has {} open", path.display());
        let missing =
            |error: io::Error| Error::new(ErrorKind::SourceMissing, &doing, format!("it can't be found ({error})")).because(error);
        let real = fs::canonicalize(path).map_err(missing)?;
        let database = identity(&real).map_err(missing)?;
        let index = beside(&real, "-shm");
        let watched = Watched { database, log: identity(&beside(&real, "-wal")).ok(), index: identity(&index).ok() };

        let mut unseen = Vec::new();
        let walked = walk(&watched);
        let table = fs::read_to_string("/proc/locks");
        if walked.is_err() || table.is_err() {
            unseen.push(Unseen::NoTable);
        }
        let (open, shut) = walked.unwrap_or_default();
        if shut > 0 {
            unseen.push(Unseen::Processes(shut));
        }
        let locks = watched.locks(&locks::parse(&table.unwrap_or_default()), &open);
        let pids: BTreeSet<u32> = open.into_iter().chain(locks.keys().copied()).collect();
        let holders = pids.into_iter().map(|pid| holder(pid, locks.get(&pid).map_or(&[], Vec::as_slice))).collect();
        match locks::elsewhere(&real, &index) {
            Ok(found) => unseen.extend(found.map(Unseen::Elsewhere)),
            Err(_) => unseen.push(Unseen::Locks),
        }
        if is_on_shared_file_system(&real) {
            unseen.push(Unseen::OtherMachines);
        }
        Ok(Self { holders, unseen })
    }

    /// The processes other than this one.
    pub fn others(&self) -> impl Iterator<Item = &Holder> {
        self.holders.iter().filter(|holder| !holder.ours)
    }

    /// This process, where it has the database open itself.
    pub fn ours(&self) -> Option<&Holder> {
        self.holders.iter().find(|holder| holder.ours)
    }

    /// Whether somebody else, seen or only told by a lock, is in a transaction that writes.
    pub fn somebody_writes(&self) -> bool {
        self.others().any(|holder| holder.what == Holding::Writing) || self.unseen.contains(&Unseen::Elsewhere(Holding::Writing))
    }
}

/// The files by which a holder is known.
struct Watched {
    database: Identity,
    log: Option<Identity>,
    index: Option<Identity>,
}

impl Watched {
    fn holds(&self, identity: Identity) -> bool {
        identity == self.database || Some(identity) == self.log || Some(identity) == self.index
    }

    /// The locks on database and index, by process. The device that the table of locks names is not always the one that
    /// a file has (btrfs): the inode is enough where the process has the file open.
    fn locks(&self, table: &[Lock], open: &BTreeSet<u32>) -> BTreeMap<u32, Vec<(On, Lock)>> {
        let mut by_process: BTreeMap<u32, Vec<(On, Lock)>> = BTreeMap::new();
        for lock in table {
            let is_of = |(device, inode): Identity| {
                let same_device = lock.device == (rustix::fs::major(device), rustix::fs::minor(device));
                lock.inode == inode && (same_device || open.contains(&lock.pid))
            };
            let on = if is_of(self.database) { Some(On::Database) } else { self.index.filter(|index| is_of(*index)).map(|_| On::LogIndex) };
            if let Some(on) = on {
                by_process.entry(lock.pid).or_default().push((on, *lock));
            }
        }
        by_process
    }
}

fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

/// The processes that have one of the files open, and how many could not be looked into.
fn walk(watched: &Watched) -> io::Result<(BTreeSet<u32>, u64)> {
    let (mut open, mut shut) = (BTreeSet::new(), 0);
    for entry in fs::read_dir("/proc")? {
        let Ok(entry) = entry else { continue };
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        match fs::read_dir(entry.path().join("fd")) {
            Ok(handles) => {
                // The link leads to the file itself, whatever it is called there.
                let is_open = handles.flatten().any(|handle| identity(&handle.path()).is_ok_and(|identity| watched.holds(identity)));
                if is_open {
                    open.insert(pid);
                }
            }
            // The kernel's own threads, and those that have ended, have no command line and no files.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !words(pid).is_empty() => shut += 1,
            Err(_) => {}
        }
    }
    Ok((open, shut))
}

fn holder(pid: u32, locks: &[(On, Lock)]) -> Holder {
    Holder { pid, command: command_of(pid), what: locks::judge(locks), ours: pid == std::process::id(), contained: is_contained(pid) }
}

/// The words of a process's command line.
fn words(pid: u32) -> Vec<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    bytes.split(|byte| *byte == 0).filter(|word| !word.is_empty()).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// What a process is: its program and, where it is one word, what that runs. Other arguments may be secrets.
pub fn command_of(pid: u32) -> String {
    let words = words(pid);
    let Some(program) = words.first() else {
        return fs::read_to_string(format!("/proc/{pid}/comm")).map(|name| name.trim().to_owned()).unwrap_or_default();
    };
    // Some programs write what they do into the first word: `php-fpm: pool www`.
    let program = program.split(' ').next().unwrap_or(program);
    let name = |word: &str| PathBuf::from(word).file_name().map_or_else(|| word.to_owned(), |name| name.to_string_lossy().into_owned());
    let runs = words.get(1).filter(|word| !word.starts_with('-') && !word.contains(['=', '@', ' ']) && !word.contains("://"));
    runs.map_or_else(|| name(program), |word| format!("{} {}", name(program), name(word)))
}

/// Whether a process has an id of its own in a namespace below this one.
fn is_contained(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("NSpid:")).is_some_and(|ids| ids.split_ascii_whitespace().count() > 1)
}

fn is_on_shared_file_system(path: &Path) -> bool {
    rustix::fs::statfs(path).ok().and_then(|facts| u64::try_from(facts.f_type).ok()).is_some_and(|kind| SHARED_FILE_SYSTEMS.contains(&kind))
}
