//! A PostgreSQL that nobody set up, for rehearsals, the demo and the tests.
//!
//! In this order, always saying which was taken: a scratch database on the server that is named; a private cluster of
//! server binaries found on disk; the same of binaries fetched through the machine's own package client.
//!
//! A private cluster listens on no network, keeps its files in one directory of its own, and ends with this process,
//! however that ends. Never touches another cluster's files, and never fetches anything when told not to.

mod archive;
mod binaries;
mod cluster;
mod disposable;
mod dump;
mod fetch;
mod guard;
mod runner;
mod scratch;

pub use archive::{Archiver, RestoreManner};
pub(in crate::postgres) use binaries::OLDEST_MAJOR;
pub use disposable::{Disposable, DisposableOptions, Kept, Notice};
pub use dump::{StructureDump, dump_structure};
