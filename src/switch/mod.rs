//! Tells the application which database is its own, and takes it back.
//!
//! A `.env` file is changed key by key and nothing else of it; the old one is kept, and comes back byte for byte. Where
//! somebody has edited it meanwhile, only our keys go back, and the edited file is kept too. What can't be said in a file
//! is said by commands.
//!
//! Never shows a secret, and never loses an edit of somebody else's.

mod apply;
mod change;
mod dotenv;
mod file;
mod kept;
mod overrides;
mod revert;
mod setting;

pub use apply::{Applied, apply};
pub use change::{Change, plan};
pub use overrides::{Override, Pointing, overrides};
pub use revert::{Edits, How, Restored, Reverted, revert};
