//! Bytes from one file to another: compressed or taken apart, and digested on both sides.
//!
//! Never holds more than a buffer in memory.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::plan::Compression;

const BUFFER_BYTES: usize = 1 << 20;
/// As quick as a disk, and about as small as `gzip -9`.
const ZSTD_LEVEL: i32 = 3;

/// How long something is, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digested {
    pub(super) bytes: u64,
    /// SHA-256, in hexadecimal digits.
    pub(super) sha256: String,
}

/// A file and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed {
    /// The file as it lies there.
    pub(super) file: Digested,
    /// What comes out of it.
    pub(super) content: Digested,
}

/// Compresses a file into another, which is made (mode 0600) and is on disk afterwards.
pub(super) fn pack(from: &Path, to: &Path, compression: Compression) -> io::Result<Packed> {
    let length = from.metadata()?.len();
    let mut reader = Digesting::new(BufReader::with_capacity(BUFFER_BYTES, File::open(from)?));
    let writer = Digesting::new(BufWriter::with_capacity(BUFFER_BYTES, make(to)?));
    let writer = match compression {
        Compression::Zstd => {
            let mut encoder = zstd::Encoder::new(writer, ZSTD_LEVEL)?;
            encoder.include_checksum(true)?;
            encoder.set_pledged_src_size(Some(length))?;
            io::copy(&mut reader, &mut encoder)?;
            encoder.finish()?
        }
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(writer, flate2::Compression::default());
            io::copy(&mut reader, &mut encoder)?;
            encoder.finish()?
        }
        Compression::None => {
            let mut writer = writer;
            io::copy(&mut reader, &mut writer)?;
            writer
        }
    };
    let (mut writer, file) = writer.end();
    writer.flush()?;
    writer.get_ref().sync_all()?;
    Ok(Packed { file, content: reader.end().1 })
}

/// Takes a compressed file apart, into another that is made where one is named; both are digested.
///
/// What is no compressed data, or is cut short, is an error of the kind `InvalidData` or `UnexpectedEof`.
pub(super) fn unpack(from: &Path, to: Option<&Path>, compression: Compression) -> io::Result<Packed> {
    let mut reader = Digesting::new(BufReader::with_capacity(BUFFER_BYTES, File::open(from)?));
    let target: Box<dyn Sink> = match to {
        Some(to) => Box::new(BufWriter::with_capacity(BUFFER_BYTES, make(to)?)),
        None => Box::new(Nowhere),
    };
    let mut writer = Digesting::new(target);
    match compression {
        Compression::Zstd => {
            let mut decoder = zstd::Decoder::new(&mut reader).map_err(undecodable)?;
            io::copy(&mut Undecodable(&mut decoder), &mut writer)?;
        }
        Compression::Gzip => {
            let mut decoder = flate2::read::MultiGzDecoder::new(&mut reader);
            io::copy(&mut Undecodable(&mut decoder), &mut writer)?;
        }
        Compression::None => {
            io::copy(&mut reader, &mut writer)?;
        }
    }
    // Whatever stands behind the data belongs to the file, too.
    io::copy(&mut reader, &mut io::sink())?;
    let (mut target, content) = writer.end();
    target.settle()?;
    Ok(Packed { file: reader.end().1, content })
}

/// Digests a file as it is.
pub(super) fn digest(path: &Path) -> io::Result<Digested> {
    unpack(path, None, Compression::None).map(|packed| packed.file)
}

/// Copies a file to a new one (mode 0600), which is on disk afterwards, and digests it.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<Digested> {
    pack(from, to, Compression::None).map(|packed| packed.file)
}

/// Writes a new file (mode 0600), which is on disk afterwards.
pub(super) fn write(to: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = make(to)?;
    file.write_all(content)?;
    file.sync_all()
}

fn make(to: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)
}

/// The hexadecimal digits of a SHA-256.
pub(super) fn hexadecimal(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The SHA-256 of some bytes.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes))
}

/// Where decompressed bytes go.
trait Sink: Write {
    /// Brings all of it to disk.
    fn settle(&mut self) -> io::Result<()>;
}

impl Sink for BufWriter<File> {
    fn settle(&mut self) -> io::Result<()> {
        self.flush()?;
        self.get_ref().sync_all()
    }
}

struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Nowhere {
    fn settle(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Says of a decoder's every error that the data is bad: it reads from a file that can be read.
struct Undecodable<R>(R);

impl<R: Read> Read for Undecodable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(undecodable)
    }
}

fn undecodable(error: io::Error) -> io::Error {
    let is_of_the_disk = error.raw_os_error().is_some();
    if is_of_the_disk { error } else { io::Error::new(io::ErrorKind::InvalidData, error) }
}

/// Counts and digests what passes.
struct Digesting<T> {
    inner: T,
    bytes: u64,
    hash: Sha256,
}

impl<T> Digesting<T> {
    fn new(inner: T) -> Self {
        Self { inner, bytes: 0, hash: Sha256::new() }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.hash.update(bytes);
    }

    fn end(self) -> (T, Digested) {
        (self.inner, Digested { bytes: self.bytes, sha256: hexadecimal(self.hash.finalize()) })
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(read) = buffer.get(..count) {
            self.note(read);
        }
        Ok(count)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        if let Some(written) = bytes.get(..count) {
            self.note(written);
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let content: Vec<u8> = (0..3_000_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
        std::fs::write(at("plain"), &content).unwrap();
        for (number, compression) in [Compression::Zstd, Compression::Gzip, Compression::None].into_iter().enumerate() {
            let (packed, again) = (at(&format!("packed{number}")), at(&format!("again{number}")));
            let made = pack(&at("plain"), &packed, compression).unwrap();
            assert_eq!(made.content, digest(&at("plain")).unwrap());
            assert_eq!(made.file, digest(&packed).unwrap());
            assert_eq!(unpack(&packed, Some(&again), compression).unwrap(), made);
            assert_eq!(std::fs::read(&again).unwrap(), content);
        }
    }

    #[test]
    fn what_is_cut_short_or_changed_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("plain"), vec![7; 100_000]).unwrap();
        for compression in [Compression::Zstd, Compression::Gzip] {
            let packed = at("packed");
            pack(&at("plain"), &packed, compression).unwrap();
            let bytes = std::fs::read(&packed).unwrap();
            for wrong in [&bytes[..bytes.len() - 3], &bytes[1..], b"", b"text"] {
                std::fs::write(&packed, wrong).unwrap();
                let error = unpack(&packed, None, compression).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{compression:?}: {error}");
            }
            std::fs::remove_file(&packed).unwrap();
        }
    }
}
