//! How a silent TCP connection is kept and given up.
//!
//! Never touches a socket.

use std::time::Duration;

/// libpq's `keepalives…` and `tcp_user_timeout`; what is `None` is the operating system's.
#[derive(Debug, Clone)]
pub(in crate::postgres) struct Keepalive {
    pub(in crate::postgres) enabled: bool,
    pub(in crate::postgres) idle: Option<Duration>,
    pub(in crate::postgres) interval: Option<Duration>,
    pub(in crate::postgres) count: Option<u32>,
    pub(in crate::postgres) user_timeout: Option<Duration>,
}

impl Default for Keepalive {
    fn default() -> Self {
        Self { enabled: true, idle: None, interval: None, count: None, user_timeout: None }
    }
}
