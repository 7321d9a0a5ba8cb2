//! The whole move on a throw-away PostgreSQL: snapshot → plan → load → verify → probes → the application's own tests.
//!
//! Where the application's own tables are to be loaded, their structure is made on that server first.
//!
//! Goes on whatever is still to be decided, so that everything is seen in one go. Changes nothing of the operator's:
//! the source is read, the server is private or a scratch database, and both go at the end unless they are to be kept.

mod probed;
mod probes;
mod replay;
mod run;
mod structure;
mod tests;

pub use probes::run as probe;
pub use run::{REHEARSED, RehearseOptions, Rehearsed, rehearse};
pub use structure::Structure;
