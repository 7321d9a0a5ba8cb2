//! What making a backup has in common, whichever side it is of.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;

use super::manifest::{Manifest, RestoreTest};
use super::place::Place;
use super::report::{BackupFacts, BackupReport};
use super::retention::{self, Retention};
use super::second::Second;
use crate::error::Result;
use crate::plan::{BackupPolicy, Compression};

/// Where backups are kept, and how.
#[derive(Debug, Clone)]
pub struct Backups {
    /// The directory; made where it is not there.
    pub directory: PathBuf,
    /// Another directory that gets a copy of each.
    pub second: Option<PathBuf>,
    /// How a copy of the source is compressed.
    pub compression: Compression,
    /// What keeps them.
    pub retention: Retention,
    /// Whether each is restored to see whether it can be.
    pub test: bool,
}

impl Backups {
    /// As the policy says; its names are from this directory.
    pub fn of(policy: &BackupPolicy, base: &Path) -> Self {
        let (keep, keep_days): (Option<NonZeroU32>, Option<NonZeroU32>) = (policy.keep, policy.keep_days);
        Self {
            directory: base.join(&policy.directory),
            second: policy.second.as_ref().map(|second| base.join(second)),
            compression: policy.compression,
            retention: Retention { keep, keep_days },
            test: policy.test,
        }
    }
}

/// A backup that is published, and of which more is to be done.
#[derive(Debug)]
pub(super) struct Published<'a> {
    pub(super) backups: &'a Backups,
    pub(super) place: Place,
    pub(super) manifest: Manifest,
    pub(super) began: Instant,
    /// Files of earlier runs that were removed.
    pub(super) cleared: Vec<String>,
    pub(super) remarks: Vec<String>,
}

impl<'a> Published<'a> {
    /// Copies it to its second place. To be tested before [`Doubled::end`].
    pub(super) fn double(mut self) -> Doubled<'a> {
        let mut second = self.backups.second.as_deref().map(|path| Second::find(path, &self.place));
        if let Some(second) = &mut second {
            second.copy(&self.place, &mut self.manifest);
        }
        Doubled { published: self, second }
    }
}

/// A backup that is in all of its places.
#[derive(Debug)]
pub(super) struct Doubled<'a> {
    pub(super) published: Published<'a>,
    second: Option<Second>,
}

impl Doubled<'_> {
    /// Writes down what came of the test, and removes what nothing keeps any more.
    pub(super) fn end(self, test: Option<RestoreTest>) -> Result<BackupReport> {
        let Self { published, mut second } = self;
        let Published { backups, place, mut manifest, began, cleared, mut remarks } = published;
        manifest.test = test;
        place.rewrite(&manifest)?;
        let now = Timestamp::now();
        // Beside one that is wrong, the older ones are worth more than their space.
        let rules = if manifest.is_refuted() { Retention::default() } else { backups.retention };
        let mut removed = retention::apply(&place, rules, now)?;
        if let Some(Second { place: Some(place), report }) = &mut second {
            let tended = if report.copied { place.rewrite(&manifest) } else { Ok(()) };
            match tended.and_then(|()| retention::apply(place, rules, now)) {
                Ok(more) => removed.extend(more),
                Err(error) => remarks.push(format!("the second place could not be tended: {error}")),
            }
        }
        if manifest.other_disk == Some(false) && !manifest.is_on_another_disk() {
            remarks.push("the backup lies on the same disk as the database: both may be lost together".to_owned());
        }
        let second = second.map(|second| second.report);
        if second.as_ref().is_some_and(|second| second.copied && !second.other_disk) {
            remarks.push("the second place is on the same disk as the first: both may be lost together".to_owned());
        }
        Ok(BackupReport {
            outcome: BackupReport::judged(manifest.test.as_ref(), second.as_ref()),
            file: place.file(manifest.name.as_str()).display().to_string(),
            backup: BackupFacts::from(&manifest),
            second,
            cleared,
            removed,
            remarks,
            seconds: began.elapsed().as_secs_f64(),
        })
    }
}
