//! Keeps the load from taking more of a server than it may.

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::{Error, ErrorKind, Result};
use crate::postgres::{ConnectionSettings, Session, failed};

/// How far the load may be ahead of its rate: a pause shorter than this is not worth taking.
const SLACK: Duration = Duration::from_millis(5);

/// How often the replicas are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where the server's log is; and of the replicas: how many, how many of them this role can't look at, how far into the log the slowest
/// has come, and how many seconds the server says that is behind.
const LAG: &str = "select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::int8, \
                   count(*), count(*) filter (where state is null), \
                   pg_catalog.pg_wal_lsn_diff(min(replay_lsn), '0/0')::int8, \
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
    /// Whether it was said that there is no replica.
    alone: Cell<bool>,
}

impl Pace {
    /// So many bytes a second; as fast as it goes where none is given.
    pub(super) fn new(rate: Option<u64>) -> Self {
        Self { rate, due: Cell::new(Instant::now()), held: Cell::new(false), freed: Notify::new(), alone: Cell::new(false) }
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

    /// Looks at the replicas for the first time, before anything is sent.
    pub(super) async fn watcher(&self, target: &ConnectionSettings, most: Duration, say: &dyn Fn(&str)) -> Result<Watcher> {
        let mut watcher = Watcher { session: Session::connect(target).await?, most, marks: Marks::default() };
        self.look(&mut watcher, say).await?;
        Ok(watcher)
    }

    /// Holds the load while a replica is further behind than it may be, and says so. Ends only with an error.
    pub(super) async fn watch(&self, mut watcher: Watcher, say: &dyn Fn(&str)) -> Result<()> {
        loop {
            sleep(LOOK_EVERY).await;
            self.look(&mut watcher, say).await?;
        }
    }

    async fn look(&self, watcher: &mut Watcher, say: &dyn Fn(&str)) -> Result<()> {
        let seen = Seen::by(&watcher.session).await?;
        let alone = seen.replicas == 0;
        if alone && !self.alone.replace(alone) {
            say("no replica is connected to the target: --max-lag has nothing to look at");
        }
        // What the server says stands still, or is not known yet, where a replica replays nothing at all.
        let behind = watcher.marks.behind(Instant::now(), seen.written, seen.replayed).max(seen.said);
        let too_far = behind > watcher.most;
        if too_far != self.held.replace(too_far) {
            if too_far {
                say(&format!("a replica is {:.0} seconds behind: the load waits for it", behind.as_secs_f64()));
            } else {
                say("the replicas have caught up: the load goes on");
                self.freed.notify_waiters();
            }
        }
        Ok(())
    }
}

/// Who looks at the replicas.
#[derive(Debug)]
pub(super) struct Watcher {
    session: Session,
    most: Duration,
    marks: Marks,
}

/// What the server says of its replicas.
#[derive(Debug)]
struct Seen {
    written: i64,
    replicas: i64,
    replayed: Option<i64>,
    said: Duration,
}

impl Seen {
    async fn by(session: &Session) -> Result<Self> {
        let doing = "look how far the replicas are behind";
        let row = session.client().query_one(LAG, &[]).await.map_err(|error| failed(doing, error))?;
        let fields = || -> Result<(i64, i64, i64, Option<i64>, f64), tokio_postgres::Error> {
            Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?))
        };
        let (written, replicas, hidden, replayed, seconds) = fields().map_err(|error| failed(doing, error))?;
        if hidden > 0 {
            let detail = format!("there are {replicas}, and this role may not look at {hidden} of them");
            return Err(Error::new(ErrorKind::TargetRights, doing, detail)
                .hint("have somebody run: grant pg_monitor to <this role>; or leave --max-lag out"));
        }
        // A clock that was set back makes it negative.
        Ok(Self { written, replicas, replayed, said: Duration::try_from_secs_f64(seconds).unwrap_or_default() })
    }
}

/// When the server's log was seen to be where: the marks that the slowest replica has not come to.
#[derive(Debug, Default)]
struct Marks(VecDeque<(Instant, i64)>);

impl Marks {
    /// How long ago the log was where it is in the slowest replica now.
    fn behind(&mut self, now: Instant, written: i64, replayed: Option<i64>) -> Duration {
        let Some(replayed) = replayed else {
            self.0.clear();
            return Duration::ZERO;
        };
        while self.0.front().is_some_and(|(_, mark)| *mark <= replayed) {
            self.0.pop_front();
        }
        if written > self.0.back().map_or(replayed, |(_, mark)| *mark) {
            self.0.push_back((now, written));
        }
        self.0.front().map_or(Duration::ZERO, |(seen, _)| now.duration_since(*seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_is_as_far_behind_as_the_log_that_it_has_not_replayed_is_old() {
        let began = Instant::now();
        let mut marks = Marks::default();
        for (second, written, replayed, expected) in [
            (0, 100, Some(100), 0),
            (1, 200, Some(100), 0),
            (2, 300, Some(100), 1),
            (5, 300, Some(199), 4),
            (6, 400, Some(200), 4),
            (7, 500, Some(450), 0),
            (9, 500, Some(450), 2),
            (10, 500, Some(500), 0),
            (11, 900, None, 0),
            (12, 900, Some(500), 0),
        ] {
            let now = began + Duration::from_secs(second);
            assert_eq!(marks.behind(now, written, replayed), Duration::from_secs(expected), "{second}");
        }
    }
}
