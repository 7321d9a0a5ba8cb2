//! Every touch of a SQLite file.
//!
//! [`SourceReader`] is the only door to the user's database: it opens the file read-only, holds one read transaction
//! from open to [`SourceReader::finish`], so that everything read through it is one consistent snapshot (committed
//! frames of a `-wal` included), and has no method that writes. [`ScratchCopy`] is a writable copy that this module
//! made itself, for trying out what SQLite accepts. Only a cutover writes to the user's file: [`WriteLock`] holds its
//! write lock, [`freeze`](fn@freeze) makes it refuse writes, and [`thaw`] takes exactly that away again.
//!
//! Reading never creates, changes or leaves anything beside the user's file, and nothing here ever closes a plain handle of a file that
//! this process may have open through SQLite (that would drop SQLite's locks).

mod access;
mod catalog;
mod check;
mod connection;
mod ddl;
mod fault;
mod firing;
mod foreign_key;
mod freeze;
mod header;
mod held;
mod holders;
mod locks;
mod look_up;
mod migrations;
mod own;
mod question;
mod quiet;
mod reader;
mod row_fates;
mod scan;
mod scratch;
mod snapshot;
mod table;
mod virtual_table;
mod writer;

pub use access::Access;
pub use firing::Fired;
pub use foreign_key::{Checked, LinkedRow, RowHandle, Violation};
pub use freeze::{Frozen, Open, freeze, frozen, is_frozen, thaw};
pub use holders::{Holder, Holders, Holding, Unseen, command_of};
pub use look_up::LookUp;
pub use quiet::{Stir, stirs};
pub use reader::SourceReader;
pub use row_fates::{Observed, RowFates, TableFates};
pub use scan::{Rowids, Scan, ScanOrder, ScannedRow};
pub use scratch::{Attempt, RefusalClass, ScratchCopy, Trial};
pub use snapshot::{SnapshotProgress, enter_wal_mode};
pub use writer::WriteLock;
