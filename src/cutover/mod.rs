//! From the source to the target: the course of a cutover, and its way back where a step fails.
//!
//! Never prints.

mod acts;
mod run;

pub use run::{Ended, Go, Options, cutover};
//! The move of the running application.
//!
//! For now, what has to be known before it begins: [`collect`] looks at everything that the readiness gates
//! ([`crate::gate::READINESS`]) ask for. It changes nothing on either side, and what it could not look at it says to be
//! unknown.

mod evidence;
mod listener;
mod servers;

pub use evidence::{Brought, Look, collect, last_rehearsal};
pub use servers::{note_server, seen_server, server_of};
