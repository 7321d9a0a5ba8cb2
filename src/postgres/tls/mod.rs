//! TLS as libpq means it: what each `sslmode` verifies, and a refusal in plain words.
//!
//! Never falls back to a weaker mode by itself; that is the session's decision, by `sslmode`.

mod certificate;
mod connector;
mod fault;
mod verifier;

pub(super) use connector::{connector, describe_demand};
pub(super) use fault::fault;
