//! What the server has room and time for.
//!
//! Never guesses: what can't be seen from here is `unknown`.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::CheckItem;
use super::free::{CONNECTIONS, Connections, bytes_at};
use super::probe::ask;
use crate::postgres::{ConnectionSettings, Session, failed};

/// What a move uses at once, with some for the operator.
const CONNECTIONS_WANTED: i64 = 8;

pub(super) async fn connections(session: &Session) -> CheckItem {
    const ID: &str = "connections";
    ask(session, ID, CONNECTIONS, |row| {
        let Connections { most, reserved, used, free } = Connections::of(row)?;
        let meaning = format!("{most} at most, {reserved} of them reserved, {used} in use: {free} are free for this role here");
        Ok(if free >= CONNECTIONS_WANTED {
            CheckItem::ok(ID, meaning)
        } else {
            CheckItem::warning(ID, format!("{meaning}; a move is quicker with {CONNECTIONS_WANTED}"))
        })
    })
    .await
}

pub(super) async fn timeouts(session: &Session) -> CheckItem {
    const ID: &str = "timeouts";
    // The session's own values are outgrow's; `reset_val` is what any other session of this role gets.
    let question = "select coalesce(pg_catalog.string_agg(name || '=' || reset_val || coalesce(unit, ''), ', ' order by name), '') \
                    from pg_catalog.pg_settings where reset_val not in ('0', '-1') and name in ('statement_timeout', 'lock_timeout', \
                    'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')";
    ask(session, ID, question, |row| {
        let list: String = row.try_get(0)?;
        Ok(if list.is_empty() {
            CheckItem::ok(ID, "no timeouts are set for this role")
        } else {
            CheckItem::warning(
                ID,
                format!("this role's sessions begin with {list}; outgrow sets its own aside, the application's keep them"),
            )
        })
    })
    .await
}

pub(super) async fn disk(session: &Session, settings: &ConnectionSettings) -> CheckItem {
    const ID: &str = "disk";
    let question = "select pg_catalog.pg_database_size(pg_catalog.current_database()), \
                    (select setting from pg_catalog.pg_settings where name = 'data_directory')";
    ask(session, ID, question, |row| {
        let (size, directory): (i64, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        let size = format!("the database takes {} MB", size / 1_000_000);
        Ok(match bytes_at(settings, directory) {
            Some(free) => CheckItem::ok(ID, format!("{size}; {} MB are free on the server's disk", free / 1_000_000)),
            None => CheckItem::unknown(ID, format!("{size}; how much is free on the server's disk can't be seen from here")),
        })
    })
    .await
}

pub(super) async fn latency(session: &Session) -> CheckItem {
    const ID: &str = "latency";
    let mut times = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        if let Err(error) = session.client().batch_execute("select 1").await {
            return CheckItem::unknown(ID, format!("could not be measured: {}", failed("ask", error).detail()));
        }
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let milliseconds = format!("{}.{:02} ms", median.as_millis(), median.subsec_micros() % 1000 / 10);
    if median < Duration::from_millis(20) {
        CheckItem::ok(ID, format!("{milliseconds} there and back"))
    } else {
        CheckItem::warning(
            ID,
            format!("{milliseconds} there and back: an application that asks many small questions will feel it after the move"),
        )
    }
}

pub(super) async fn clock(session: &Session) -> CheckItem {
    const ID: &str = "clock";
    let before = SystemTime::now();
    let question = "select (extract(epoch from pg_catalog.clock_timestamp()) * 1000)::int8";
    ask(session, ID, question, |row| {
        let theirs: i64 = row.try_get(0)?;
        let milliseconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_millis()).ok());
        let (Some(before), Some(after)) = (milliseconds(before), milliseconds(SystemTime::now())) else {
            return Ok(CheckItem::unknown(ID, "this machine's clock can't be read"));
        };
        // Within the round trip, nothing can be said.
        let ahead = (theirs - after).max(0) - (before - theirs).max(0);
        let side = if ahead > 0 { "ahead of" } else { "behind" };
        Ok(if ahead.abs() < 1000 {
            CheckItem::ok(ID, "the server's clock agrees with this machine's within a second")
        } else {
            CheckItem::warning(
                ID,
                format!("the server's clock is {} s {side} this machine's: defaults such as now() will differ", ahead.abs() / 1000),
            )
        })
    })
    .await
}
