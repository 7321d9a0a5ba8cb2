//! Keeps the load from taking more of a server than it may.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How far the load may be ahead of its rate: a pause shorter than this is not worth taking.
const SLACK: Duration = Duration::from_millis(5);

/// The pace of all connections of a run together.
#[derive(Debug)]
pub(super) struct Pace {
    /// Bytes a second.
    rate: Option<u64>,
    /// When the next byte is due.
    due: Cell<Instant>,
}

impl Pace {
    /// So many bytes a second; as fast as it goes where none is given.
    pub(super) fn new(rate: Option<u64>) -> Self {
        Self { rate, due: Cell::new(Instant::now()) }
    }

    /// Waits until so many more bytes may be sent.
    pub(super) async fn wait(&self, bytes: usize) {
        let Some(rate) = self.rate else { return };
        let now = Instant::now();
        let begin = self.due.get().max(now);
        let nanos = u128::try_from(bytes).unwrap_or(0) * 1_000_000_000 / u128::from(rate.max(1));
        self.due.set(begin + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)));
        if begin > now + SLACK {
            sleep_until(begin).await;
        }
    }
}
