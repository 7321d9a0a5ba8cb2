//! How a connection is to be secured.
//!
//! Never opens a certificate.

use std::path::PathBuf;

/// libpq's `sslmode`, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// Plain first, TLS if the server insists.
    Allow,
    /// TLS if the server has it, else plain.
    Prefer,
    /// TLS, whoever the server is (with a root certificate file: as [`SslMode::VerifyCa`]).
    Require,
    /// TLS, with a certificate of a known authority.
    VerifyCa,
    /// TLS, with a certificate of a known authority for this very host.
    VerifyFull,
}

impl SslMode {
    /// Reads libpq's word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "disable" => Some(Self::Disable),
            "allow" => Some(Self::Allow),
            "prefer" => Some(Self::Prefer),
            "require" => Some(Self::Require),
            "verify-ca" => Some(Self::VerifyCa),
            "verify-full" => Some(Self::VerifyFull),
            _ => None,
        }
    }

    /// libpq's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// The authorities that may vouch for the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootCertificates {
    /// Those in this file.
    File(PathBuf),
    /// Those that the operating system trusts.
    System,
}

/// The client's own certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// File of the certificate, with its chain.
    pub certificate: PathBuf,
    /// File of its private key.
    pub key: PathBuf,
}

/// Whether the password exchange is bound to the TLS connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// Where the server offers it.
    Prefer,
    /// Always, or no connection.
    Require,
}

/// How a connection is to be secured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// How far TLS is wanted and the server's certificate is verified.
    pub mode: SslMode,
    /// Who may vouch for the server; `None` verifies nothing.
    pub roots: Option<RootCertificates>,
    /// The client's own certificate.
    pub client: Option<ClientCertificate>,
    /// Whether the password exchange is bound to the TLS connection.
    pub channel_binding: ChannelBinding,
    /// Whether TLS begins at once, without asking the server first (PostgreSQL 17).
    pub direct: bool,
    /// Whether TLS 1.2 is refused.
    pub only_tls13: bool,
    /// Whether TLS 1.3 is refused.
    pub only_tls12: bool,
}

impl TlsSettings {
    /// No TLS at all.
    pub(crate) fn none() -> Self {
        Self {
            mode: SslMode::Disable,
            roots: None,
            client: None,
            channel_binding: ChannelBinding::Prefer,
            direct: false,
            only_tls13: false,
            only_tls12: false,
        }
    }
}
