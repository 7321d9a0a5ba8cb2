//! How a file is opened, so that all of it is read and nothing is left beside it.
//!
//! An ordinary read-only connection makes `-wal` and `-shm` files for a database in WAL mode, can't roll back a
//! journal that a crash left, and can't read a WAL in a directory that it may not write. So the choice is made here,
//! from the header and the files that lie beside, before SQLite sees the file.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::connection::{begin, harden, immutable_uri};
use super::fault::{code, damaged, fault, message};
use super::header::{self, Header};
use super::held::HeldFile;
use crate::catalog::JournalMode;
use crate::error::{Error, ErrorKind, Result};

/// How the source was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// As any reader, with SQLite's locks: other programs may go on writing.
    Shared,
    /// Without locks and side files, as one that nobody writes; that nobody did is checked at the end.
    Immutable,
    /// From a private copy of the database and the log or journal beside it, removed afterwards.
    PrivateCopy,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shared => "read in place, sharing it with other programs",
            Self::Immutable => "read in place, as a file that nobody has open",
            Self::PrivateCopy => "read from a private copy, because its log or journal can't be read in place",
        })
    }
}

/// An open source. The connection stands first: it must be closed before the handle and before the copy is removed.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) access: Access,
    pub(super) header: Header,
    pub(super) held: HeldFile,
    pub(super) private: Option<TempDir>,
    /// What the files were like before, where they have to stand still.
    pub(super) before: Option<Stamps>,
    pub(super) real: PathBuf,
}

/// How often a file that changes while it is copied is copied again.
const COPY_ATTEMPTS: u32 = 5;
/// A file written within this time of a look may be written again without its time stamp changing (the kernel's clock
/// ticks every 1 to 10 ms).
const SETTLED: Duration = Duration::from_millis(50);

/// Opens the file for reading and begins the one read transaction.
pub(super) fn open(path: &Path, busy: Duration) -> Result<Opened> {
    let doing = format!("open {}", path.display());
    let real = locate(path)?;
    let unreadable = |error: io::Error| missing(path, format!("it can't be read ({error})")).because(error);
    let held = HeldFile::open(&real).map_err(unreadable)?;
    let mut first = Vec::with_capacity(header::LOOKED_AT);
    let looked_at = u64::try_from(header::LOOKED_AT).unwrap_or(u64::MAX);
    held.reader().take(looked_at).read_to_end(&mut first).map_err(unreadable)?;
    let length = held.metadata().map_err(unreadable)?.len();
    let header = header::examine(path, &first, length)?;

    let before = Stamps::look(&real);
    let attempt = match choose(header, &before) {
        Access::Immutable => connect(immutable_uri(&real), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI, busy)
            .map(|connection| (connection, Access::Immutable)),
        Access::Shared => match connect(&real, OpenFlags::SQLITE_OPEN_READ_ONLY, busy) {
            Err(error) if asks_for_a_copy(&error) => return open_copy(path, real, header, held, busy),
            other => other.map(|connection| (connection, Access::Shared)),
        },
        Access::PrivateCopy => return open_copy(path, real, header, held, busy),
    };
    match attempt {
        Ok((connection, access)) => Ok(Opened { connection, access, header, held, private: None, before: Some(before), real }),
        Err(error) => Err(explain(&doing, error, header, length)),
    }
}

/// Finds the file behind the name; only an ordinary file is opened, because opening a pipe would wait for ever.
pub(super) fn locate(path: &Path) -> Result<PathBuf> {
    let real = fs::canonicalize(path).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            missing(path, "there is no such file".into())
                .hint("check the path, and that the program runs in the directory that you mean")
                .because(error)
        } else {
            missing(path, format!("it can't be read ({error})")).because(error)
        }
    })?;
    let metadata = fs::metadata(&real).map_err(|error| missing(path, format!("it can't be read ({error})")).because(error))?;
    if metadata.is_dir() {
        return Err(missing(path, "it is a directory".into()).hint("name the database file in it"));
    }
    if !metadata.is_file() {
        return Err(missing(path, "it is not an ordinary file".into()));
    }
    Ok(real)
}

fn missing(path: &Path, detail: String) -> Error {
    Error::new(ErrorKind::SourceMissing, format!("open {}", path.display()), detail)
}

/// The rule; see the module's text.
fn choose(header: Header, beside: &Stamps) -> Access {
    let journal = beside.journal.is_some_and(|journal| journal.bytes > 0);
    let wal_bytes = beside.wal.map(|wal| wal.bytes);
    match (header.journal_mode, wal_bytes) {
        // SQLite reads a WAL that lies there whatever the header says.
        (JournalMode::Rollback, None) => Access::Shared,
        // Whoever has the database open keeps both files there.
        (JournalMode::Wal | JournalMode::Rollback, Some(_)) if beside.shm => Access::Shared,
        (JournalMode::Wal | JournalMode::Rollback, None | Some(0)) if !journal => Access::Immutable,
        (JournalMode::Wal | JournalMode::Rollback, None | Some(_)) => Access::PrivateCopy,
    }
}

fn connect(name: impl AsRef<Path>, flags: OpenFlags, busy: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    harden(&connection, busy)?;
    begin(&connection)?;
    Ok(connection)
}

/// Whether SQLite failed because it would have had to write: to roll back a journal, or to make or recover a `-shm`.
fn asks_for_a_copy(error: &rusqlite::Error) -> bool {
    matches!(code(error), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied))
}

fn explain(doing: &str, error: rusqlite::Error, header: Header, length: u64) -> Error {
    match (code(&error), header.bytes) {
        (Some(ErrorCode::DatabaseCorrupt), Some(expected)) if expected > length => {
            damaged(doing, format!("the file is cut short: {length} bytes of the {expected} that its header speaks of"))
                .hint(
                    "if the file was copied, copy it again, after the application was stopped or with `sqlite3 app.db \".backup copy.db\"`",
                )
                .because(error)
        }
        // Nothing but the schema was asked for: what SQLite does not understand is the file's format.
        (Some(ErrorCode::Unknown), _) => {
            let detail = format!("SQLite {} can't read its schema ({})", rusqlite::version(), message(&error));
            Error::new(ErrorKind::SourceNotSqlite, doing, detail)
                .hint("the file may be written by a newer version of SQLite: use a newer version of outgrow")
                .because(error)
        }
        (_, _) => fault(doing, error),
    }
}

fn open_copy(path: &Path, real: PathBuf, header: Header, held: HeldFile, busy: Duration) -> Result<Opened> {
    let doing = format!("copy {} to read it", path.display());
    let private = tempfile::Builder::new()
        .prefix("outgrow-source-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, &doing, "no private directory can be made").because(error))?;
    let copy = private.path().join("source.db");
    let mut attempts = 0;
    loop {
        let before = Stamps::settled(&real);
        copy_all(&held, &real, &copy)
            .map_err(|error| Error::new(ErrorKind::WorkDirectory, &doing, format!("the copy can't be written ({error})")).because(error))?;
        if Stamps::look(&real) == before {
            break;
        }
        attempts += 1;
        if attempts == COPY_ATTEMPTS {
            return Err(Error::new(ErrorKind::SourceChanged, doing, "another program writes to it all the time; nothing was read")
                .hint("let this program write the directory of the file, so that it can be read in place, or stop the application"));
        }
    }
    // Writable, so that SQLite rolls back the journal or recovers the log; the copy is ours.
    let connection = connect(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE, busy)
        .and_then(|connection| {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            Ok(connection)
        })
        .map_err(|error| fault(format!("open {}", path.display()), error))?;
    Ok(Opened { connection, access: Access::PrivateCopy, header, held, private: Some(private), before: None, real })
}

fn copy_all(held: &HeldFile, real: &Path, copy: &Path) -> io::Result<()> {
    let mut target = new_private_file(copy)?;
    io::copy(&mut held.reader(), &mut target)?;
    for suffix in ["-wal", "-journal"] {
        match File::open(beside(real, suffix)) {
            Ok(mut side) => {
                io::copy(&mut side, &mut new_private_file(&beside(copy, suffix))?)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::remove_file(beside(copy, suffix)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            },
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn new_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// The file of this suffix beside a database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// What a database and the files beside it looked like at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamps {
    database: Option<Stamp>,
    wal: Option<Stamp>,
    journal: Option<Stamp>,
    shm: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
}

impl Stamps {
    pub(super) fn look(real: &Path) -> Self {
        let stamp = |path: &Path| fs::metadata(path).ok().map(|metadata| Stamp::of(&metadata));
        Self {
            database: stamp(real),
            wal: stamp(&beside(real, "-wal")),
            journal: stamp(&beside(real, "-journal")),
            shm: beside(real, "-shm").exists(),
        }
    }

    /// Looks once the last write is long enough ago for the next one to show.
    pub(super) fn settled(real: &Path) -> Self {
        let recent = |path: &Path| {
            let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
            modified.and_then(|modified| SystemTime::now().duration_since(modified).ok()).is_some_and(|age| age < SETTLED)
        };
        if recent(real) || recent(&beside(real, "-wal")) {
            std::thread::sleep(SETTLED);
        }
        Self::look(real)
    }

    /// Whether the database is still the same file with the same content, as far as one sees from outside.
    pub(super) fn still_hold(&self, real: &Path) -> bool {
        let now = Self::look(real);
        let wal_bytes = |stamps: &Self| stamps.wal.map_or(0, |wal| wal.bytes);
        now.database == self.database && wal_bytes(&now) == wal_bytes(self)
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { inode: metadata.ino(), bytes: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}
