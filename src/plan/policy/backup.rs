//! Where backups are kept, in which form, and for how long.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Backups of either side.
///
/// They are no part of the plan: another directory or another number of backups leaves a plan what it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct BackupPolicy {
    /// The directory of the backups, from the policy's directory; made where it is not there.
    pub directory: String,
    /// Another directory that gets a copy of each, best on another disk; never made, because a disk that is not mounted
    /// would go unnoticed.
    pub second: Option<String>,
    /// How a copy of the source is compressed.
    pub compression: Compression,
    /// How many of the newest backups of a database stay, whatever their age.
    pub keep: Option<NonZeroU32>,
    /// For how many days a backup stays, however many there are.
    pub keep_days: Option<NonZeroU32>,
    /// Whether each backup is restored once to see whether it can be.
    pub test: bool,
}

impl Default for BackupPolicy {
    fn default() -> Self {
        Self { directory: "backups".to_owned(), second: None, compression: Compression::default(), keep: None, keep_days: None, test: true }
    }
}

/// How a copy is compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// As `zstd` does: fast, and small.
    #[default]
    Zstd,
    /// As `gzip` does, which every machine can undo.
    Gzip,
    /// Not at all.
    None,
}

impl BackupPolicy {
    pub(super) fn check(&self) -> Result<()> {
        let bad = |detail: &str| Err(Error::new(ErrorKind::Policy, "read the policy", detail.to_owned()));
        if self.directory.trim().is_empty() || self.second.as_ref().is_some_and(|second| second.trim().is_empty()) {
            return bad("`directory` and `second` under [backup] are names of directories, and one of them is empty");
        }
        if self.second.as_ref() == Some(&self.directory) {
            return bad("`second` under [backup] is `directory` itself: a backup that is copied to its own place is in one place");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Policy;

    #[test]
    fn the_section_is_read() {
        let text = "[backup]\ndirectory = \"/srv/backups\"\nsecond = \"/mnt/other\"\ncompression = \"gzip\"\nkeep = 14\nkeep-days = 30\ntest = false\n";
        let read = Policy::parse(text).unwrap().backup;
        assert_eq!(
            (read.directory.as_str(), read.second.as_deref(), read.compression),
            ("/srv/backups", Some("/mnt/other"), Compression::Gzip)
        );
        assert_eq!((read.keep.map(NonZeroU32::get), read.keep_days.map(NonZeroU32::get), read.test), (Some(14), Some(30), false));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in
            ["keep = 0", "compression = \"rar\"", "dir = \"x\"", "directory = \"\"", "directory = \"a\"\nsecond = \"a\"", "keep-days = -1"]
        {
            assert_eq!(Policy::parse(&format!("[backup]\n{text}\n")).unwrap_err().kind(), ErrorKind::Policy, "{text}");
        }
    }
}
