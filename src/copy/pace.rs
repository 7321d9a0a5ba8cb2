//! Keeps the load from taking more of a server than it may.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::{Error, ErrorKind, Result};
use crate::postgres::{ConnectionSettings, Session, failed};

/// How far the load may be ahead of its rate: a pause shorter than this is not worth taking.
const SLACK: Duration = Duration::from_millis(5);

/// How often the replicas are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The replicas: how many, how many of them this role can't look at, and how far the slowest is behind, in seconds.
const LAG: &str = "select count(*), count(*) filter (where state is null), \
                   coalesce(extract(epoch from max(replay_lag)), 0)::float8 from pg_catalog.pg_stat_replication";

/// The pace of all connections of a run together.
#[derive(Debug)]
pub(super) struct Pace {
    /// Bytes a second.
    rate: Option<u64>,
    /// When the next byte is due.
    due: Cell<Instant>,
    /// Whether replicas are waited for.
    held: Cell<bool>,
    freed: Notify,
}

impl Pace {
    /// So many bytes a second; as fast as it goes where none is given.
    pub(super) fn new(rate: Option<u64>) -> Self {
        Self { rate, due: Cell::new(Instant::now()), held: Cell::new(false), freed: Notify::new() }
    }

    /// Waits until so many more bytes may be sent.
    pub(super) async fn wait(&self, bytes: usize) {
        while self.held.get() {
            self.freed.notified().await;
        }
        let Some(rate) = self.rate else { return };
        let now = Instant::now();
        let begin = self.due.get().max(now);
        let nanos = u128::try_from(bytes).unwrap_or(0) * 1_000_000_000 / u128::from(rate.max(1));
        self.due.set(begin + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)));
        if begin > now + SLACK {
            sleep_until(begin).await;
        }
    }

    /// Holds the load while a replica is further behind than it may be, and says so. Ends only with an error.
    pub(super) async fn watch(&self, target: &ConnectionSettings, most: Duration, say: &dyn Fn(&str)) -> Result<()> {
        let doing = "look how far the replicas are behind";
        let session = Session::connect(target).await?;
        loop {
            let row = session.client().query_one(LAG, &[]).await.map_err(|error| failed(doing, error))?;
            let fields = || -> Result<(i64, i64, f64), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)) };
            let (replicas, hidden, seconds) = fields().map_err(|error| failed(doing, error))?;
            if hidden > 0 {
                let detail = format!("there are {replicas}, and this role may not look at {hidden} of them");
                return Err(Error::new(ErrorKind::TargetRights, doing, detail)
                    .hint("have somebody run: grant pg_monitor to <this role>; or leave --max-lag out"));
            }
            let behind = seconds > most.as_secs_f64();
            if behind != self.held.replace(behind) {
                if behind {
                    say(&format!("a replica is {seconds:.0} seconds behind: the load waits for it"));
                } else {
                    say("the replicas have caught up: the load goes on");
                    self.freed.notify_waiters();
                }
            }
            sleep(LOOK_EVERY).await;
        }
    }
}
