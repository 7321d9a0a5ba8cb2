//! libpq's connection keywords, their environment variables, and which of them have no meaning here.
//!
//! Never interprets a value.

/// A keyword, the variable that gives its default, and what happens to it here.
struct Keyword {
    name: &'static str,
    variable: Option<&'static str>,
    /// Said when the keyword is given although nothing here depends on it.
    ignored: Option<&'static str>,
}

const fn used(name: &'static str, variable: &'static str) -> Keyword {
    Keyword { name, variable: Some(variable), ignored: None }
}

const fn bare(name: &'static str) -> Keyword {
    Keyword { name, variable: None, ignored: None }
}

const fn ignored(name: &'static str, variable: Option<&'static str>, why: &'static str) -> Keyword {
    Keyword { name, variable, ignored: Some(why) }
}

const NO_GSS: &str = "outgrow speaks no GSSAPI";

/// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>
const KEYWORDS: &[Keyword] = &[
    used("host", "PGHOST"),
    used("hostaddr", "PGHOSTADDR"),
    used("port", "PGPORT"),
    used("dbname", "PGDATABASE"),
    used("user", "PGUSER"),
    used("password", "PGPASSWORD"),
    used("passfile", "PGPASSFILE"),
    used("service", "PGSERVICE"),
    used("servicefile", "PGSERVICEFILE"),
    used("options", "PGOPTIONS"),
    used("application_name", "PGAPPNAME"),
    bare("fallback_application_name"),
    used("connect_timeout", "PGCONNECT_TIMEOUT"),
    used("target_session_attrs", "PGTARGETSESSIONATTRS"),
    used("channel_binding", "PGCHANNELBINDING"),
    used("sslmode", "PGSSLMODE"),
    used("sslnegotiation", "PGSSLNEGOTIATION"),
    used("sslrootcert", "PGSSLROOTCERT"),
    used("sslcert", "PGSSLCERT"),
    used("sslkey", "PGSSLKEY"),
    used("sslcrl", "PGSSLCRL"),
    used("sslcrldir", "PGSSLCRLDIR"),
    bare("sslpassword"),
    used("requirepeer", "PGREQUIREPEER"),
    used("require_auth", "PGREQUIREAUTH"),
    used("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    used("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    bare("replication"),
    bare("keepalives"),
    bare("keepalives_idle"),
    bare("keepalives_interval"),
    bare("keepalives_count"),
    bare("tcp_user_timeout"),
    ignored("load_balance_hosts", Some("PGLOADBALANCEHOSTS"), "hosts are tried in the order given"),
    ignored("client_encoding", Some("PGCLIENTENCODING"), "outgrow always speaks UTF-8"),
    ignored("sslcompression", Some("PGSSLCOMPRESSION"), "TLS compression does not exist any more"),
    ignored("sslsni", Some("PGSSLSNI"), "the host name is always sent"),
    ignored("sslcertmode", Some("PGSSLCERTMODE"), "a client certificate is sent when there is one and the server asks for it"),
    ignored("gssencmode", Some("PGGSSENCMODE"), NO_GSS),
    ignored("krbsrvname", Some("PGKRBSRVNAME"), NO_GSS),
    ignored("gsslib", Some("PGGSSLIB"), NO_GSS),
    ignored("gssdelegation", Some("PGGSSDELEGATION"), NO_GSS),
];

/// Whether libpq knows the keyword.
pub(super) fn is_known(name: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.name == name)
}

/// Every keyword that has a variable, with it.
pub(super) fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    KEYWORDS.iter().filter_map(|keyword| keyword.variable.map(|variable| (keyword.name, variable)))
}

/// Every keyword that is accepted and has no effect, with the reason.
pub(super) fn without_effect() -> impl Iterator<Item = (&'static str, &'static str)> {
    KEYWORDS.iter().filter_map(|keyword| keyword.ignored.map(|why| (keyword.name, why)))
}
