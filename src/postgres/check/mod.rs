//! The check of a target: what the server is, what the role may do there, and what that means for a move.
//!
//! Every right is proven by using it, in a transaction that is rolled back. Never changes the server, never shows a
//! secret, and never says `ok` to what it could not find out.

pub(super) mod free;
mod limits;
mod probe;
mod report;
mod rights;
mod server;

use std::time::Duration;

pub use report::{CheckItem, CheckReport, CheckState};

use super::{ConnectionSettings, Session, wait_until_ready};
use crate::error::Result;

/// What to check, and how patiently.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// The schema that is to be loaded.
    pub schema: String,
    /// How long to wait for a server that does not answer yet.
    pub wait: Option<Duration>,
}

/// Checks a target. An error means that there was no connection to check anything by.
pub async fn check(settings: &ConnectionSettings, options: &CheckOptions) -> Result<CheckReport> {
    let mut session = match options.wait {
        Some(patience) => wait_until_ready(settings, patience).await?,
        None => Session::connect(settings).await?,
    };
    let mut items = vec![CheckItem::ok("connection", format!("the server at {} answers", session.describe()))];
    items.push(server::tls(&session, settings).await);
    items.push(server::version(&session).await);
    items.push(server::writable(&session).await);
    items.push(server::encoding(&session).await);
    items.push(server::collation(&session).await);
    items.push(server::role(&session).await);
    items.extend(rights::items(&mut session, &options.schema).await);
    items.push(limits::connections(&session).await);
    items.push(limits::timeouts(&session).await);
    items.push(server::wal_level(&session).await);
    items.push(limits::disk(&session, settings).await);
    items.push(limits::latency(&session).await);
    items.push(limits::clock(&session).await);
    items.push(server::extensions(&session).await);
    items.push(server::pooler(settings).await);
    Ok(CheckReport { target: settings.describe(), schema: options.schema.clone(), items, notes: settings.notes().to_vec() })
}
