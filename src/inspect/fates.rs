//! What becomes of rows without a parent, where somebody decided it: counted before anything is planned.

use std::collections::BTreeMap;

use crate::catalog::LinkedTable;
use crate::error::Result;
use crate::sqlite::SourceReader;
use crate::value::{Evidence, FatedOrphans, SourceProfile};

/// Counts the orphans of every key of these tables, and the rows that are held out.
pub fn orphan_fates(reader: &SourceReader, tables: &[LinkedTable], profile: &mut SourceProfile) -> Result<()> {
    let mut of_keys: BTreeMap<(usize, usize), Evidence> = BTreeMap::new();
    let mut held_out: BTreeMap<usize, Evidence> = BTreeMap::new();
    reader.row_fates(tables, &mut |table, key, row| {
        let evidence = match key {
            Some(key) => of_keys.entry((table, key)).or_default(),
            None => held_out.entry(table).or_default(),
        };
        evidence.add(row);
    })?;
    for (number, table) in tables.iter().enumerate() {
        for (place, key) in table.keys.iter().enumerate() {
            let rows = of_keys.remove(&(number, place)).unwrap_or_default();
            profile.fated.push(FatedOrphans { table: table.name.clone(), foreign_key: key.foreign_key, rows });
        }
        profile.held_out.extend(held_out.remove(&number).map(|rows| (table.name.clone(), rows)));
    }
    Ok(())
}
