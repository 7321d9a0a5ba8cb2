//! From everything that may say something about the connection to the one setting that holds.
//!
//! Never opens a connection.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

use super::conninfo::{self, Keywords};
use super::passfile::Passfile;
use super::{
    Address, ChannelBinding, ClientCertificate, Endpoint, Environment, Keepalive, RootCertificates, SslMode, TlsSettings, account, keyword,
    service,
};
use crate::error::{Error, ErrorKind, Result};

/// What kind of server is wanted among several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionAttributes {
    /// Any that answers.
    Any,
    /// One that takes writes by default.
    ReadWrite,
    /// One that takes none by default.
    ReadOnly,
    /// One that is not in recovery.
    Primary,
    /// One that is in recovery.
    Standby,
    /// One in recovery, else any.
    PreferStandby,
}

/// Where a server is and how to get in.
#[derive(Debug, Clone)]
pub struct ConnectionSettings {
    endpoints: Vec<Endpoint>,
    user: String,
    database: String,
    tls: TlsSettings,
    options: Option<String>,
    application_name: String,
    connect_timeout: Option<Duration>,
    attributes: SessionAttributes,
    keepalive: Keepalive,
    notes: Vec<String>,
}

impl ConnectionSettings {
    /// Settles on the settings, as libpq would.
    pub fn resolve(conninfo: Option<&str>, environment: &Environment<'_>) -> Result<Self> {
        let own = account::own();
        let home = environment("HOME").map(PathBuf::from).or_else(|| own.as_ref().map(|account| account.home.clone()));
        let (keywords, mut notes) = gathered(conninfo, environment, home.as_ref())?;
        let given = Given { keywords, home };
        let user = given.text("user").map(ToOwned::to_owned).or_else(|| own.map(|account| account.name));
        let Some(user) = user else {
            return Err(bad("no user name is given, and this account has none").hint("name one: postgresql://user@host/database"));
        };
        let database = given.text("dbname").unwrap_or(&user).to_owned();
        let mut endpoints = given.endpoints()?;
        given.add_passwords(&mut endpoints, &database, &user, &mut notes);
        let name = given.text("application_name").or_else(|| given.text("fallback_application_name"));
        Ok(Self {
            endpoints,
            tls: given.tls(&mut notes)?,
            options: given.text("options").map(ToOwned::to_owned),
            application_name: name.unwrap_or("outgrow").to_owned(),
            connect_timeout: given.connect_timeout()?,
            attributes: given.attributes()?,
            keepalive: given.keepalive()?,
            user,
            database,
            notes,
        })
    }

    /// A server at a Unix socket that asks for no password.
    pub(crate) fn at_socket(directory: &Path, port: u16, user: &str, database: &str) -> Self {
        Self {
            endpoints: vec![Endpoint { address: Address::Socket(directory.to_owned()), port, password: None }],
            user: user.to_owned(),
            database: database.to_owned(),
            tls: TlsSettings::none(),
            options: None,
            application_name: "outgrow".to_owned(),
            connect_timeout: None,
            attributes: SessionAttributes::Any,
            keepalive: Keepalive::default(),
            notes: Vec::new(),
        }
    }

    /// The same server and user, another database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self.clone() }
    }

    /// The servers to try, in this order.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The role to log in as.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The database to open.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// How the connection is to be secured.
    pub fn tls(&self) -> &TlsSettings {
        &self.tls
    }

    /// What the operator should know about the settings, such as a password file that was left aside.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(in crate::postgres) fn options(&self) -> Option<&str> {
        self.options.as_deref()
    }

    pub(in crate::postgres) fn application_name(&self) -> &str {
        &self.application_name
    }

    pub(in crate::postgres) fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    pub(in crate::postgres) fn attributes(&self) -> SessionAttributes {
        self.attributes
    }

    pub(in crate::postgres) fn keepalive(&self) -> &Keepalive {
        &self.keepalive
    }

    /// The settings as a line for people: `user@host:port/database`, without any secret.
    pub fn describe(&self) -> String {
        let servers = self.endpoints.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        format!("{}@{servers}/{}", self.user, self.database)
    }

    /// The settings as a URL that libpq reads, without the password.
    pub fn url_without_password(&self) -> String {
        self.url_with(None)
    }

    /// The settings as a URL that libpq reads, with this for a password, encoded already. With the real one it is a secret.
    pub(crate) fn url_with(&self, password: Option<&str>) -> String {
        let hosts = self.endpoints.iter().map(|endpoint| match &endpoint.address {
            Address::Socket(directory) => format!("{}:{}", percent_encoded(&directory.to_string_lossy()), endpoint.port),
            Address::Tcp { .. } => endpoint.to_string(),
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        let sslmode = if self.tls.mode == SslMode::Prefer { String::new() } else { format!("?sslmode={}", self.tls.mode.word()) };
        let sslmode = if self.endpoints.iter().all(|e| matches!(e.address, Address::Socket(_))) { String::new() } else { sslmode };
        let password = password.map_or_else(String::new, |password| format!(":{password}"));
        format!("postgresql://{}{password}@{hosts}/{}{sslmode}", percent_encoded(&self.user), percent_encoded(&self.database))
    }
}

/// A text as a URL writes it.
pub(crate) fn percent_encoded(text: &str) -> String {
    let encoded = text.bytes().map(|byte| {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    encoded.collect::<Vec<_>>().concat()
}

fn bad(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, "settle how to connect to the target", detail)
}

/// Every keyword that is set anywhere, the strongest source winning, and what to say about them.
fn gathered(conninfo: Option<&str>, environment: &Environment<'_>, home: Option<&PathBuf>) -> Result<(Keywords, Vec<String>)> {
    let mut keywords = conninfo.map(conninfo::parse).transpose()?.unwrap_or_default();
    let service = keywords.get("service").cloned().or_else(|| environment("PGSERVICE").filter(|name| !name.is_empty()));
    if let Some(name) = service {
        let file = keywords.get("servicefile").cloned().or_else(|| environment("PGSERVICEFILE"));
        for (key, value) in service::keywords(&name, file.as_deref(), environment, home)? {
            keywords.entry(key).or_insert(value);
        }
    }
    for (key, variable) in keyword::variables() {
        if let Some(value) = environment(variable).filter(|value| !value.is_empty()) {
            keywords.entry(key.to_owned()).or_insert(value);
        }
    }
    let notes = keyword::without_effect()
        .filter(|(key, _)| keywords.contains_key(*key))
        .map(|(key, why)| format!("the connection setting `{key}` has no effect: {why}"))
        .collect();
    for (key, meaning) in [
        ("sslcrl", "certificate revocation lists are not read"),
        ("sslcrldir", "certificate revocation lists are not read"),
        ("sslpassword", "encrypted private keys are not read; decrypt the key with `openssl pkey`"),
        ("requirepeer", "the account behind a socket is not checked"),
        ("require_auth", "the way to log in is the server's choice"),
        ("replication", "replication connections are not used"),
    ] {
        // To leave a demand for more safety aside would be worse than to stop.
        if keywords.contains_key(key) {
            return Err(bad(format!("the connection setting `{key}` can't be honoured: {meaning}")));
        }
    }
    Ok((keywords, notes))
}

struct Given {
    keywords: Keywords,
    home: Option<PathBuf>,
}

impl Given {
    fn text(&self, key: &str) -> Option<&str> {
        self.keywords.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn list(&self, key: &str) -> Vec<&str> {
        self.text(key).map(|value| value.split(',').map(str::trim).collect()).unwrap_or_default()
    }

    fn endpoints(&self) -> Result<Vec<Endpoint>> {
        let (hosts, addresses, ports) = (self.list("host"), self.list("hostaddr"), self.list("port"));
        let count = hosts.len().max(addresses.len()).max(1);
        if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
            return Err(bad(format!("{} host names and {} host addresses are given", hosts.len(), addresses.len())));
        }
        if ports.len() > 1 && ports.len() != count {
            return Err(bad(format!("{} ports are given for {count} hosts", ports.len())));
        }
        (0..count)
            .map(|index| {
                let port = ports.get(index).or_else(|| ports.first().filter(|_| ports.len() == 1)).filter(|port| !port.is_empty());
                let port = port.map_or(Ok(5432), |port| one_of_numbers("port", port))?;
                let host = hosts.get(index).copied().filter(|host| !host.is_empty());
                let address = addresses.get(index).filter(|address| !address.is_empty());
                let address = address.map(|text| IpAddr::from_str(text).map_err(|_| bad(format!("`{text}` is not a host address"))));
                let address = match (host, address.transpose()?) {
                    (Some(directory), None) if directory.starts_with('/') => Address::Socket(directory.into()),
                    (None, None) => Address::Socket(default_socket_directory(port)),
                    (host, address) => Address::Tcp { host: host.unwrap_or_default().to_owned(), address },
                };
                Ok(Endpoint { address, port, password: None })
            })
            .collect()
    }

    fn add_passwords(&self, endpoints: &mut [Endpoint], database: &str, user: &str, notes: &mut Vec<String>) {
        if let Some(password) = self.text("password") {
            for endpoint in endpoints {
                endpoint.password = Some(SecretString::from(password));
            }
            return;
        }
        let default = self.home.as_ref().map(|home| home.join(".pgpass"));
        let Some(path) = self.text("passfile").map(PathBuf::from).or(default) else { return };
        let passfile = Passfile::read(&path, notes);
        for endpoint in endpoints {
            let host = match &endpoint.address {
                Address::Socket(directory) if SOCKET_DIRECTORIES.iter().any(|known| Path::new(known) == directory) => {
                    "localhost".to_owned()
                }
                Address::Socket(directory) => directory.to_string_lossy().into_owned(),
                Address::Tcp { host, address } if host.is_empty() => address.map(|address| address.to_string()).unwrap_or_default(),
                Address::Tcp { host, .. } => host.clone(),
            };
            endpoint.password = passfile.password(&host, endpoint.port, database, user);
        }
    }

    fn tls(&self, notes: &mut Vec<String>) -> Result<TlsSettings> {
        let roots = match self.text("sslrootcert") {
            Some("system") => Some(RootCertificates::System),
            Some(path) => Some(RootCertificates::File(path.into())),
            None => self.home_file("root.crt").map(RootCertificates::File),
        };
        let mode = match self.text("sslmode") {
            None if roots == Some(RootCertificates::System) => SslMode::VerifyFull,
            None => SslMode::Prefer,
            Some(word) => {
                SslMode::parse(word).ok_or_else(|| not_one_of("sslmode", "disable, allow, prefer, require, verify-ca, verify-full"))?
            }
        };
        if roots == Some(RootCertificates::System) && mode != SslMode::VerifyFull {
            return Err(bad(format!("sslmode={} is too weak for sslrootcert=system", mode.word()))
                .hint("anyone can have a certificate of a public authority: use sslmode=verify-full"));
        }
        let channel_binding = match self.text("channel_binding") {
            None | Some("prefer") => ChannelBinding::Prefer,
            Some("disable") => ChannelBinding::Disable,
            Some("require") => ChannelBinding::Require,
            Some(_) => return Err(not_one_of("channel_binding", "disable, prefer, require")),
        };
        let direct = match self.text("sslnegotiation") {
            None | Some("postgres") => false,
            Some("direct") if mode >= SslMode::Require => true,
            Some("direct") => return Err(bad(format!("sslnegotiation=direct can't be used with the weak sslmode={}", mode.word()))),
            Some(_) => return Err(not_one_of("sslnegotiation", "postgres, direct")),
        };
        let client = self.client_certificate()?;
        let minimum = self.protocol("ssl_min_protocol_version", notes)?;
        let maximum = self.protocol("ssl_max_protocol_version", notes)?;
        let (only_tls13, only_tls12) = (minimum == Some(13), maximum == Some(12));
        if maximum.is_some_and(|maximum| maximum < 12) || (only_tls13 && only_tls12) {
            return Err(bad("the TLS versions allowed leave none to speak").hint("outgrow speaks TLS 1.2 and 1.3"));
        }
        Ok(TlsSettings { mode, roots, client, channel_binding, direct, only_tls13, only_tls12 })
    }

    fn protocol(&self, key: &'static str, notes: &mut Vec<String>) -> Result<Option<u8>> {
        match self.text(key) {
            None => Ok(None),
            Some("TLSv1") => Ok(Some(10)),
            Some("TLSv1.1") => Ok(Some(11)),
            Some("TLSv1.2") => Ok(Some(12)),
            Some("TLSv1.3") => Ok(Some(13)),
            Some(_) => Err(not_one_of(key, "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3")),
        }
        .inspect(|version| {
            if key.contains("min") && version.is_some_and(|version| version < 12) {
                notes.push(format!("`{key}` asks for less than TLS 1.2, which is the oldest that outgrow speaks"));
            }
        })
    }

    fn client_certificate(&self) -> Result<Option<ClientCertificate>> {
        let given = self.text("sslcert").map(PathBuf::from);
        let Some(certificate) = given.or_else(|| self.home_file("postgresql.crt")) else { return Ok(None) };
        let key = self.text("sslkey").map(PathBuf::from).or_else(|| self.home_file("postgresql.key"));
        let Some(key) = key else {
            return Err(bad(format!("the certificate {} comes without its key", certificate.display())).hint("name it with sslkey"));
        };
        Ok(Some(ClientCertificate { certificate, key }))
    }

    fn home_file(&self, name: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(".postgresql").join(name)).filter(|path| path.is_file())
    }

    fn connect_timeout(&self) -> Result<Option<Duration>> {
        Ok(self.number("connect_timeout")?.map(Duration::from_secs))
    }

    fn keepalive(&self) -> Result<Keepalive> {
        let seconds = |key| Ok::<_, Error>(self.number(key)?.map(Duration::from_secs));
        Ok(Keepalive {
            enabled: self.text("keepalives") != Some("0"),
            idle: seconds("keepalives_idle")?,
            interval: seconds("keepalives_interval")?,
            count: self.number("keepalives_count")?.and_then(|count| u32::try_from(count).ok()),
            user_timeout: self.number("tcp_user_timeout")?.map(Duration::from_millis),
        })
    }

    /// A number above zero; zero and below ask for the system's own.
    fn number(&self, key: &str) -> Result<Option<u64>> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let number: i64 = text.trim().parse().map_err(|_| bad(format!("{key} is not a number")))?;
        Ok(u64::try_from(number).ok().filter(|number| *number > 0))
    }

    fn attributes(&self) -> Result<SessionAttributes> {
        match self.text("target_session_attrs") {
            None | Some("any") => Ok(SessionAttributes::Any),
            Some("read-write") => Ok(SessionAttributes::ReadWrite),
            Some("read-only") => Ok(SessionAttributes::ReadOnly),
            Some("primary") => Ok(SessionAttributes::Primary),
            Some("standby") => Ok(SessionAttributes::Standby),
            Some("prefer-standby") => Ok(SessionAttributes::PreferStandby),
            Some(_) => Err(not_one_of("target_session_attrs", "any, read-write, read-only, primary, standby, prefer-standby")),
        }
    }
}

/// Where servers put their sockets: Debian and Red Hat, then PostgreSQL's own default.
const SOCKET_DIRECTORIES: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// The directory that holds a socket of this port, else the first that exists.
fn default_socket_directory(port: u16) -> PathBuf {
    let directories = || SOCKET_DIRECTORIES.iter().map(Path::new);
    let with_socket = directories().find(|directory| directory.join(format!(".s.PGSQL.{port}")).exists());
    with_socket.or_else(|| directories().find(|directory| directory.is_dir())).unwrap_or(Path::new("/tmp")).to_owned()
}

fn one_of_numbers(key: &str, text: &str) -> Result<u16> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| bad(format!("{key} is not a number from 1 to 65535")))
}

fn not_one_of(key: &str, words: &str) -> Error {
    bad(format!("{key} has a value that is not known")).hint(format!("it may be one of: {words}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    fn resolved(conninfo: Option<&str>, variables: &[(&str, &str)]) -> Result<ConnectionSettings> {
        let mut map: BTreeMap<&str, &str> = BTreeMap::from([("HOME", "/nonexistent")]);
        map.extend(variables.iter().copied());
        ConnectionSettings::resolve(conninfo, &|name| map.get(name).map(|value| (*value).to_owned()))
    }

    fn password(settings: &ConnectionSettings) -> Option<&str> {
        settings.endpoints()[0].password.as_ref().map(ExposeSecret::expose_secret)
    }

    #[test]
    fn the_sources_weigh_as_in_libpq() {
        for (conninfo, variables, expected) in [
            (Some("postgres://u@h:1/d"), &[("PGHOST", "x"), ("PGPORT", "2"), ("PGUSER", "y"), ("PGDATABASE", "z")][..], "u@h:1/d"),
            (None, &[("PGHOST", "x"), ("PGPORT", "2"), ("PGUSER", "y"), ("PGDATABASE", "z")], "y@x:2/z"),
            (Some("other"), &[("PGHOST", "x"), ("PGUSER", "y"), ("PGDATABASE", "z")], "y@x:5432/other"),
            (Some("postgres://u@h"), &[], "u@h:5432/u"),
            (Some("postgres://u@a:1,b/d"), &[], "u@a:1,b:5432/d"),
            (Some("host=a,b port=7 user=u"), &[], "u@a:7,b:7/u"),
            (Some("postgres://u@[::1]:7/d"), &[], "u@[::1]:7/d"),
            (Some("hostaddr=::1 user=u"), &[], "u@[::1]:5432/u"),
            (Some("postgres://u@/d?host=/some/dir&port=7"), &[], "u@/some/dir:7/d"),
            (Some("host=/some/dir user=u"), &[], "u@/some/dir:5432/u"),
        ] {
            assert_eq!(resolved(conninfo, variables).unwrap().describe(), expected, "{conninfo:?}");
        }
    }

    #[test]
    fn a_password_is_taken_from_anywhere_and_shown_nowhere() {
        let odd = "@:/%)~& '\\\"";
        let directory = tempfile::tempdir().unwrap();
        let passfile = directory.path().join("passfile");
        fs::write(&passfile, "h:5432:*:u:@\\:/%)~& '\\\\\"\n").unwrap();
        fs::set_permissions(&passfile, fs::Permissions::from_mode(0o600)).unwrap();
        let passfile = passfile.to_str().unwrap();
        for settings in [
            resolved(Some("postgres://u:%40%3A%2F%25)~%26%20%27%5C%22@h/d"), &[("PGPASSWORD", "weaker")]),
            resolved(Some("host=h user=u password='@:/%)~& \\'\\\\\"'"), &[]),
            resolved(Some("postgres://u@h/d"), &[("PGPASSWORD", odd)]),
            resolved(Some("postgres://u@h/d"), &[("PGPASSFILE", passfile)]),
            resolved(Some(&format!("host=h user=u passfile={passfile}")), &[]),
        ] {
            let settings = settings.unwrap();
            assert_eq!(password(&settings), Some(odd));
            let shown = format!("{settings:?} {} {}", settings.describe(), settings.url_without_password());
            assert!(!shown.contains("~&"), "{shown}");
        }
    }

    #[test]
    fn a_password_file_that_others_may_read_is_left_aside_with_a_note() {
        let home = tempfile::tempdir().unwrap();
        let passfile = home.path().join(".pgpass");
        fs::write(&passfile, "*:*:*:*:secret\n").unwrap();
        fs::set_permissions(&passfile, fs::Permissions::from_mode(0o640)).unwrap();
        let variables = [("HOME", home.path().to_str().unwrap())];
        let settings = resolved(Some("postgres://u@h"), &variables).unwrap();
        assert_eq!(password(&settings), None);
        assert!(settings.notes()[0].contains("chmod 0600"), "{:?}", settings.notes());
        fs::set_permissions(&passfile, fs::Permissions::from_mode(0o600)).unwrap();
        let settings = resolved(Some("postgres://u@h"), &variables).unwrap();
        assert_eq!((password(&settings), settings.notes().len()), (Some("secret"), 0));
    }

    #[test]
    fn a_service_stands_between_the_connection_and_the_environment() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("pg_service.conf"), "[app]\nhost=from.service\nuser=service\nsslmode=disable\n").unwrap();
        let variables = [("PGSYSCONFDIR", directory.path().to_str().unwrap()), ("PGHOST", "from.variable"), ("PGDATABASE", "d")];
        let settings = resolved(Some("postgres://me@/?service=app"), &variables).unwrap();
        assert_eq!(settings.describe(), "me@from.service:5432/d");
        assert_eq!(settings.tls().mode, SslMode::Disable);
        let missing = resolved(Some("service=none"), &variables).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Usage);
        assert!(missing.hints().any(|hint| hint.contains("pg_service.conf")));
    }

    #[test]
    fn what_can_not_be_honoured_is_refused_or_noted() {
        for conninfo in [
            "sslmode=no-ssl",
            "sslmode=require sslrootcert=system",
            "sslcrl=/some/file",
            "requirepeer=postgres",
            "replication=database",
            "channel_binding=maybe",
            "connect_timeout=soon",
            "target_session_attrs=best",
            "host=a,b port=1,2,3",
            "port=0",
            "port=65536",
            "keepalives_idle=long",
            "hostaddr=not.an.address",
            "sslcert=/a/file",
            "sslnegotiation=direct",
            "ssl_max_protocol_version=TLSv1.1",
        ] {
            let error = resolved(Some(&format!("user=u {conninfo}")), &[]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage, "{conninfo}");
        }
        let settings = resolved(Some("user=u host=h"), &[("PGGSSENCMODE", "prefer")]).unwrap();
        assert!(settings.notes()[0].contains("gssencmode"));
        assert_eq!(resolved(Some("user=u sslrootcert=system"), &[]).unwrap().tls().mode, SslMode::VerifyFull);
    }
}
