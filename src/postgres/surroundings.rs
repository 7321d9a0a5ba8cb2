//! What a server says of itself and of what else is on it, as far as this role may know.
//!
//! Never changes anything, and says nothing of what could not be seen.

use super::check::free;
use super::{ConnectionSettings, Session, failed};
use crate::error::Result;

/// A server, and what stands on it besides the tables that are to be loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The cluster's own number.
    pub system_identifier: Option<String>,
    /// Its data directory.
    pub data_directory: Option<String>,
    /// Its major version.
    pub major: u32,
    /// Who owns this database.
    pub owner: String,
    /// The other databases, templates aside, with their owners.
    pub databases: Vec<(String, String)>,
    /// Ordinary tables outside of the schema that is to be loaded and of outgrow's own: schema and name.
    pub tables: Vec<(String, String)>,
    /// How many connections are free for this role here.
    pub free_connections: Option<u64>,
    /// How many bytes are free on the server's disk.
    pub free_bytes: Option<u64>,
}

impl Surroundings {
    /// Looks. `schema` is the one that is to be loaded.
    pub async fn of(session: &Session, settings: &ConnectionSettings, schema: &str) -> Result<Self> {
        let doing = "look around on the server";
        let client = session.client();
        let question = "select pg_catalog.current_setting('server_version_num')::int4 / 10000, pg_catalog.pg_get_userbyid(datdba)::text \
                        from pg_catalog.pg_database where datname = pg_catalog.current_database()";
        let row = client.query_one(question, &[]).await.map_err(|error| failed(doing, error))?;
        let (major, owner): (i32, String) =
            row.try_get(0).and_then(|major| Ok((major, row.try_get(1)?))).map_err(|error| failed(doing, error))?;
        let databases = "select datname::text, pg_catalog.pg_get_userbyid(datdba)::text from pg_catalog.pg_database \
                         where not datistemplate and datallowconn and datname <> pg_catalog.current_database() order by datname";
        let tables = "select n.nspname::text, c.relname::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                      where c.relkind in ('r', 'p') and n.nspname not in ('information_schema', 'outgrow', $1) and n.nspname !~ '^pg_' \
                      order by 1, 2";
        let pairs = |rows: Vec<tokio_postgres::Row>| -> Result<Vec<(String, String)>> {
            let pair = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
            rows.iter().map(pair).collect::<std::result::Result<_, _>>().map_err(|error| failed(doing, error))
        };
        let databases = pairs(client.query(databases, &[]).await.map_err(|error| failed(doing, error))?)?;
        let tables = pairs(client.query(tables, &[&schema]).await.map_err(|error| failed(doing, error))?)?;
        // What a role may not ask stays unknown.
        let one =
            async |question: &str| client.query_one(question, &[]).await.and_then(|row| row.try_get::<_, Option<String>>(0)).ok().flatten();
        Ok(Self {
            system_identifier: one("select system_identifier::text from pg_catalog.pg_control_system()").await,
            data_directory: one("select setting from pg_catalog.pg_settings where name = 'data_directory'").await,
            major: u32::try_from(major).unwrap_or_default(),
            owner,
            databases,
            tables,
            free_connections: free::connections(session).await,
            free_bytes: free::bytes(session, settings).await,
        })
    }
}
