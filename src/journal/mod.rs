//! The run's durable memory: intents, phases, timings, evidence.
//!
//! A SQLite file in the work directory. Every effect has an intent written before it and its outcome after; `status`
//! and `report` are made of it. Who has agreed to the move is kept here, too. What decides whether a step is done is not here but in the target, in the step's own
//! transaction: the journal may be lost without harm to the data.
//!
//! One run at a time holds the work directory. Never holds a cell value or a secret.

mod read;
mod sign_off;
mod store;

pub use read::{Event, Run, last_run, runs};
pub use sign_off::{MissingSignOff, SignOff, missing, sign_off, sign_offs, withdraw};
pub use store::{EventKind, Journal, WorkDirectory};
