//! Which backups stay, by age and by number.
//!
//! The newest good backup of a database never goes, whatever the rules say: the newest that was restored and found equal and
//! is intact still, or, where none was ever restored, the newest that is intact. Only what a manifest names is removed.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};

use super::manifest::{Manifest, survey};
use super::name::Side;
use super::place::Place;
use super::report::Removed;
use super::stream;
use crate::error::Result;

/// What keeps backups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// So many of the newest stay.
    pub keep: Option<NonZeroU32>,
    /// They stay for so many days.
    pub keep_days: Option<NonZeroU32>,
}

/// Whether a backup stays, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) stays: bool,
    pub(super) why: String,
}

/// The fate of each backup of one place; they come the newest first, of whatever databases.
pub(super) fn fates(found: &[Manifest], rules: Retention, now: Timestamp, is_intact: &dyn Fn(&Manifest) -> bool) -> Vec<Fate> {
    let mut databases: BTreeMap<(Side, &str), Vec<&Manifest>> = BTreeMap::new();
    for manifest in found {
        databases.entry((manifest.side, manifest.of.as_str())).or_default().push(manifest);
    }
    let of = |manifest: &Manifest| {
        let siblings = databases.get(&(manifest.side, manifest.of.as_str())).map_or(&[][..], Vec::as_slice);
        let newer = siblings.iter().take_while(|sibling| sibling.name != manifest.name).count();
        let fate = by_rules(manifest, newer, rules, now);
        if fate.stays || !is_last_good(manifest, siblings, is_intact) {
            return fate;
        }
        Fate { stays: true, why: "the last good one".to_owned() }
    };
    found.iter().map(of).collect()
}

fn by_rules(manifest: &Manifest, newer: usize, rules: Retention, now: Timestamp) -> Fate {
    let fate = |stays: bool, why: String| Fate { stays, why };
    let age = now.duration_since(manifest.taken_at);
    let is_among = |keep: NonZeroU32| usize::try_from(keep.get()).is_ok_and(|keep| newer < keep);
    let is_young = |days: NonZeroU32| age <= SignedDuration::from_hours(24 * i64::from(days.get()));
    match (rules.keep, rules.keep_days) {
        (None, None) => fate(true, "nothing says how long".to_owned()),
        (Some(keep), _) if is_among(keep) => fate(true, format!("one of the newest {keep}")),
        (_, Some(days)) if is_young(days) => fate(true, format!("not older than {days} days")),
        (Some(keep), None) => fate(false, format!("{keep} are newer")),
        (None, Some(days)) => fate(false, format!("older than {days} days")),
        (Some(keep), Some(days)) => fate(false, format!("older than {days} days, and {keep} are newer")),
    }
}

/// Whether it is the newest good one of its database. Looks into files only where it has to.
fn is_last_good(manifest: &Manifest, siblings: &[&Manifest], is_intact: &dyn Fn(&Manifest) -> bool) -> bool {
    let is_that = |good: &dyn Fn(&Manifest) -> bool| {
        let newest = siblings.iter().find(|sibling| good(sibling) && is_intact(sibling));
        newest.map(|newest| newest.name == manifest.name)
    };
    is_that(&Manifest::is_proven).or_else(|| is_that(&|sibling| !sibling.is_refuted())).unwrap_or(false)
}

/// Removes what nothing keeps from a place.
pub(super) fn apply(place: &Place, rules: Retention, now: Timestamp) -> Result<Vec<Removed>> {
    let found = survey(place.path())?.backups;
    // Each file is read once at most.
    let read = std::cell::RefCell::new(BTreeMap::new());
    let is_intact = |manifest: &Manifest| {
        let look = || stream::digest(&place.file(manifest.name.as_str())).is_ok_and(|digest| digest.sha256 == manifest.sha256);
        *read.borrow_mut().entry(manifest.name.clone()).or_insert_with(look)
    };
    let fates = fates(&found, rules, now, &is_intact);
    let mut removed = Vec::new();
    for (manifest, fate) in found.iter().zip(fates).filter(|(_, fate)| !fate.stays) {
        place.remove(manifest)?;
        removed.push(Removed { file: place.file(manifest.name.as_str()).display().to_string(), why: fate.why });
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::manifest::{MANIFEST_FORMAT, RestoreTest};
    use crate::backup::name::BackupName;
    use crate::plan::Compression;
    use crate::verify::Verdict;

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn backup(of: &str, days_old: i64, verdict: Option<Verdict>) -> Manifest {
        let now: Timestamp = NOW.parse().unwrap();
        let taken_at = now - SignedDuration::from_hours(24 * days_old + 1);
        Manifest {
            format: MANIFEST_FORMAT,
            version: "0".to_owned(),
            name: BackupName::new(of, Side::Source, Compression::Zstd, taken_at),
            side: Side::Source,
            of: of.to_owned(),
            taken_at,
            seconds: 1.0,
            by: "SQLite".to_owned(),
            server_major: None,
            program_major: None,
            compression: Compression::Zstd,
            bytes: 1,
            sha256: String::new(),
            content_bytes: 1,
            content: String::new(),
            schema: None,
            journal_mode: None,
            tables: Vec::new(),
            objects: BTreeMap::new(),
            other_disk: None,
            second: None,
            test: verdict.map(|verdict| RestoreTest { at: taken_at, verdict, detail: String::new(), seconds: 1.0 }),
        }
    }

    fn staying(found: &[Manifest], keep: u32, days: u32, is_intact: &dyn Fn(&Manifest) -> bool) -> Vec<usize> {
        let rules = Retention { keep: NonZeroU32::new(keep), keep_days: NonZeroU32::new(days) };
        let fates = fates(found, rules, NOW.parse().unwrap(), is_intact);
        fates.iter().enumerate().filter(|(_, fate)| fate.stays).map(|(index, _)| index).collect()
    }

    #[test]
    fn age_and_number_each_keep() {
        let good = Some(Verdict::Match);
        let found: Vec<Manifest> = (0..6).map(|days| backup("a", days, good)).collect();
        for (keep, days, expected) in [
            (0, 0, vec![0, 1, 2, 3, 4, 5]),
            (2, 0, vec![0, 1]),
            (0, 3, vec![0, 1, 2]),
            (2, 4, vec![0, 1, 2, 3]),
            (5, 1, vec![0, 1, 2, 3, 4]),
        ] {
            assert_eq!(staying(&found, keep, days, &|_| true), expected, "keep {keep}, {days} days");
        }
    }

    #[test]
    fn the_last_good_one_stays() {
        let (good, bad, open) = (Some(Verdict::Match), Some(Verdict::Mismatch), Some(Verdict::Inconclusive));
        let of = |verdicts: &[Option<Verdict>]| -> Vec<Manifest> {
            verdicts.iter().zip(10..).map(|(verdict, days)| backup("a", days, *verdict)).collect()
        };
        for (verdicts, damaged, expected) in [
            (vec![good, good, good], vec![], vec![0]),
            (vec![bad, open, good, good], vec![], vec![0, 2]),
            (vec![good, good, good], vec![0], vec![0, 1]),
            (vec![bad, open, None, None], vec![], vec![0, 1]),
            (vec![None, None, None], vec![0, 1], vec![0, 2]),
            (vec![open, open], vec![0, 1], vec![0]),
        ] {
            let found = of(&verdicts);
            let is_intact = |manifest: &Manifest| !damaged.iter().any(|index| found[*index].name == manifest.name);
            assert_eq!(staying(&found, 1, 0, &is_intact), expected, "{verdicts:?}, damaged {damaged:?}");
        }
        assert_eq!(staying(&of(&[good, good]), 0, 1, &|_| true), [0], "however old it is");
    }

    #[test]
    fn databases_are_counted_apart() {
        let good = Some(Verdict::Match);
        let found = [backup("a", 1, good), backup("b", 2, good), backup("a", 3, good), backup("b", 4, good)];
        assert_eq!(staying(&found, 1, 0, &|_| true), [0, 1]);
    }
}
