//! Settings of a session that make a load faster and need no rights.
//!
//! They hold for the session and end with it: nothing of the server is changed.

use crate::error::Result;
use crate::postgres::{Session, failed};

/// The settings, and why. What a load commits is durable all the same: its last commit waits for the disk, and with it
/// everything before.
pub const SESSION_SETTINGS: [(&str, &str, &str); 2] = [
    ("synchronous_commit", "off", "a chunk's commit does not wait for the disk; the last commit waits for all of them"),
    ("jit", "off", "compiling the checks of foreign keys takes longer than it saves"),
];

/// Sets them.
pub(super) async fn tune(session: &Session) -> Result<()> {
    let sql = SESSION_SETTINGS.map(|(name, value, _)| format!("set {name} = {value}")).join("; ");
    session.client().batch_execute(&sql).await.map_err(|error| failed("tune the session", error))
}

/// Makes the next commit wait for the disk as the server's own settings say.
pub(super) async fn durable(session: &Session) -> Result<()> {
    session.client().batch_execute("reset synchronous_commit").await.map_err(|error| failed("make the load durable", error))
}
