//! Every touch of a SQLite file.
//!
//! [`SourceReader`] is the only door to the user's database: it opens the file read-only, holds one read transaction
//! from open to [`SourceReader::finish`], so that everything read through it is one consistent snapshot (committed
//! frames of a `-wal` included), and has no method that writes. [`ScratchCopy`] is a writable copy that this module
//! made itself, for trying out what SQLite accepts.
//!
//! Never creates, changes or leaves anything beside the user's file, and never closes a plain handle of a file that
//! this process may have open through SQLite (that would drop SQLite's locks).

mod access;
mod catalog;
mod check;
mod connection;
mod ddl;
mod fault;
mod firing;
mod foreign_key;
mod header;
mod held;
mod look_up;
mod migrations;
mod reader;
mod row_fates;
mod scan;
mod scratch;
mod snapshot;
mod table;
mod virtual_table;

pub use access::Access;
pub use firing::Fired;
pub use foreign_key::{Checked, LinkedRow, RowHandle, Violation};
pub use look_up::LookUp;
pub use reader::SourceReader;
pub use row_fates::{Observed, RowFates, TableFates};
pub use scan::{Rowids, Scan, ScanOrder, ScannedRow};
pub use scratch::{Attempt, RefusalClass, ScratchCopy, Trial};
pub use snapshot::SnapshotProgress;
