//! The locks that SQLite's connections hold on a database and on the index of its log, as the operating system tells them.
//!
//! Which byte means what is part of SQLite's file format: <https://sqlite.org/lockingv3.html>, <https://sqlite.org/walformat.html>.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::process::{Flock, FlockType, fcntl_getlk};
use rustix::thread::UnshareFlags;

use super::holders::Holding;

/// In the database: whoever is about to write, or writes, holds one of these.
const RESERVED: (u64, u64) = (0x4000_0000, 0x4000_0001);
/// In the database: shared by those who read; in WAL mode, by everybody who has it open.
const SHARED: (u64, u64) = (0x4000_0002, 0x4000_01ff);
/// In the log's index: whoever writes, checkpoints or recovers.
const LOG_WRITE: (u64, u64) = (120, 122);
/// In the log's index: those who read.
const LOG_READ: (u64, u64) = (123, 127);
/// In the log's index: shared by everybody who has the database open.
const LOG_OPEN: (u64, u64) = (128, 128);

/// Which of the two files a lock is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Database,
    LogIndex,
}

/// A line of `/proc/locks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lock {
    pub(super) pid: u32,
    pub(super) device: (u32, u32),
    pub(super) inode: u64,
    exclusive: bool,
    first: u64,
    last: u64,
}

impl Lock {
    fn touches(&self, (first, last): (u64, u64)) -> bool {
        self.first <= last && first <= self.last
    }
}

/// Reads `/proc/locks`. Locks of one connection (rather than of a process), `flock`s and those who only wait are not SQLite's.
pub(super) fn parse(text: &str) -> Vec<Lock> {
    text.lines().filter_map(parsed).collect()
}

fn parsed(line: &str) -> Option<Lock> {
    let mut words = line.split_ascii_whitespace().skip(1);
    if words.next()? != "POSIX" {
        return None;
    }
    let exclusive = words.nth(1)? == "WRITE";
    let pid = words.next()?.parse().ok()?;
    let mut place = words.next()?.split(':');
    let device = (u32::from_str_radix(place.next()?, 16).ok()?, u32::from_str_radix(place.next()?, 16).ok()?);
    let inode = place.next()?.parse().ok()?;
    let first = words.next()?.parse().ok()?;
    let last = words.next()?;
    let last = if last == "EOF" { u64::MAX } else { last.parse().ok()? };
    Some(Lock { pid, device, inode, exclusive, first, last })
}

/// What a process does, from the locks that it holds.
pub(super) fn judge(held: &[(On, Lock)]) -> Holding {
    let any = |on: On, range, exclusive: bool| {
        held.iter().any(|(place, lock)| *place == on && lock.touches(range) && (lock.exclusive || !exclusive))
    };
    let log = any(On::LogIndex, (LOG_WRITE.0, LOG_OPEN.1), false);
    if any(On::Database, RESERVED, true) || any(On::Database, SHARED, true) || any(On::LogIndex, LOG_WRITE, true) {
        Holding::Writing
    } else if any(On::LogIndex, LOG_READ, false) || (!log && any(On::Database, SHARED, false)) {
        Holding::Reading
    } else {
        Holding::Idle
    }
}

/// What somebody does who holds a lock and has no process id here: in another container, or on another machine.
///
/// A lock can only be asked for through an open handle, and to close one would drop the locks that SQLite holds for this process.
/// So it is asked on a thread with a table of handles of its own, to which none of those locks belongs.
pub(super) fn elsewhere(database: &Path, index: &Path) -> io::Result<Option<Holding>> {
    let asked = std::thread::scope(|scope| scope.spawn(|| ask(database, index)).join());
    asked.unwrap_or_else(|_| Err(io::Error::other("the thread that asks for locks has died")))
}

fn ask(database: &Path, index: &Path) -> io::Result<Option<Holding>> {
    #[expect(
        deprecated,
        reason = "unsafe where handles of other threads are used afterwards; here only those opened below are, and this thread ends"
    )]
    rustix::thread::unshare(UnshareFlags::FILES)?;
    let index = match File::open(index) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        file => Some(file?),
    };
    let mut found = None;
    if let Some(index) = &index {
        for (range, holding) in [(LOG_OPEN, Holding::Idle), (LOG_READ, Holding::Reading), (LOG_WRITE, Holding::Writing)] {
            found = foreign(index, range)?.then_some(holding).or(found);
        }
    }
    let database = File::open(database)?;
    let shared = if index.is_some() { Holding::Idle } else { Holding::Reading };
    for (range, holding) in [(SHARED, shared), (RESERVED, Holding::Writing)] {
        found = found.max(foreign(&database, range)?.then_some(holding));
    }
    Ok(found)
}

/// Whether somebody without a process id here holds a lock in this range.
fn foreign(file: &File, (first, last): (u64, u64)) -> io::Result<bool> {
    let wanted = Flock { start: first, length: last - first + 1, ..Flock::from(FlockType::WriteLock) };
    Ok(fcntl_getlk(file, &wanted)?.is_some_and(|lock| lock.pid.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKS: &str = "\
1: POSIX  ADVISORY  WRITE 77 fe:00:12 120 120
1: -> POSIX  ADVISORY  WRITE 78 fe:00:12 120 120
2: POSIX  ADVISORY  READ 77 fe:00:12 123 128
3: POSIX  ADVISORY  READ 77 fe:00:11 1073741826 1073742335
4: FLOCK  ADVISORY  WRITE 79 fe:00:11 0 EOF
5: OFDLCK ADVISORY  WRITE -1 fe:00:11 0 EOF
6: POSIX  ADVISORY  WRITE 80 103:02:99 0 EOF
nonsense
";

    #[test]
    fn reads_the_table_of_locks() {
        let locks = parse(LOCKS);
        let told: Vec<_> = locks.iter().map(|lock| (lock.pid, lock.device, lock.inode, lock.exclusive, lock.first, lock.last)).collect();
        assert_eq!(
            told,
            [
                (77, (0xfe, 0), 12, true, 120, 120),
                (77, (0xfe, 0), 12, false, 123, 128),
                (77, (0xfe, 0), 11, false, 1_073_741_826, 1_073_742_335),
                (80, (0x103, 2), 99, true, 0, u64::MAX),
            ]
        );
    }

    #[test]
    fn judges_by_the_bytes() {
        let lock = |exclusive, (first, last)| Lock { pid: 1, device: (0, 0), inode: 0, exclusive, first, last };
        let open = (On::LogIndex, lock(false, LOG_OPEN));
        let shared = (On::Database, lock(false, SHARED));
        for (held, expected) in [
            (vec![], Holding::Idle),
            (vec![shared], Holding::Reading),
            (vec![shared, open], Holding::Idle),
            (vec![shared, (On::LogIndex, lock(false, (124, 128)))], Holding::Reading),
            (vec![shared, open, (On::LogIndex, lock(true, (120, 120)))], Holding::Writing),
            (vec![shared, (On::Database, lock(true, (RESERVED.1, RESERVED.1)))], Holding::Writing),
            (vec![(On::Database, lock(true, (RESERVED.0, SHARED.1)))], Holding::Writing),
        ] {
            assert_eq!(judge(&held), expected, "{held:?}");
        }
    }
}
