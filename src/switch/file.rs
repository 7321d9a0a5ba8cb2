//! A file that is replaced whole: written beside, then renamed.
//!
//! A reader sees the old content or the new, whenever the machine stops. Mode and owner stay; a link is followed, and stays
//! a link.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result, failpoint};

/// Whose a file is, and who may do what with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    mode: u32,
    uid: u32,
    gid: u32,
}

/// A file as it is now.
pub(super) struct FileNow {
    /// The file itself, behind every link.
    pub(super) real: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) owner: Owner,
    /// By how many names it goes.
    pub(super) links: u64,
}

impl FileNow {
    /// Whether accounts that are neither its owner nor of its group may read it.
    pub(super) fn is_open_to_all(&self) -> bool {
        self.owner.mode & 0o004 != 0
    }
}

/// The file of a name that the policy says, from the policy's directory.
pub(super) fn placed(file: &Path, directory: Option<&Path>) -> PathBuf {
    directory.map_or_else(|| file.to_owned(), |directory| directory.join(file))
}

/// Reads a file that is to be switched.
pub(super) fn read(file: &Path) -> Result<FileNow> {
    let refused = |error: io::Error| fault("read", file, &error).because(error);
    let real = fs::canonicalize(file).map_err(refused)?;
    let facts = fs::metadata(&real).map_err(refused)?;
    if !facts.is_file() {
        return Err(Error::new(ErrorKind::Usage, format!("read {}", file.display()), "it is not an ordinary file; nothing was changed"));
    }
    let bytes = fs::read(&real).map_err(refused)?;
    let owner = Owner { mode: facts.mode() & 0o7777, uid: facts.uid(), gid: facts.gid() };
    Ok(FileNow { real, bytes, owner, links: facts.nlink() })
}

fn fault(doing: &str, file: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Usage, format!("{doing} {}", file.display()), format!("{error}; the file is as it was")).hint(
        "run outgrow as an account that may write the file and its directory, or switch by commands: `run` and `revert` under [[switch]]",
    )
}

/// Replaces a file's content, if it still is what it was thought to be; none where it is thought not to be there.
pub(super) fn replace(real: &Path, was: Option<&[u8]>, becomes: &[u8], owner: Owner) -> Result<()> {
    let refused = |error: io::Error| fault("write", real, &error).because(error);
    let draft = draft_of(real);
    let written = write_draft(&draft, becomes, owner).and_then(|()| match fs::read(real) {
        Ok(now) => Ok(was == Some(now.as_slice())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(was.is_none()),
        Err(error) => Err(error),
    });
    match written {
        Ok(true) => {
            failpoint::pass("switch.drafted")?;
            fs::rename(&draft, real).map_err(|error| {
                drop(fs::remove_file(&draft));
                refused(error)
            })?;
            let directory = real.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(directory).and_then(|directory| directory.sync_all()).map_err(refused)
        }
        Ok(false) => {
            drop(fs::remove_file(&draft));
            let detail = "somebody else changed it at this very moment; the file is as they left it";
            Err(Error::new(ErrorKind::Interrupted, format!("write {}", real.display()), detail))
        }
        Err(error) => {
            drop(fs::remove_file(&draft));
            Err(refused(error))
        }
    }
}

/// Takes away what a run that died has left beside a file.
pub(super) fn clear_draft(real: &Path) {
    drop(fs::remove_file(draft_of(real)));
}

/// Always the same name, so that a run that dies leaves at most one, and the next one finds it.
fn draft_of(real: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(real.file_name().unwrap_or_default());
    name.push(".outgrow-new");
    real.with_file_name(name)
}

fn write_draft(draft: &Path, bytes: &[u8], owner: Owner) -> io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.write_all(bytes)?;
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (owner.uid, owner.gid) {
        fchown(&file, Some(owner.uid), Some(owner.gid))?;
    }
    file.set_permissions(fs::Permissions::from_mode(owner.mode))?;
    file.sync_all()
}

/// The SHA-256 of a content, as `sha256sum` writes it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
