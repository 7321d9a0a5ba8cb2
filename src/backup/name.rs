//! How the files of a backup are called: by what they are of, and by the time.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::Compression;

/// Which database a backup is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The SQLite database.
    Source,
    /// The PostgreSQL database.
    Target,
}

/// The name of a backup's file: `app-20261121T204500Z.sqlite.zst`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BackupName(String);

/// What every file that is not finished has behind its name.
pub(super) const PARTIAL: &str = ".partial";

/// `20261121T204500Z`.
const TIME_LENGTH: usize = 16;
const ENDINGS: [&str; 4] = [".sqlite.zst", ".sqlite.gz", ".sqlite", ".dump"];
const COMPANIONS: [&str; 3] = ["", ".sha256", ".json"];

impl BackupName {
    /// The name of a backup of this moment.
    pub(super) fn new(of: &str, side: Side, compression: Compression, at: Timestamp) -> Self {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        let stem: String = of.chars().take(100).map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
        let stem = stem.trim_start_matches(['.', '-']);
        let stem = if stem.is_empty() { "database" } else { stem };
        let ending = match (side, compression) {
            (Side::Source, Compression::Zstd) => ".sqlite.zst",
            (Side::Source, Compression::Gzip) => ".sqlite.gz",
            (Side::Source, Compression::None) => ".sqlite",
            (Side::Target, Compression::Zstd | Compression::Gzip | Compression::None) => ".dump",
        };
        Self(format!("{stem}-{}{ending}", stamp(at)))
    }

    /// Reads a name; none where it is not of this form, and so certainly not ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let stem = ENDINGS.iter().find_map(|ending| text.strip_suffix(ending))?;
        let (of, time) = stem.split_at_checked(stem.len().checked_sub(TIME_LENGTH)?)?;
        let of = of.strip_suffix('-')?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        let digits = |part: Option<&str>| part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let is_time = time.get(8..9) == Some("T") && time.ends_with('Z') && digits(time.get(..8)) && digits(time.get(9..15));
        let is_ours = is_time && !of.is_empty() && !of.starts_with('.') && of.chars().all(is_plain);
        is_ours.then(|| Self(text.to_owned()))
    }

    /// The backup that a file belongs to whose making was not finished.
    pub(super) fn of_partial(file: &str) -> Option<Self> {
        let (before, _) = file.split_once(PARTIAL)?;
        COMPANIONS.iter().rev().find_map(|companion| Self::parse(before.strip_suffix(companion)?))
    }

    /// The backup whose manifest a file is.
    pub(super) fn of_manifest(file: &str) -> Option<Self> {
        Self::parse(file.strip_suffix(".json")?)
    }

    /// The backup's own file.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file of its checksum, as `sha256sum --check` reads it.
    pub fn checksum(&self) -> String {
        format!("{}.sha256", self.0)
    }

    /// The file that says what it is.
    pub fn manifest(&self) -> String {
        format!("{}.json", self.0)
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A moment as it stands in a name.
pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let at: Timestamp = "2026-11-21T20:45:00Z".parse().unwrap();
        for (of, side, compression, expected) in [
            ("app", Side::Source, Compression::Zstd, "app-20261121T204500Z.sqlite.zst"),
            ("my app/../x", Side::Source, Compression::Gzip, "my_app_.._x-20261121T204500Z.sqlite.gz"),
            ("..", Side::Source, Compression::None, "database-20261121T204500Z.sqlite"),
            ("schule-ə", Side::Target, Compression::Zstd, "schule-_-20261121T204500Z.dump"),
        ] {
            let name = BackupName::new(of, side, compression, at);
            assert_eq!(name.as_str(), expected);
            assert_eq!(BackupName::parse(expected), Some(name.clone()));
            assert_eq!(BackupName::of_manifest(&name.manifest()), Some(name.clone()));
            for partial in [".partial", ".sha256.partial", ".json.partial", ".partial.snapshot.partial-journal"] {
                assert_eq!(BackupName::of_partial(&format!("{name}{partial}")), Some(name.clone()), "{partial}");
            }
        }
    }

    #[test]
    fn what_is_not_ours_has_no_name() {
        for text in
            ["app.db", "app-20261121.sqlite", "-20261121T204500Z.sqlite", "../a-20261121T204500Z.dump", "a-20261121X204500Z.dump", "é.dump"]
        {
            assert_eq!(BackupName::parse(text), None, "{text}");
            assert_eq!(BackupName::of_partial(&format!("{text}.partial")), None, "{text}");
        }
        assert_eq!(BackupName::of_partial("app-20261121T204500Z.sqlite"), None);
    }
}
