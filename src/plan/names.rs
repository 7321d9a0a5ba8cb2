//! Names on PostgreSQL's side: as they were, unless PostgreSQL can't take them.
//!
//! A name keeps its exact case. It changes only where it is longer than 63 bytes, empty, taken already, or (for a
//! column) one of PostgreSQL's system columns; then it ends in eight hex digits of a hash of the whole name, so that
//! the same source always gives the same names.

use std::collections::BTreeSet;

use xxhash_rust::xxh3::xxh3_64;

/// The longest identifier that PostgreSQL keeps, in bytes.
const NAME_BYTES: usize = 63;

/// Columns that every PostgreSQL table has already.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// The names taken in one namespace: the relations of a schema, or the columns of a table.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// Names that somebody else will want: not for names of our own making.
    spoken_for: BTreeSet<String>,
}

impl Names {
    /// A namespace for the columns of a table.
    pub(super) fn of_columns() -> Self {
        Self { taken: SYSTEM_COLUMNS.map(str::to_owned).into(), spoken_for: BTreeSet::new() }
    }

    /// A namespace in which the source's own names, given here, come before those that we make up.
    pub(super) fn of_relations(source: impl Iterator<Item = String>) -> Self {
        Self { taken: BTreeSet::new(), spoken_for: source.collect() }
    }

    /// Takes a name: `wanted` where it can be had, and a name made from it where not.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let name = Self::first_free(wanted, |name| self.taken.contains(name));
        self.taken.insert(name.clone());
        name
    }

    /// Takes this very name for something that people named; false where it can't be had.
    pub(super) fn take_exactly(&mut self, name: &str) -> bool {
        let free = fits(name) && !name.contains('\0') && !self.taken.contains(name) && !self.spoken_for.contains(name);
        free && self.taken.insert(name.to_owned())
    }

    /// Takes a name for something that has none in the source: a sequence, a key.
    pub(super) fn take_own(&mut self, wanted: &str) -> String {
        let name = Self::first_free(wanted, |name| self.taken.contains(name) || self.spoken_for.contains(name));
        self.taken.insert(name.clone());
        name
    }

    fn first_free(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let mut name = if fits(wanted) { wanted.to_owned() } else { hashed(wanted, 0) };
        let mut round = 0;
        while is_taken(&name) {
            round += 1;
            name = hashed(wanted, round);
        }
        name
    }

    /// Every name that was taken.
    pub(super) fn into_taken(self) -> BTreeSet<String> {
        self.taken
    }
}

fn fits(name: &str) -> bool {
    (1..=NAME_BYTES).contains(&name.len())
}

fn hashed(name: &str, round: u32) -> String {
    let hash = format!("{:016x}", xxh3_64(format!("{name}\0{round}").as_bytes()));
    let suffix = hash.get(..8).unwrap_or(&hash);
    let mut end = name.len().min(NAME_BYTES - suffix.len() - 1);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{suffix}", name.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_name_stays() {
        assert_eq!(Names::default().take("Mixed Case"), "Mixed Case");
    }

    #[test]
    fn long_names_that_agree_in_63_bytes_stay_apart() {
        let mut names = Names::default();
        let long = "a".repeat(70);
        let first = names.take(&format!("{long}1"));
        let second = names.take(&format!("{long}2"));
        assert_ne!(first, second);
        assert!(first.len() <= NAME_BYTES && second.len() <= NAME_BYTES);
        assert_eq!(first, Names::default().take(&format!("{long}1")), "the same source gives the same name");
    }

    #[test]
    fn names_are_cut_at_characters_and_never_empty() {
        let mut names = Names::default();
        assert!(names.take(&"ə".repeat(40)).len() <= NAME_BYTES);
        assert!(!names.take("").is_empty());
    }

    #[test]
    fn system_columns_and_taken_names_are_avoided() {
        let mut columns = Names::of_columns();
        assert_ne!(columns.take("ctid"), "ctid");
        assert_eq!(columns.take("id"), "id");
        assert_ne!(columns.take("id"), "id");
    }

    #[test]
    fn the_sources_names_come_before_our_own() {
        let mut names = Names::of_relations(["notes_id_seq".to_owned()].into_iter());
        assert_ne!(names.take_own("notes_id_seq"), "notes_id_seq");
        assert_eq!(names.take("notes_id_seq"), "notes_id_seq");
    }
}
