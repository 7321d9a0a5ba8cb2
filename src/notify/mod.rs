//! Tells people what the policy says they are told: by webhook, mail, command or file.
//!
//! A channel that fails, refuses or hangs stops nothing: it is given up after its time, and reported. So is a template
//! of the user's that can't be used: ours takes its place. Never shows the address of a webhook or another secret, and
//! never reads the environment.

mod channel;
mod email;
mod facts;
mod fault;
mod letter;
mod notices;
mod templates;
mod ticker;
mod webhook;

pub use facts::Facts;
pub use letter::Letter;
pub use notices::{Delivery, Environment, Notices, Posted, Preview, Problem, Sent};
pub use templates::{FIELDS, default_template};
pub use ticker::Ticker;

pub use crate::plan::Notice;
