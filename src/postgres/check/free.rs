//! What is free on a server, in numbers.

use crate::postgres::settings::Address;
use crate::postgres::{ConnectionSettings, Session};

/// Connections: the most, those that are reserved, those in use, and those that are free for this role here.
pub(super) struct Connections {
    pub(super) most: i64,
    pub(super) reserved: i64,
    pub(super) used: i64,
    pub(super) free: i64,
}

pub(super) const CONNECTIONS: &str = "\
    select pg_catalog.current_setting('max_connections')::int8, \
           (select sum(setting::int8)::int8 from pg_catalog.pg_settings where name in ('superuser_reserved_connections', 'reserved_connections')), \
           (select sum(numbackends)::int8 from pg_catalog.pg_stat_database), \
           (select rolconnlimit::int8 from pg_catalog.pg_roles where rolname = current_user), \
           (select count(*) from pg_catalog.pg_stat_activity where usename = current_user), \
           (select datconnlimit::int8 from pg_catalog.pg_database where datname = pg_catalog.current_database()), \
           (select numbackends::int8 from pg_catalog.pg_stat_database where datname = pg_catalog.current_database())";

impl Connections {
    /// Reads the answer to [`CONNECTIONS`].
    pub(super) fn of(row: &tokio_postgres::Row) -> Result<Self, tokio_postgres::Error> {
        let (most, reserved, used): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let limits: [(i64, i64); 2] = [(row.try_get(3)?, row.try_get(4)?), (row.try_get(5)?, row.try_get(6)?)];
        let server = most - reserved - used;
        let free = limits.iter().filter(|(limit, _)| *limit >= 0).map(|(limit, used)| limit - used).fold(server, i64::min).max(0);
        Ok(Self { most, reserved, used, free })
    }
}

/// How many connections are free for this role here.
pub(in crate::postgres) async fn connections(session: &Session) -> Option<u64> {
    let row = session.client().query_one(CONNECTIONS, &[]).await.ok()?;
    u64::try_from(Connections::of(&row).ok()?.free).ok()
}

/// How many bytes are free on the server's disk, where it is this machine's.
pub(in crate::postgres) async fn bytes(session: &Session, settings: &ConnectionSettings) -> Option<u64> {
    let question = "select setting from pg_catalog.pg_settings where name = 'data_directory'";
    let row = session.client().query_opt(question, &[]).await.ok()??;
    bytes_at(settings, row.try_get(0).ok()?)
}

/// The same, where the data directory is known.
pub(super) fn bytes_at(settings: &ConnectionSettings, directory: Option<String>) -> Option<u64> {
    // A socket alone proves that the server is on this machine: a loopback address may lead into a container.
    let local = settings.endpoints().iter().all(|endpoint| matches!(endpoint.address, Address::Socket(_)));
    let facts = directory.filter(|_| local).and_then(|directory| rustix::fs::statvfs(directory).ok())?;
    Some(facts.f_bavail.saturating_mul(facts.f_frsize))
}
