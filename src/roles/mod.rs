//! The roles that the application and its readers log in as, with exactly the rights that they need.
//!
//! The application's role reads and writes every table and uses every sequence, those that are made later too; it makes and
//! drops none. The reporting role reads. Neither sees the schema `outgrow`, where the quarantine is. What is there already
//! is left as it is: a second run changes nothing. Passwords go into a file for the owner alone, and to the server only as
//! a verifier from which nobody gets them back. Never takes a right away.

mod credentials;
mod grants;
mod make;

pub use grants::role_statements;
pub use make::{GrantLine, MadeRole, PasswordState, RolesReport, Wanted, make_roles};
