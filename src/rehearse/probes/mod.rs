//! Whether the rehearsed database behaves as the SQLite file does: first inserts, constraints, defaults, views.
//!
//! Every probe is carried out on both sides, on a scratch copy of the snapshot and on the rehearsed database, and
//! rolled back on both. A difference that the plan's report explains (what was not translated, what the server
//! refused) is no surprise; every other one is.
//!
//! Never names a cell value, and never leaves a row or moves a sequence (but one that a trigger draws from).

mod behaviour;
mod change;
mod check;
mod defaults;
mod first_insert;
mod foreign_key;
mod invent;
mod not_null;
mod present;
mod row;
mod run;
mod sides;
mod subject;
mod unique;
mod view_rows;
mod views;

pub use run::run;
