//! The copy of a backup in a second place.
//!
//! A second place that can't be used takes nothing away from the first: it is reported, and the backup stands.

use std::fs;
use std::path::Path;

use super::manifest::{Manifest, SecondCopy};
use super::place::{Place, Unfinished};
use super::report::SecondReport;
use super::stream;
use crate::error::Result;

/// A second place as it was found.
#[derive(Debug)]
pub(super) struct Second {
    /// The place, where it can be used.
    pub(super) place: Option<Place>,
    pub(super) report: SecondReport,
}

impl Second {
    /// Looks at the second place. It is not made: an empty directory in the place of a disk that is not mounted would pass for it.
    pub(super) fn find(path: &Path, first: &Place) -> Self {
        let directory = path.display().to_string();
        let missing =
            |why_not: String| SecondReport { directory: directory.clone(), copied: false, other_disk: false, why_not: Some(why_not) };
        if !path.is_dir() {
            let why = "there is no such directory; is its disk mounted? It is not made, so that this is noticed".to_owned();
            return Self { place: None, report: missing(why) };
        }
        if fs::canonicalize(path).is_ok_and(|real| real == first.path()) {
            return Self { place: None, report: missing("it is the first place under another name".to_owned()) };
        }
        let held = Place::hold(path).and_then(|place| Ok((place.device()? != first.device()?, place)));
        match held {
            Ok((other_disk, place)) => {
                let report = SecondReport { directory, copied: false, other_disk, why_not: None };
                Self { place: Some(place), report }
            }
            Err(error) => Self { place: None, report: missing(error.to_string()) },
        }
    }

    /// Copies a published backup, reads the copy back, and says in the manifest where it is.
    pub(super) fn copy(&mut self, first: &Place, manifest: &mut Manifest) {
        let Some(place) = &self.place else { return };
        manifest.second = Some(SecondCopy { directory: place.path().display().to_string(), other_disk: self.report.other_disk });
        match copied(first, place, manifest) {
            Ok(()) => self.report.copied = true,
            Err(error) => {
                manifest.second = None;
                self.report.why_not = Some(error.to_string());
            }
        }
    }
}

fn copied(first: &Place, second: &Place, manifest: &Manifest) -> Result<()> {
    second.clear()?;
    let unfinished = Unfinished(second);
    let partial = second.partial(manifest.name.as_str(), "");
    let failed = |error: std::io::Error| super::place::unwritable(second.path(), &error);
    let made = stream::copy(&first.file(manifest.name.as_str()), &partial).map_err(failed)?;
    let read = stream::digest(&partial).map_err(failed)?;
    if made != read || read.sha256 != manifest.sha256 {
        return Err(failed(std::io::Error::other("what was written there reads back as something else")));
    }
    second.publish(manifest)?;
    drop(unfinished);
    Ok(())
}
