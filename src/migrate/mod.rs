//! The main road: snapshot → inspect → plan → gate → copy → verify, journaled from end to end.
//!
//! `migrate` walks it with a real target, `rehearse` with a disposable one. A survey is the part that only reads the
//! source.
//!
//! Never prints; tells an [`Observer`] what it does.

mod account;
mod judged;
mod kept;
mod migrations;
mod observer;
mod planned;
mod run;
mod settled;
mod survey;
mod undo;

pub use account::{Pieces, account, phase};
pub use kept::keep_report;
pub use migrations::migrations_behind;
pub use observer::{Compared, Event, Observer};
pub use planned::{Planned, plan_for};
pub use run::{Carried, MigrateOptions, carry_out, migrate, review};
pub use settled::settle_all;
pub use survey::{SnapshotFacts, Survey, inspected, survey, take_snapshot, tell};
