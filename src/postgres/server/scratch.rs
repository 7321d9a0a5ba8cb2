//! A scratch database on a server that was named.
//!
//! Never touches another database of that server, and never outlives this value unless it is to be kept.

use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;

use crate::catalog::quoted;
use crate::error::Result;
use crate::postgres::{ConnectionSettings, Session, failed};

/// How long an interrupted run tries to remove its database: within the time that the command line gives it to tidy up.
const PARTING: Duration = Duration::from_millis(1800);

/// Texts in UTF-8, sorted byte by byte.
const PLAIN: &str = "select $$encoding 'UTF8' lc_collate 'C' lc_ctype 'C'$$";

/// Texts as in the database that is open. The columns that say which library sorts them have other names in other versions.
const ALIKE: &str = "\
    select format('encoding %L lc_collate %L lc_ctype %L', pg_encoding_to_char(d.encoding), d.datcollate, d.datctype) \
    || case to_jsonb(d) ->> 'datlocprovider' \
       when 'i' then format(' locale_provider icu icu_locale %L', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')) \
       when 'b' then format(' locale_provider builtin builtin_locale %L', to_jsonb(d) ->> 'datlocale') \
       else '' end \
    from pg_database d where d.datname = current_database()";

/// A database that was made for one rehearsal or one restore.
#[derive(Debug)]
pub(super) struct Scratch {
    admin: ConnectionSettings,
    settings: ConnectionSettings,
    version: String,
    state: State,
}

/// What there is to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The server was asked to make it and has not answered.
    Asked,
    /// It is there.
    Made,
    /// It is gone, was never made, or is no longer ours.
    Settled,
}

impl Scratch {
    /// Makes the database; its name holds a random part, so that two rehearsals don't meet.
    pub(super) async fn create(server: &ConnectionSettings) -> Result<Self> {
        Self::made(server, "outgrow_rehearsal_", PLAIN).await
    }

    /// Makes one that encodes and sorts texts as the database does that the settings name.
    pub(super) async fn like(database: &ConnectionSettings) -> Result<Self> {
        Self::made(database, "outgrow_restore_", ALIKE).await
    }

    /// `form` asks for how the database encodes and sorts texts, as CREATE DATABASE takes it.
    async fn made(server: &ConnectionSettings, prefix: &str, form: &str) -> Result<Self> {
        let session = Session::connect(server).await?;
        let question = format!(
            "select '{prefix}' || left(replace(gen_random_uuid()::text, '-', ''), 12), current_setting('server_version'), ({form})"
        );
        let facts = session.client().query_one(&question, &[]).await;
        let facts = facts.and_then(|row| Ok((row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?, row.try_get::<_, String>(2)?)));
        let (name, version, form) = facts.map_err(|error| failed("ask for the server's version", error))?;
        let version = version.split_whitespace().next().unwrap_or_default().to_owned();
        let mut scratch = Self { admin: server.clone(), settings: server.with_database(&name), version, state: State::Asked };
        // template0, so that what an administrator put into template1 does not change what is rehearsed.
        let statement = format!("create database {} template template0 {form}", quoted(&name));
        let created = session.client().batch_execute(&statement).await;
        // Only a server that was heard to refuse has certainly made none.
        scratch.state = match &created {
            Ok(()) => State::Made,
            Err(error) if error.as_db_error().is_some() => State::Settled,
            Err(_) => State::Asked,
        };
        created.map_err(|error| {
            failed("make a scratch database", error)
                .hint("the role needs the right to create databases (CREATEDB), or leave the target out")
        })?;
        Ok(scratch)
    }

    pub(super) fn settings(&self) -> &ConnectionSettings {
        &self.settings
    }

    pub(super) fn describe(&self) -> String {
        format!("PostgreSQL {}, scratch database {}", self.version, self.settings.describe())
    }

    /// Drops the database, whoever is still connected to it.
    pub(super) async fn drop_database(mut self) -> Result<()> {
        let session = Session::connect(&self.admin).await?;
        let statement = format!("drop database if exists {} with (force)", quoted(self.settings.database()));
        let dropped = session.client().batch_execute(&statement).await;
        self.state = State::Settled;
        dropped.map_err(|error| failed(format!("remove the scratch database {}", self.settings.describe()), error))
    }

    /// Leaves the database; gives its settings and the statement that removes it.
    pub(super) fn keep(mut self) -> (ConnectionSettings, String) {
        self.state = State::Settled;
        let stop = format!("drop database {};", quoted(self.settings.database()));
        (self.settings.clone(), stop)
    }
}

/// An interrupted run drops its future, and with it this: the database holds the user's data and must not stay.
impl Drop for Scratch {
    fn drop(&mut self) {
        if self.state == State::Settled {
            return;
        }
        let (admin, name, state) = (self.admin.clone(), self.settings.database().to_owned(), self.state);
        // A thread of its own, because a runtime may not be waited for from within another.
        let parting = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            // A server that can't be reached now can't be told; the run's own error or signal is what is reported.
            drop(runtime.block_on(async { tokio::time::timeout(PARTING, remove(&admin, &name, state)).await }));
        });
        drop(parting.join());
    }
}

/// Drops the database, and waits for one that the server may still be making.
async fn remove(admin: &ConnectionSettings, name: &str, state: State) -> Result<()> {
    let session = Session::connect(admin).await?;
    let statement = format!("drop database {} with (force)", quoted(name));
    let deadline = Instant::now() + PARTING;
    loop {
        match session.client().batch_execute(&statement).await {
            Err(error) if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) && state == State::Asked && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            result => return result.map_err(|error| failed("remove the scratch database", error)),
        }
    }
}
