//! Backups of either side: made whole or not at all, checksummed, doubled, restored to see whether they can be, listed,
//! removed by age and number, and restored in earnest.
//!
//! The application goes on while a backup is made. A backup is three files: itself, its checksum, its [`Manifest`]; it is there
//! once the manifest is. Never removes a file that no manifest of its own names, and never the last good backup of a database.

mod content;
mod holders;
mod inventory;
mod manifest;
mod name;
mod place;
mod report;
mod restore_source;
mod restore_target;
mod retention;
mod run;
mod second;
mod source;
mod stream;
mod target;
mod trial;

pub use inventory::{FileState, Inventory, InventoryLine, SecondLine, Unreadable, inventory};
pub use manifest::{Manifest, RestoreTest, SecondCopy, TableContent, list};
pub use name::{BackupName, Side};
pub use report::{BackupFacts, BackupReport, Removed, RestoreReport, SecondReport};
pub use restore_source::{RestoreSource, restore_source};
pub use restore_target::{RestoreTarget, restore_target};
pub use retention::Retention;
pub use run::Backups;
pub use source::source;
pub use target::{Say, target};
