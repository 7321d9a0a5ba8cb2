//! One connection to a server, with every setting that a value's text or meaning depends on fixed.
//!
//! Never reconnects by itself: what a lost connection means is for the caller to decide.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::settings::{Address, ChannelBinding, ConnectionSettings, Endpoint, Keepalive, SessionAttributes, SslMode};
use super::{failed, tls};
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};

/// How long one server may take to answer where `connect_timeout` says nothing; longer than any handshake over a slow
/// line, shorter than the minutes that the operating system waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// Fixed by statements and not by start-up options, which poolers refuse.
///
/// `row_security = off` makes a statement fail that a policy would silently hide rows from. Timeouts of the role are
/// for its application's statements, not for a load; which of them there are depends on the server's version.
const FIXED: &str = "\
    set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; \
    set extra_float_digits = 3; set bytea_output = 'hex'; set standard_conforming_strings = on; \
    set lock_timeout = '60s'; set row_security = off; \
    select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings where name in \
    ('statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')";

/// One connection to a server.
#[derive(Debug)]
pub struct Session {
    client: Client,
    canceller: Canceller,
    description: String,
    encrypted: bool,
}

impl Session {
    /// Connects to the first server of the settings that answers and is of the kind wanted.
    pub async fn connect(settings: &ConnectionSettings) -> Result<Self> {
        let wishes: &[SessionAttributes] = match settings.attributes() {
            SessionAttributes::PreferStandby => &[SessionAttributes::Standby, SessionAttributes::Any],
            SessionAttributes::Any => &[SessionAttributes::Any],
            SessionAttributes::ReadWrite => &[SessionAttributes::ReadWrite],
            SessionAttributes::ReadOnly => &[SessionAttributes::ReadOnly],
            SessionAttributes::Primary => &[SessionAttributes::Primary],
            SessionAttributes::Standby => &[SessionAttributes::Standby],
        };
        let mut last = Error::bug(doing(settings), "the settings name no server");
        for wish in wishes {
            for endpoint in settings.endpoints() {
                match Self::connect_to(settings, endpoint, *wish).await {
                    Ok(session) => return Ok(session),
                    Err(error) if may_be_elsewhere(error.kind()) => last = error,
                    Err(error) => return Err(error),
                }
            }
        }
        Err(last)
    }

    async fn connect_to(settings: &ConnectionSettings, endpoint: &Endpoint, wish: SessionAttributes) -> Result<Self> {
        let patience = settings.connect_timeout().unwrap_or(PATIENCE);
        let attempt = tokio::time::timeout(patience, Self::log_in(settings, endpoint));
        let session = attempt.await.unwrap_or_else(|_| {
            let detail = format!("{endpoint} did not answer within {} seconds", patience.as_secs());
            Err(Error::new(ErrorKind::TargetUnreachable, doing(settings), detail))
        })?;
        session.client.batch_execute(FIXED).await.map_err(|error| failed("set the session up", error))?;
        session.satisfies(wish).await?;
        Ok(session)
    }

    /// Opens the connection, by every way that the `sslmode` allows.
    async fn log_in(settings: &ConnectionSettings, endpoint: &Endpoint) -> Result<Self> {
        let is_socket = matches!(endpoint.address, Address::Socket(_));
        let ways: &[bool] = match settings.tls().mode {
            // As with libpq, there is no TLS on a socket.
            _ if is_socket => &[false],
            SslMode::Disable => &[false],
            SslMode::Allow => &[false, true],
            SslMode::Prefer => &[true, false],
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => &[true],
        };
        let mut first: Option<Error> = None;
        for encrypted in ways {
            match Self::open(settings, endpoint, *encrypted).await {
                Ok(session) => return Ok(session),
                Err(error) if may_work_otherwise(&error) => drop(first.get_or_insert(error)),
                Err(error) => return Err(first.unwrap_or(error)),
            }
        }
        Err(first.unwrap_or_else(|| Error::bug(doing(settings), "no way to connect was tried")))
    }

    async fn open(settings: &ConnectionSettings, endpoint: &Endpoint, encrypted: bool) -> Result<Self> {
        let named = matches!(&endpoint.address, Address::Tcp { host, .. } if !host.is_empty());
        let connector = encrypted.then(|| tls::connector(settings.tls(), named)).transpose()?;
        let config = config(settings, endpoint, encrypted);
        let unreached = |error| unreached(settings, endpoint, error);
        let client;
        let connection = if let Some(connector) = &connector {
            let (opened, connection) = config.connect(connector.clone()).await.map_err(unreached)?;
            client = opened;
            tokio::spawn(connection)
        } else {
            let (opened, connection) = config.connect(NoTls).await.map_err(unreached)?;
            client = opened;
            tokio::spawn(connection)
        };
        // The task ends with the client; requests hear of a lost connection by themselves.
        drop(connection);
        let canceller = Canceller { token: client.cancel_token(), connector };
        let description = format!("{}@{endpoint}/{}", settings.user(), settings.database());
        Ok(Self { client, canceller, description, encrypted })
    }

    async fn satisfies(&self, wish: SessionAttributes) -> Result<()> {
        let (question, wanted) = match wish {
            SessionAttributes::Any | SessionAttributes::PreferStandby => return Ok(()),
            SessionAttributes::ReadWrite => ("current_setting('transaction_read_only')::bool", false),
            SessionAttributes::ReadOnly => ("current_setting('transaction_read_only')::bool", true),
            SessionAttributes::Primary => ("pg_is_in_recovery()", false),
            SessionAttributes::Standby => ("pg_is_in_recovery()", true),
        };
        let row = self.client.query_one(&format!("select {question}"), &[]).await;
        let answer: bool = row.and_then(|row| row.try_get(0)).map_err(|error| failed("ask what kind of server this is", error))?;
        if answer == wanted {
            return Ok(());
        }
        let detail = format!("{} is not of the kind that target_session_attrs asks for", self.description);
        Err(Error::new(ErrorKind::TargetUnfit, "connect to the target", detail))
    }

    /// The client library's connection, for statements.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The same, for transactions.
    pub fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    /// What can stop the statement that runs on this session, from anywhere.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Where this session goes: `user@host:port/database`.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Makes these schemas the ones that unqualified names are looked up in.
    pub async fn set_search_path(&self, schemas: &[&str]) -> Result<()> {
        let list = schemas.iter().map(|schema| quoted(schema)).collect::<Vec<_>>().join(", ");
        let statement = format!("set search_path = {}", if list.is_empty() { "''" } else { &list });
        self.client.batch_execute(&statement).await.map_err(|error| failed("set the search path", error))
    }
}

/// Stops the statement that runs on a session.
#[derive(Clone)]
pub struct Canceller {
    token: tokio_postgres::CancelToken,
    connector: Option<MakeRustlsConnect>,
}

impl std::fmt::Debug for Canceller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The token is a key to the session.
        f.debug_struct("Canceller").finish_non_exhaustive()
    }
}

impl Canceller {
    /// Asks the server to stop the running statement; whether one was running, the server doesn't say.
    pub async fn cancel(&self) -> Result<()> {
        let asked = match &self.connector {
            Some(connector) => self.token.cancel_query(connector.clone()).await,
            None => self.token.cancel_query(NoTls).await,
        };
        asked.map_err(|error| failed("cancel the running statement", error))
    }
}

/// Whether the next server is to be tried; as with libpq, only where this one was not there or not of the kind.
fn may_be_elsewhere(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::TargetUnreachable | ErrorKind::TargetUnfit | ErrorKind::TargetLost)
}

/// Whether TLS or its absence may make the difference: not for a wrong password, which would be tried twice.
fn may_work_otherwise(error: &Error) -> bool {
    error.kind() == ErrorKind::TargetTls || (error.kind() == ErrorKind::TargetAuth && error.detail().contains("SQLSTATE 28000"))
}

fn doing(settings: &ConnectionSettings) -> String {
    format!("connect to {}", settings.describe())
}

fn config(settings: &ConnectionSettings, endpoint: &Endpoint, encrypted: bool) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    match &endpoint.address {
        Address::Socket(directory) => drop(config.host_path(directory)),
        Address::Tcp { host, address } => {
            let host = if host.is_empty() { address.map(|address| address.to_string()).unwrap_or_default() } else { host.clone() };
            config.host(host);
            if let Some(address) = address {
                config.hostaddr(*address);
            }
        }
    }
    config.port(endpoint.port).user(settings.user()).dbname(settings.database()).application_name(settings.application_name());
    keep_alive(&mut config, settings.keepalive());
    if let Some(options) = settings.options() {
        config.options(options);
    }
    if let Some(password) = &endpoint.password {
        config.password(password.expose_secret());
    }
    // Never the library's own `prefer`: it would go on without TLS and not say so.
    config.ssl_mode(if encrypted { tokio_postgres::config::SslMode::Require } else { tokio_postgres::config::SslMode::Disable });
    if settings.tls().direct && encrypted {
        config.ssl_negotiation(tokio_postgres::config::SslNegotiation::Direct);
    }
    config.channel_binding(match settings.tls().channel_binding {
        ChannelBinding::Disable => tokio_postgres::config::ChannelBinding::Disable,
        ChannelBinding::Prefer => tokio_postgres::config::ChannelBinding::Prefer,
        ChannelBinding::Require => tokio_postgres::config::ChannelBinding::Require,
    });
    config
}

fn keep_alive(config: &mut tokio_postgres::Config, keepalive: &Keepalive) {
    // A load that waits for an index to be built is silent for long; a minute is below what firewalls forget.
    config.keepalives(keepalive.enabled).keepalives_idle(keepalive.idle.unwrap_or(Duration::from_mins(1)));
    if let Some(interval) = keepalive.interval {
        config.keepalives_interval(interval);
    }
    if let Some(count) = keepalive.count {
        config.keepalives_retries(count);
    }
    if let Some(timeout) = keepalive.user_timeout {
        config.tcp_user_timeout(timeout);
    }
}

/// Why there is no connection.
fn unreached(settings: &ConnectionSettings, endpoint: &Endpoint, error: tokio_postgres::Error) -> Error {
    use std::error::Error as _;

    if error.as_db_error().is_some() || tls::fault(&error).is_some() {
        return failed(doing(settings), error);
    }
    if let Some(io) = error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) {
        return unreached_by(io, settings, endpoint);
    }
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    let auth = |detail: &str| Error::new(ErrorKind::TargetAuth, doing(settings), detail);
    if cause.contains("password missing") {
        return auth("the server asks for a password, and none is given")
            .hint("give it by PGPASSWORD, a password file (~/.pgpass, mode 0600) or in the URL");
    }
    if cause.contains("channel binding") || cause.contains("channel_binding") {
        return auth("channel_binding=require is set, and the server or this connection can't do it")
            .hint("it needs TLS and a scram-sha-256 password");
    }
    if error.is_closed() {
        return Error::new(ErrorKind::TargetUnreachable, doing(settings), format!("{endpoint} closed the connection at once"));
    }
    auth("outgrow and the server found no way to log in").because(error)
}

/// The same, where the operating system says why.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum of forty kinds; the rest is said in its own words")]
fn unreached_by(error: &std::io::Error, settings: &ConnectionSettings, endpoint: &Endpoint) -> Error {
    use std::io::ErrorKind as Io;

    let (what, hint) = match error.kind() {
        Io::ConnectionRefused => (format!("nothing listens at {endpoint}"), "is the server running, and is the port right?"),
        Io::NotFound => (format!("there is no socket at {endpoint}"), "is the server running, and is this its socket directory?"),
        Io::PermissionDenied => (format!("this account may not use {endpoint}"), "run as an account that may, or connect by TCP"),
        Io::UnexpectedEof | Io::ConnectionReset => {
            (format!("{endpoint} closed the connection at once"), "is it a PostgreSQL server, and is it not just stopping?")
        }
        _ => (format!("{endpoint} can't be reached: {error}"), "check the host's name, the network and the firewall"),
    };
    Error::new(ErrorKind::TargetUnreachable, doing(settings), what).hint(hint)
}
