//! Whether the rehearsed database behaves as the SQLite file does: first inserts, constraints, defaults, views,
//! triggers.
//!
//! Every probe is carried out on both sides, on a scratch copy of the snapshot and on the rehearsed database, and
//! rolled back on both. A difference that the plan's report explains (what was not translated, what the server
//! refused) is no surprise; every other one is.
//!
//! Never names a cell value, and never leaves a row or moves a sequence (but one that a trigger draws from).

mod behaviour;
mod check;
mod deeds;
mod defaults;
mod firing;
mod first_insert;
mod foreign_key;
mod invent;
mod left_rows;
mod not_null;
mod present;
mod reference;
mod row;
mod run;
mod series;
mod sides;
mod subject;
mod unique;
mod varying;
mod view_rows;
mod views;

pub use run::run;
