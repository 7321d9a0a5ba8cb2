//! Waiting for a server that is on its way up.
//!
//! Never waits for what waiting can't mend, such as a wrong password.

use std::time::Duration;

use super::{ConnectionSettings, Session};
use crate::error::{ErrorKind, Result};

/// Connects as soon as the server answers, for at most `timeout`; then the last refusal is the answer.
pub async fn wait_until_ready(settings: &ConnectionSettings, timeout: Duration) -> Result<Session> {
    let deadline = tokio::time::Instant::now() + timeout;
    let mut pause = Duration::from_millis(20);
    loop {
        let error = match Session::connect(settings).await {
            Ok(session) => return Ok(session),
            Err(error) => error,
        };
        let may_come = matches!(error.kind(), ErrorKind::TargetUnreachable | ErrorKind::TargetLost);
        if !may_come || tokio::time::Instant::now() + pause >= deadline {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}
