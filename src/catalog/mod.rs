//! Names and shapes of what a database contains, as plain data.
//!
//! [`SourceCatalog`] is what a SQLite file holds, [`TargetCatalog`] what a PostgreSQL database holds. Both are
//! read by the doors (`sqlite`, `postgres`) and are input of the planner.
//!
//! Never does I/O and never holds a cell of a user's table; of a framework's ledger, it holds the names of migrations.

mod affinity;
mod identifier;
mod migrations;
mod orphan_key;
mod source;
mod target;
mod virtual_table;

pub use affinity::Affinity;
pub use identifier::quoted;
pub use migrations::{FrameworkState, MigrationLedger, RowCounts};
pub use orphan_key::{LinkedTable, OrphanFate, OrphanKey};
pub use source::{
    Column, Deferral, FileFacts, ForeignKey, ForeignKeyAction, ForeignKeyColumn, GeneratedKind, Index, IndexOrigin, IndexPart, JournalMode,
    MOST_COLUMNS, PrimaryKey, RowIdentity, RowidKind, SourceCatalog, Table, TextEncoding, Trigger, View,
};
pub use target::{
    TargetCatalog, TargetColumn, TargetExtension, TargetForeignKey, TargetIdentity, TargetReference, TargetRelation, TargetRelationKind,
    TargetRights, TargetSequence, TargetTable, TargetTrigger, TargetType, TargetUnique, TriggerState,
};
pub use virtual_table::{GeometryColumn, GeometryFormat, ModuleArgument, VirtualRows, VirtualTable};
