//! The full profile of the source's values: every cell of every table is read once.
//!
//! [`profile`] takes an open reader and its catalog, and gives the counts, ranges, forms and evidence that the mapping
//! rules decide on, with what is wrong with the file and its foreign keys.
//!
//! [`target`] reads the target's catalog; of both sides it is also read which of the framework's migrations were applied.
//!
//! Never samples, never keeps a cell, and never lets one broken object stop the rest.

mod checks;
mod counters;
mod fates;
mod framework;
mod orphans;
mod references;
mod source;
mod table;
mod trial;
mod utf16;
mod work;

pub use counters::counters;
pub use fates::orphan_fates;
pub use framework::{applied_to_source, target};
pub use references::rows_with_keys;
pub use source::{InspectProgress, profile};
pub use trial::try_conversions;
