//! The profile of a whole source.

use crate::catalog::SourceCatalog;
use crate::error::Result;
use crate::sqlite::SourceReader;
use crate::value::SourceProfile;

use super::{checks, orphans, table};

/// How far an inspection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InspectProgress<'a> {
    /// The file's integrity is being checked.
    Integrity,
    /// A table is begun.
    Table {
        /// Its name.
        name: &'a str,
        /// Its place among the tables, from 1.
        number: usize,
        /// How many tables there are.
        of: usize,
    },
    /// Rows of the table at hand that were read so far.
    Rows {
        /// The table.
        table: &'a str,
        /// How many.
        rows: u64,
        /// How many cells they have.
        cells: u64,
    },
    /// The CHECK constraints of a table are being evaluated.
    Checks {
        /// The table.
        table: &'a str,
    },
    /// The foreign keys of a table are being checked.
    ForeignKeys {
        /// The table.
        table: &'a str,
    },
}

/// Reads every cell of the source's tables, and checks the file's integrity, its CHECK constraints and its foreign keys.
pub fn profile(reader: &SourceReader, catalog: &SourceCatalog, progress: &mut dyn FnMut(InspectProgress<'_>)) -> Result<SourceProfile> {
    progress(InspectProgress::Integrity);
    let mut profile = SourceProfile { integrity: reader.integrity(true)?, ..SourceProfile::default() };
    for (index, shape) in catalog.tables.iter().enumerate() {
        progress(InspectProgress::Table { name: &shape.name, number: index + 1, of: catalog.tables.len() });
        let read = match table::profile(reader, shape, catalog.file.encoding, progress) {
            // What its module can't read stops the move at the gate `unreadable`, not the inspection of all else.
            Err(error) if catalog.virtual_table(&shape.name).is_some() => table::unread(shape, error)?,
            read => read?,
        };
        profile.tables.insert(shape.name.clone(), read);
    }
    checks::find(reader, catalog, &mut profile, progress)?;
    orphans::find(reader, catalog, &mut profile, progress)?;
    count_left_out(reader, catalog, &mut profile)?;
    Ok(profile)
}

/// Counts the rows that are not moved; the next key must be above theirs, too.
fn count_left_out(reader: &SourceReader, catalog: &SourceCatalog, profile: &mut SourceProfile) -> Result<()> {
    for name in &catalog.left_out {
        profile.left_out.insert(name.clone(), reader.count(name)?);
    }
    for table in catalog.tables.iter().filter(|table| table.rows.is_some()) {
        let Some(moved) = profile.tables.get_mut(&table.name) else { continue };
        profile.left_out.insert(table.name.clone(), reader.count(&table.name)?.saturating_sub(moved.rows));
        if let Some(alias) = table.rowid_alias() {
            moved.max_rowid = reader.rowid_bounds(&table.name, alias)?.map(|(_, greatest)| greatest);
        }
    }
    Ok(())
}
