//! Getting in: every `sslmode`, passwords, and what is said when it does not work. Real certificates, a real server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use outgrow::error::{Error, ErrorKind, Result};
use outgrow::postgres::{CheckOptions, CheckState, ConnectionSettings, Disposable, Session, check, wait_until_ready};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType, SigningKey, date_time_ymd};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::der::asn1::BitString;
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Decode, Encode, EncodePem};

use crate::fixture::{in_own_runtime, options, started};

/// A password with everything that a URL, a DSN or a password file treats specially.
const PASSWORD: &str = "p@:/%)~& '\\\"";

const HBA: &str = "\
    local   all postgres                trust\n\
    hostssl all tlsonly   127.0.0.1/32  scram-sha-256\n\
    hostnossl all plainonly 127.0.0.1/32 scram-sha-256\n\
    hostssl all certified 127.0.0.1/32  cert\n\
    host    all anna      127.0.0.1/32  scram-sha-256\n";

const SETTINGS: &str = "\
    listen_addresses = '127.0.0.1'\n\
    ssl = on\n\
    ssl_cert_file = '../server.crt'\n\
    ssl_key_file = '../server.key'\n\
    ssl_ca_file = '../root.crt'\n\
    password_encryption = 'scram-sha-256'\n";

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// A certificate for these names, and its key; expired if asked.
    fn certificate(&self, common_name: &str, names: &[&str], expired: bool) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.subject_alt_names = names.iter().map(|name| SanType::DnsName((*name).try_into().unwrap())).collect();
        if expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

impl Authority {
    /// What a server for `db.test` needs.
    fn identity(&self, names: &[&str], expired: bool) -> (String, String, String) {
        let (certificate, key) = self.certificate("db.test", names, expired);
        (certificate, key, self.issuer.pem())
    }

    /// The same of X.509 version 1, as `openssl x509 -req` makes it by the PostgreSQL manual.
    fn identity_of_version_1(&self) -> (String, String, String) {
        let (certificate, key) = self.certificate("db.test", &[], false);
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let mut parsed = x509_cert::Certificate::from_der(&der).unwrap();
        parsed.tbs_certificate.version = x509_cert::Version::V1;
        parsed.tbs_certificate.extensions = None;
        let signature = self.issuer.key().sign(&parsed.tbs_certificate.to_der().unwrap()).unwrap();
        parsed.signature = BitString::from_bytes(&signature).unwrap();
        (parsed.to_pem(LineEnding::LF).unwrap(), key, self.issuer.pem())
    }

    /// A certificate that is its own authority.
    fn identity_of_its_own() -> (String, String, String) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "db.test");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        (certificate.clone(), key.serialize_pem(), certificate)
    }
}

/// A server at 127.0.0.1 with TLS, and the files that its clients need.
struct Secured {
    server: Disposable,
    port: u16,
    files: tempfile::TempDir,
    authority: Authority,
}

impl Secured {
    /// `identity` makes the server's certificate, its key and the root certificate for its clients.
    async fn start(identity: impl FnOnce(&Authority) -> (String, String, String)) -> Self {
        let (authority, stranger) = (Authority::new("own authority"), Authority::new("strange authority"));
        let (certificate, key, root) = identity(&authority);
        let port = free_port();
        let mut options = options();
        options.port = port;
        options.server_settings.push_str(SETTINGS);
        options.server_hba = Some(HBA.to_owned());
        options.server_files = vec![
            ("server.crt".to_owned(), certificate.into_bytes()),
            ("server.key".to_owned(), key.into_bytes()),
            ("root.crt".to_owned(), authority.issuer.pem().into_bytes()),
        ];
        let server = started(&options).await;
        let session = Session::connect(server.settings()).await.unwrap();
        let password = PASSWORD.replace('\'', "''");
        for role in ["anna", "tlsonly", "plainonly", "certified"] {
            session.client().batch_execute(&format!("create role {role} login password '{password}'")).await.unwrap();
        }
        let files = tempfile::tempdir().unwrap();
        private(&files.path().join("root.crt"), &root);
        private(&files.path().join("strange.crt"), &stranger.issuer.pem());
        Self { server, port, files, authority }
    }

    /// The shared server, whose certificate is for `db.test`; nothing may change it.
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Secured> = OnceLock::new();
        SHARED
            .get_or_init(|| in_own_runtime(async { Self::start(|authority| authority.identity(&["db.test", "other.test"], false)).await }))
    }

    /// Settings of these keywords; `ROOT`, `STRANGE` and `FILES` stand for the files.
    fn settings(&self, keywords: &str) -> Result<ConnectionSettings> {
        let files = self.files.path().display().to_string();
        let keywords = keywords.replace("ROOT", &format!("{files}/root.crt")).replace("STRANGE", &format!("{files}/strange.crt"));
        let text = format!("hostaddr=127.0.0.1 port={} dbname=postgres {}", self.port, keywords.replace("FILES", &files));
        ConnectionSettings::resolve(Some(&text), &|name| match name {
            "HOME" => Some("/nonexistent".to_owned()),
            "PGPASSWORD" => Some(PASSWORD.to_owned()),
            _ => None,
        })
    }

    async fn connect(&self, keywords: &str) -> Result<Session> {
        Session::connect(&self.settings(keywords)?).await
    }
}

fn private(path: &Path, content: &str) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn shown(error: &Error) -> String {
    format!("{error} {error:?} {}", error.hints().collect::<Vec<_>>().join(" "))
}

#[tokio::test]
async fn every_sslmode_means_what_libpq_means() {
    let secured = Secured::shared();
    // The keywords, and whether the connection comes out encrypted, plain, or refused with these words.
    let cases: &[(&str, std::result::Result<bool, &str>)] = &[
        ("user=anna host=db.test sslmode=disable", Ok(false)),
        ("user=anna host=db.test sslmode=allow", Ok(false)),
        ("user=anna host=db.test sslmode=prefer", Ok(true)),
        ("user=anna host=db.test", Ok(true)),
        ("user=anna host=db.test sslmode=require", Ok(true)),
        ("user=anna host=wrong.test sslmode=require", Ok(true)),
        ("user=anna sslmode=require", Ok(true)),
        ("user=anna host=db.test sslmode=require sslrootcert=ROOT", Ok(true)),
        ("user=anna host=db.test sslmode=require sslrootcert=STRANGE", Err("not of an authority in the root certificates")),
        ("user=anna host=db.test sslmode=prefer sslrootcert=STRANGE", Ok(true)),
        ("user=anna host=db.test sslmode=verify-ca sslrootcert=ROOT", Ok(true)),
        ("user=anna host=wrong.test sslmode=verify-ca sslrootcert=ROOT", Ok(true)),
        ("user=anna sslmode=verify-ca sslrootcert=ROOT", Ok(true)),
        ("user=anna host=db.test sslmode=verify-ca sslrootcert=STRANGE", Err("not of an authority in the root certificates")),
        ("user=anna host=db.test sslmode=verify-ca", Err("needs root certificates")),
        ("user=anna host=db.test sslmode=verify-ca sslrootcert=FILES/none", Err("can't be read")),
        ("user=anna host=db.test sslmode=verify-full sslrootcert=ROOT", Ok(true)),
        ("user=anna host=other.test sslmode=verify-full sslrootcert=ROOT", Ok(true)),
        ("user=anna host=wrong.test sslmode=verify-full sslrootcert=ROOT", Err("is for db.test, other.test, not for wrong.test")),
        ("user=anna host=db.test sslmode=verify-full sslrootcert=STRANGE", Err("not of an authority in the root certificates")),
        ("user=anna sslmode=verify-full sslrootcert=ROOT", Err("needs a host name")),
        ("user=anna host=db.test sslrootcert=system", Err("not of an authority in the root certificates")),
        ("user=tlsonly host=db.test sslmode=disable", Err("no pg_hba.conf entry")),
        ("user=tlsonly host=db.test sslmode=allow", Ok(true)),
        ("user=tlsonly host=db.test sslmode=prefer", Ok(true)),
        ("user=plainonly host=db.test sslmode=prefer", Ok(false)),
        ("user=plainonly host=db.test sslmode=allow", Ok(false)),
        ("user=plainonly host=db.test sslmode=require", Err("no pg_hba.conf entry")),
        ("user=anna host=db.test sslmode=require channel_binding=require", Ok(true)),
        ("user=anna host=db.test sslmode=require channel_binding=disable", Ok(true)),
        ("user=anna host=db.test sslmode=disable channel_binding=require", Err("channel_binding=require")),
        ("user=anna host=db.test sslmode=require ssl_min_protocol_version=TLSv1.3", Ok(true)),
        ("user=anna host=db.test sslmode=verify-full sslrootcert=ROOT ssl_max_protocol_version=TLSv1.2", Ok(true)),
    ];
    for (keywords, expected) in cases {
        match (secured.connect(keywords).await, expected) {
            (Ok(session), Ok(encrypted)) => {
                let row = session.client().query_one("select ssl from pg_stat_ssl where pid = pg_backend_pid()", &[]).await.unwrap();
                assert_eq!((row.get::<_, bool>(0), session.is_encrypted()), (*encrypted, *encrypted), "{keywords}");
            }
            (Err(error), Err(words)) => {
                assert!(error.to_string().contains(words), "{keywords}: {error}");
                assert!(matches!(error.kind(), ErrorKind::TargetTls | ErrorKind::TargetAuth), "{keywords}: {:?}", error.kind());
                assert!(!shown(&error).contains("~&"), "{keywords}");
            }
            (Ok(_), Err(words)) => panic!("{keywords}: connected instead of: {words}"),
            (Err(error), Ok(_)) => panic!("{keywords}: {}", shown(&error)),
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_said_to_be_one() {
    let mut options = options();
    options.port = free_port();
    options.server_settings = "listen_addresses = '127.0.0.1'\n".to_owned();
    let server = started(&options).await;
    let connect = |mode: &str| {
        let text = format!("host=127.0.0.1 port={} user=postgres dbname=postgres sslmode={mode}", options.port);
        async move { Session::connect(&ConnectionSettings::resolve(Some(&text), &|_| None).unwrap()).await }
    };
    assert!(!connect("prefer").await.unwrap().is_encrypted());
    let error = connect("require").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TargetTls);
    assert!(error.to_string().contains("offers no TLS"), "{error}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_expired_certificate_is_said_to_be_one() {
    let secured = Secured::start(|authority| authority.identity(&["db.test"], true)).await;
    let error = secured.connect("user=anna host=db.test sslmode=verify-full sslrootcert=ROOT").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TargetTls);
    assert!(error.to_string().contains("has expired"), "{error}");
    assert!(secured.connect("user=anna host=db.test sslmode=require").await.unwrap().is_encrypted());
    secured.server.stop().await.unwrap();
}

/// What libpq takes and TLS libraries of today do not by themselves.
#[tokio::test]
async fn certificates_made_by_the_manual_are_verified_too() {
    type Identity = fn(&Authority) -> (String, String, String);
    let common_name_only: Identity = |authority| authority.identity(&[], false);
    let version_1: Identity = Authority::identity_of_version_1;
    let self_signed: Identity = |_| Authority::identity_of_its_own();
    for (kind, identity) in [("common name only", common_name_only), ("version 1", version_1), ("self-signed", self_signed)] {
        let secured = Secured::start(identity).await;
        for (keywords, expected) in [
            ("sslmode=require host=wrong.test", None),
            ("sslmode=verify-ca sslrootcert=ROOT host=wrong.test", None),
            ("sslmode=verify-full sslrootcert=ROOT host=db.test", None),
            ("sslmode=verify-full sslrootcert=ROOT host=db.test channel_binding=require", None),
            ("sslmode=verify-full sslrootcert=ROOT host=wrong.test", Some("is for db.test, not for wrong.test")),
            ("sslmode=verify-full sslrootcert=STRANGE host=db.test", Some("not of an authority in the root certificates")),
        ] {
            match (secured.connect(&format!("user=anna {keywords}")).await, expected) {
                (Ok(session), None) => assert!(session.is_encrypted(), "{kind}: {keywords}"),
                (Err(error), Some(words)) => assert!(error.to_string().contains(words), "{kind}: {keywords}: {error}"),
                (Ok(_), Some(words)) => panic!("{kind}: {keywords}: connected instead of: {words}"),
                (Err(error), None) => panic!("{kind}: {keywords}: {}", shown(&error)),
            }
        }
        secured.server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_client_certificate_opens_the_door() {
    let secured = Secured::shared();
    let (certificate, key) = secured.authority.certificate("certified", &[], false);
    let files = tempfile::tempdir().unwrap();
    private(&files.path().join("client.crt"), &certificate);
    private(&files.path().join("client.key"), &key);
    let keywords =
        format!("user=certified host=db.test sslmode=require sslcert={0}/client.crt sslkey={0}/client.key", files.path().display());
    assert!(secured.connect(&keywords).await.unwrap().is_encrypted());
    assert_eq!(secured.connect("user=certified host=db.test sslmode=require").await.unwrap_err().kind(), ErrorKind::TargetAuth);
    fs::set_permissions(files.path().join("client.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let error = secured.connect(&keywords).await.unwrap_err();
    assert!(error.to_string().contains("may be read by others"), "{error}");
}

#[tokio::test]
async fn a_password_comes_from_url_variable_or_file() {
    let secured = Secured::shared();
    let files = tempfile::tempdir().unwrap();
    let passfile = files.path().join("passfile");
    private(&passfile, "127.0.0.1:*:*:anna:p@\\:/%)~& '\\\\\"\n");
    private(&files.path().join("services"), &format!("[app]\nhost=127.0.0.1\nport={}\nuser=anna\ndbname=postgres\n", secured.port));
    let passfile = passfile.display().to_string();
    let services = files.path().join("services").display().to_string();
    let url = format!("postgresql://anna:p%40%3A%2F%25)~%26%20%27%5C%22@127.0.0.1:{}/postgres", secured.port);
    let bare = format!("postgresql://anna@127.0.0.1:{}/postgres", secured.port);
    for (conninfo, variables) in [
        (Some(url.as_str()), vec![]),
        (Some(bare.as_str()), vec![("PGPASSWORD", PASSWORD)]),
        (Some(bare.as_str()), vec![("PGPASSFILE", passfile.as_str())]),
        (None, vec![("PGSERVICE", "app"), ("PGSERVICEFILE", services.as_str()), ("PGPASSFILE", passfile.as_str())]),
    ] {
        let lookup = |name: &str| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned());
        let settings = ConnectionSettings::resolve(conninfo, &lookup).unwrap();
        assert!(Session::connect(&settings).await.is_ok(), "{variables:?}");
    }
    let settings = |password: Option<&str>| {
        let lookup = |name: &str| password.filter(|_| name == "PGPASSWORD").map(ToOwned::to_owned);
        ConnectionSettings::resolve(Some(&bare), &lookup).unwrap()
    };
    let wrong = Session::connect(&settings(Some("wrong~&"))).await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::TargetAuth);
    assert!(wrong.to_string().contains("28P01") && !shown(&wrong).contains("~&"), "{}", shown(&wrong));
    let none = Session::connect(&settings(None)).await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::TargetAuth);
    assert!(none.to_string().contains("none is given"), "{none}");
}

#[tokio::test]
async fn a_dead_place_is_unreachable() {
    for (text, words) in [
        (format!("host=127.0.0.1 port={} user=u", free_port()), "nothing listens"),
        ("host=/nonexistent user=u".to_owned(), "no socket"),
        ("host=no-such-host.invalid user=u".to_owned(), "can't be reached"),
    ] {
        let settings = ConnectionSettings::resolve(Some(&text), &|_| None).unwrap();
        let error = Session::connect(&settings).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TargetUnreachable, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    // A listener that never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = format!("host=127.0.0.1 port={} user=u connect_timeout=1", listener.local_addr().unwrap().port());
    let error = Session::connect(&ConnectionSettings::resolve(Some(&text), &|_| None).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TargetUnreachable, "{error}");
    assert!(error.to_string().contains("within 1 second"), "{error}");
}

#[tokio::test]
async fn the_first_server_of_the_right_kind_is_taken() {
    let secured = Secured::shared();
    let settings = |attributes: &str| {
        let text = format!(
            "host=127.0.0.1,127.0.0.1 port={},{} user=anna dbname=postgres target_session_attrs={attributes}",
            free_port(),
            secured.port
        );
        ConnectionSettings::resolve(Some(&text), &|name| (name == "PGPASSWORD").then(|| PASSWORD.to_owned())).unwrap()
    };
    for attributes in ["any", "read-write", "primary", "prefer-standby"] {
        let session = Session::connect(&settings(attributes)).await.unwrap();
        assert!(session.describe().contains(&format!(":{}/", secured.port)), "{attributes}");
    }
    for attributes in ["read-only", "standby"] {
        assert_eq!(Session::connect(&settings(attributes)).await.unwrap_err().kind(), ErrorKind::TargetUnfit, "{attributes}");
    }
}

#[tokio::test]
async fn waiting_ends_when_the_server_comes_or_can_not() {
    let port = free_port();
    let text = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
    let settings = ConnectionSettings::resolve(Some(&text), &|_| None).unwrap();
    let error = wait_until_ready(&settings, Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TargetUnreachable);
    let mut late = options();
    late.port = port;
    late.server_settings = "listen_addresses = '127.0.0.1'\n".to_owned();
    let (session, server) = tokio::join!(wait_until_ready(&settings, Duration::from_mins(1)), started(&late));
    assert!(session.is_ok());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_check_tells_how_the_connection_is_secured() {
    let secured = Secured::shared();
    let options = CheckOptions { schema: "public".to_owned(), wait: None };
    for (keywords, state, words) in [
        ("user=anna host=db.test sslmode=verify-full sslrootcert=ROOT", CheckState::Ok, "TLSv1.3 with TLS_AES"),
        ("user=anna host=db.test sslmode=require", CheckState::Warning, "was not verified"),
        ("user=anna host=db.test sslmode=disable", CheckState::Warning, "not encrypted"),
    ] {
        let report = check(&secured.settings(keywords).unwrap(), &options).await.unwrap();
        let item = report.items.iter().find(|item| item.id == "tls").unwrap();
        assert_eq!(item.state, state, "{}", item.meaning);
        assert!(item.meaning.contains(words), "{}", item.meaning);
        assert!(!serde_json::to_string(&report).unwrap().contains("~&"));
    }
}
