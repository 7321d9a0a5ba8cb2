//! The first bytes of a file: whether they are those of a SQLite database, and what they are instead.
//!
//! Works on bytes only; never opens anything.

use std::path::Path;

use crate::catalog::JournalMode;
use crate::error::{Error, ErrorKind, Result};

/// How much of a file's beginning is looked at.
pub(super) const LOOKED_AT: usize = 4096;

/// What the header of a database says, as far as it is needed before SQLite reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) journal_mode: JournalMode,
    /// Page size × page count, where the header knows the count.
    pub(super) bytes: Option<u64>,
}

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The newest file format (bytes 18 and 19) that SQLite knows: 1 is a rollback journal, 2 a write-ahead log.
const NEWEST_FORMAT: u8 = 2;

/// Reads the header from the first bytes (up to [`LOOKED_AT`]) of a file of `length` bytes.
pub(super) fn examine(path: &Path, first: &[u8], length: u64) -> Result<Header> {
    let refuse = |kind, detail: String| Error::new(kind, format!("open {}", path.display()), detail);
    if length == 0 {
        return Err(refuse(ErrorKind::SourceEmpty, "the file is empty (0 bytes): there is no database in it".into())
            .hint("check the path: a program that is started in the wrong directory makes such a file beside the real one"));
    }
    if !first.starts_with(MAGIC) {
        return Err(if looks_encrypted(first, length) { encrypted(&refuse) } else { not_sqlite(&refuse, first) });
    }
    let byte = |at: usize| first.get(at).copied().unwrap_or(0);
    let page_bytes = match u16::from_be_bytes([byte(16), byte(17)]) {
        1 => 65_536,
        size => u64::from(size),
    };
    if first.len() < 100 || !(512..=65_536).contains(&page_bytes) || !page_bytes.is_power_of_two() {
        return Err(super::fault::damaged(
            format!("open {}", path.display()),
            format!("its header is cut short or senseless ({length} bytes, page size {page_bytes})"),
        ));
    }
    // The first page is a node of the schema's tree; anything else there means that only the header was left readable.
    if !matches!(byte(100), 0x05 | 0x0d) && entropy_is_high(first.get(100..).unwrap_or_default()) {
        return Err(encrypted(&refuse));
    }
    if byte(19) > NEWEST_FORMAT {
        return Err(refuse(
            ErrorKind::SourceNotSqlite,
            format!("the file is of a newer format ({}) than this SQLite ({}) can read", byte(19), rusqlite::version()),
        )
        .hint("use a newer version of outgrow"));
    }
    let word = |at: usize| u32::from_be_bytes([byte(at), byte(at + 1), byte(at + 2), byte(at + 3)]);
    // The page count is only kept by versions of SQLite since 3.7.0, which mark it so.
    let counted = word(28) > 0 && word(24) == word(92);
    Ok(Header {
        journal_mode: if byte(19) == 2 { JournalMode::Wal } else { JournalMode::Rollback },
        bytes: counted.then(|| page_bytes * u64::from(word(28))),
    })
}

fn encrypted(refuse: &impl Fn(ErrorKind, String) -> Error) -> Error {
    refuse(
        ErrorKind::SourceEncrypted,
        "the file looks encrypted (its bytes are random and its size is that of pages): outgrow has no key and reads nothing".into(),
    )
    .hint("decrypt it first with the program that made it; for SQLCipher: `ATTACH 'plain.db' AS plain KEY ''; SELECT sqlcipher_export('plain');`")
}

fn not_sqlite(refuse: &impl Fn(ErrorKind, String) -> Error, first: &[u8]) -> Error {
    let (what, hint) = recognised(first);
    refuse(ErrorKind::SourceNotSqlite, format!("the file is not a SQLite database: {what}")).hint(hint)
}

/// What a file that is no database seems to be, and what to do about it.
fn recognised(first: &[u8]) -> (&'static str, &'static str) {
    const KNOWN: &[(&[u8], &str, &str)] = &[
        (b"\x37\x7f\x06\x82", "it is the write-ahead log of one", "name the database itself, without `-wal`"),
        (b"\x37\x7f\x06\x83", "it is the write-ahead log of one", "name the database itself, without `-wal`"),
        (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", "it is the rollback journal of one", "name the database itself, without `-journal`"),
        (b"** This file contains an SQLite 2", "it is one of SQLite 2", "convert it: `sqlite old.db .dump | sqlite3 new.db`"),
        (b"\x1f\x8b", "it is compressed (gzip)", "unpack it first"),
        (b"PK\x03\x04", "it is compressed (zip)", "unpack it first"),
        (b"\x28\xb5\x2f\xfd", "it is compressed (zstd)", "unpack it first"),
        (b"\xfd7zXZ", "it is compressed (xz)", "unpack it first"),
        (b"BZh", "it is compressed (bzip2)", "unpack it first"),
        (b"PGDMP", "it is a dump of PostgreSQL", "name the SQLite file that is to be moved"),
    ];
    if let Some((_, what, hint)) = KNOWN.iter().find(|(magic, _, _)| first.starts_with(magic)) {
        return (what, hint);
    }
    if std::str::from_utf8(first.get(..first.len().min(512)).unwrap_or_default()).is_ok_and(|text| !text.contains('\0')) {
        return ("it begins as a text", "if it is a dump in SQL, make a database of it first: `sqlite3 app.db < dump.sql`");
    }
    ("it does not begin with `SQLite format 3`", "check the path")
}

/// Whether the file looks like pages of random bytes and is none of the formats that also do.
fn looks_encrypted(first: &[u8], length: u64) -> bool {
    let (what, _) = recognised(first);
    what.starts_with("it does not begin") && length.is_multiple_of(512) && entropy_is_high(first)
}

/// Whether the bytes are as good as random: at least 1024 of them, with more than 7.4 of 8 bits of entropy each.
///
/// 1024 random bytes measure 7.8; machine code, tables and texts stay below 7.
fn entropy_is_high(bytes: &[u8]) -> bool {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let Ok(total) = u32::try_from(bytes.len()) else { return false };
    let total = f64::from(total);
    let bits: f64 =
        counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total).map(|share| -share * share.log2()).sum();
    bytes.len() >= 924 && bits > 7.4
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes without a pattern, always the same.
    fn noise(count: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[3]
        })
        .take(count)
        .collect()
    }

    fn kind_of(first: &[u8], length: u64) -> ErrorKind {
        examine(Path::new("app.db"), first, length).expect_err("refused").kind()
    }

    fn plain_header() -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        bytes[..16].copy_from_slice(MAGIC);
        bytes[16..20].copy_from_slice(&[0x10, 0, 1, 1]);
        bytes[100] = 0x0d;
        bytes
    }

    #[test]
    fn tells_databases_from_other_files() {
        assert_eq!(kind_of(b"", 0), ErrorKind::SourceEmpty);
        assert_eq!(kind_of(b"create table t(a);", 18), ErrorKind::SourceNotSqlite);
        assert_eq!(kind_of(&[0; 4096], 4096), ErrorKind::SourceNotSqlite);
        assert_eq!(kind_of(&noise(4096), 8192), ErrorKind::SourceEncrypted);
        assert_eq!(kind_of(&noise(4096), 8191), ErrorKind::SourceNotSqlite);
        let mut zipped = noise(4096);
        zipped[..4].copy_from_slice(b"PK\x03\x04");
        assert_eq!(kind_of(&zipped, 8192), ErrorKind::SourceNotSqlite);
        let header = examine(Path::new("app.db"), &plain_header(), 4096).expect("a database");
        assert_eq!(header, Header { journal_mode: JournalMode::Rollback, bytes: None });
    }

    #[test]
    fn refuses_headers_that_make_no_sense() {
        let mut header = plain_header();
        header[17] = 3;
        assert_eq!(kind_of(&header, 4096), ErrorKind::SourceCorrupt);
        assert_eq!(kind_of(&plain_header()[..50], 50), ErrorKind::SourceCorrupt);
        let mut header = plain_header();
        header[19] = 3;
        assert_eq!(kind_of(&header, 4096), ErrorKind::SourceNotSqlite);
        let mut header = plain_header();
        header[100..].copy_from_slice(&noise(3996));
        header[100] = 0x77;
        assert_eq!(kind_of(&header, 4096), ErrorKind::SourceEncrypted);
    }
}
