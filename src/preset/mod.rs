//! What a framework means by its schema; one file a framework.
//!
//! For now a preset only recognises its framework by the bookkeeping tables that its migrations leave behind, so that
//! reports can say whose database this is. Never does I/O.

mod alembic;
mod django;
mod laravel;
mod prisma;
mod rails;

use crate::catalog::SourceCatalog;

/// A framework.
#[derive(Debug)]
pub struct Preset {
    /// Stable id in kebab case: that of its file.
    pub id: &'static str,
    /// Its name as its users write it.
    pub name: &'static str,
    /// How its databases are recognised and what it does with types, for the documentation.
    pub explain: &'static str,
    /// Tables (and columns of theirs) that only this framework's own migrations make.
    marks: &'static [(&'static str, &'static [&'static str])],
}

/// Every preset; the first that is recognised wins.
pub const PRESETS: &[&Preset] = &[&laravel::PRESET, &django::PRESET, &rails::PRESET, &prisma::PRESET, &alembic::PRESET];

/// The framework whose marks the database bears, where there is one.
pub fn recognise(catalog: &SourceCatalog) -> Option<&'static Preset> {
    let bears = |(table, columns): &(&str, &[&str])| {
        catalog.table(table).is_some_and(|table| columns.iter().all(|column| table.column(column).is_some()))
    };
    PRESETS.iter().copied().find(|preset| preset.marks.iter().all(bears))
}
