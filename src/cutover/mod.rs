//! From the source to the target: what has to be known before a cutover begins, its course, and its way back where a step fails.
//!
//! [`collect`] looks at everything that the readiness gates ([`crate::gate::READINESS`]) ask for; it changes nothing on either side, and
//! what it could not look at it says to be unknown. Never prints.

mod acts;
mod brought;
mod evidence;
mod listener;
mod run;
mod servers;

pub use evidence::{Look, collect, last_rehearsal};
pub use run::{Ended, Go, Options, cutover};
pub use servers::{note_server, seen_server, server_of};
