//! Where a server is and how to get in, by libpq's conventions.
//!
//! [`ConnectionSettings::resolve`] takes what stands on the command line (a URL, keyword/value pairs, or a bare
//! database name), then the service file, then the `PG…` variables, then the defaults, in this order of weight.
//!
//! Never reads the process's environment itself (the caller passes a lookup), never opens a connection, and never
//! shows a password: not in `Debug`, not in [`ConnectionSettings::describe`], not in an error.

pub(in crate::postgres) mod account;
mod child;
mod conninfo;
mod endpoint;
mod keepalive;
mod keyword;
mod passfile;
mod resolve;
mod service;
mod tls_choice;

pub use endpoint::{Address, Endpoint};
pub(in crate::postgres) use keepalive::Keepalive;
pub(crate) use resolve::percent_encoded;
pub use resolve::{ConnectionSettings, SessionAttributes};
pub use tls_choice::{ChannelBinding, ClientCertificate, RootCertificates, SslMode, TlsSettings};

/// What an environment variable holds; the caller reads the environment, the library never does.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;
