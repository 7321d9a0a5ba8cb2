//! Tells people again and again where a move stands, while it lasts.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::facts::Facts;
use super::notices::{Notices, Sent};
use crate::plan::Notice;

/// Sends [`Notice::Progress`] as often as the policy says, until it is stopped or dropped.
#[derive(Debug)]
pub struct Ticker {
    task: JoinHandle<()>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Ticker {
    /// Begins. `state` is asked each time, on a task of its own; the first notice comes after one period.
    pub fn start(notices: &Notices, state: impl Fn() -> Facts + Send + 'static) -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let (notices, list) = (notices.clone(), Arc::clone(&sent));
        let task = tokio::spawn(async move {
            let every = notices.policy().every.0;
            let mut ticks = interval_at(Instant::now() + every, every);
            // After a pause of the machine, one notice is enough.
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                ticks.tick().await;
                let facts = state();
                let told = notices.send(Notice::Progress, &facts).await;
                list.lock().unwrap_or_else(PoisonError::into_inner).push(told);
            }
        });
        Self { task, sent }
    }

    /// What was sent since this was asked last.
    pub fn sent(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends it at once, and gives what was sent since that was asked last. What is on its way is given up: the next notice
    /// says more.
    pub fn stop(self) -> Vec<Sent> {
        self.task.abort();
        self.sent()
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.task.abort();
    }
}
