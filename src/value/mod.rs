//! One value, its storage class, and the closed set of conversions both ways.
//!
//! A column of a plan carries one [`Conversion`]. For every cell:
//!
//! 1. [`settle`] says what the cell will be after the round trip, as a SQLite value, and in which class of
//!    promise 1 that puts it: exact, normalised by a named rule, or quarantined;
//! 2. [`encode`] turns the settled value into PostgreSQL's binary form;
//! 3. [`decode`] is the inverse: PostgreSQL's binary form back into a SQLite value with its storage class.
//!
//! The law, tested with a real server as the judge: `decode(encode(settle(v).value)) == settle(v).value`, and
//! `settle(v).value == v` wherever the class is exact. Encoder and inverse share no code that computes a value.
//!
//! Never does I/O. `Debug` of a value shows its class and size, never its content.

mod address;
mod array;
mod calendar;
mod canonical;
mod cell;
mod cell_counts;
mod conversion;
mod decimal;
mod decode;
mod encode;
mod fate;
mod fault;
mod joined;
mod json;
mod json_tree;
mod moment;
mod pg_type;
mod plain;
mod profile;
mod quarantined;
mod recognise;
mod row_fate;
mod row_key;
mod sample;
mod settle;
mod shape;
mod single;
mod source_profile;
mod sqlite_json;
mod style;
mod trial;
mod uuid_bytes;
mod value_map;

pub use cell::{StorageClass, Value, ValueRef};
pub use cell_counts::CellCounts;
pub use conversion::{Conversion, Epoch, TextFault, TextRules};
pub use decode::decode;
pub use encode::{carried, encode};
pub use fate::{Fate, Reason, Rule};
pub use fault::ValueFault;
pub use moment::{Counting, DurationForm, MomentType, Moments, NumberClass, UnknownZone, Written, Zone};
pub use pg_type::PgType;
pub use profile::{BlobProfile, ColumnProfile, EpochFit, Evidence, IntegerProfile, RealProfile, TextProfile};
pub use quarantined::QuarantinedCell;
pub use row_fate::RowFate;
pub use row_key::RowKey;
pub use settle::{Settled, settle};
pub use shape::{Fraction, NumberForm, Offset, Separator, TextShape, TimeForm, TimestampForm, UuidForm};
pub use source_profile::{BrokenCheck, FatedOrphans, ForeignKeyProblem, OrphanSet, SourceProfile, TableProfile};
pub use style::{AddressType, BooleanForm, ElementType, NumberStyle, NumberType, StringStyle, StringType, UuidLayout};
pub use trial::{ColumnTrial, TriedColumn};
pub use value_map::ValueMap;
