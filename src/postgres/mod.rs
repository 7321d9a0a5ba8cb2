//! Every touch of a PostgreSQL server: connection settings, session, TLS, catalog, COPY both ways, the check of a
//! target, and the disposable server.
//!
//! Never reads the environment, never prints, and never lets a password or a cell value into an error.

mod catalog;
mod check;
mod copy_in;
mod copy_out;
mod copy_text;
mod failure;
mod field;
mod freeze;
mod migrations;
mod ready;
mod server;
mod session;
mod settings;
mod surroundings;
mod tls;

pub use catalog::catalog;
pub use check::{CheckItem, CheckOptions, CheckReport, CheckState, check};
pub use copy_in::{CopyIn, CopySource};
pub use copy_out::{CopyOut, CopyTuples, Row};
pub use copy_text::{copy_over, copy_text};
pub use failure::failed;
pub use field::Field;
pub use freeze::{freeze_target, thaw_target};
pub use migrations::applied_migrations;
pub use ready::wait_until_ready;
pub use server::{Archiver, Disposable, DisposableOptions, Kept, Notice, RestoreManner, StructureDump, dump_structure};
pub use session::{Canceller, Session};
pub(crate) use settings::percent_encoded;
pub use settings::{
    Address, ChannelBinding, ClientCertificate, ConnectionSettings, Endpoint, Environment, RootCertificates, SessionAttributes, SslMode,
    TlsSettings,
};
pub use surroundings::Surroundings;
