//! In which order tables are loaded: parents before their children.

use std::collections::{BTreeMap, BTreeSet};

/// Sorts tables so that each comes behind those that it refers to, as far as there are no cycles; the tables of cycles
/// come last, in the order given, and are returned as well.
pub(super) fn parents_first(tables: &[String], parents: &BTreeMap<String, BTreeSet<String>>) -> (Vec<String>, BTreeSet<String>) {
    let mut sorted: Vec<String> = Vec::with_capacity(tables.len());
    let mut waiting: Vec<&String> = tables.iter().collect();
    loop {
        let pending: BTreeSet<&String> = waiting.iter().copied().collect();
        let is_ready = |table: &&String| {
            parents.get(*table).is_none_or(|parents| parents.iter().all(|parent| parent == *table || !pending.contains(parent)))
        };
        let (ready, later): (Vec<&String>, Vec<&String>) = waiting.into_iter().partition(is_ready);
        if ready.is_empty() {
            let in_cycles = later.iter().map(|table| (*table).clone()).collect();
            sorted.extend(later.into_iter().cloned());
            return (sorted, in_cycles);
        }
        sorted.extend(ready.into_iter().cloned());
        waiting = later;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_first_and_cycles_are_named() {
        let tables = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let refers = |pairs: &[(&str, &[&str])]| -> BTreeMap<String, BTreeSet<String>> {
            pairs.iter().map(|(child, parents)| ((*child).to_owned(), parents.iter().map(|name| (*name).to_owned()).collect())).collect()
        };
        let (sorted, cycles) = parents_first(&tables, &refers(&[("a", &["b", "a"]), ("b", &["c"])]));
        assert_eq!(sorted, ["c", "d", "e", "b", "a"].map(str::to_owned));
        assert!(cycles.is_empty());
        let (sorted, cycles) = parents_first(&tables, &refers(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"])]));
        assert_eq!(sorted, ["d", "e", "a", "b", "c"].map(str::to_owned));
        assert_eq!(cycles, ["a", "b", "c"].map(str::to_owned).into());
    }
}
