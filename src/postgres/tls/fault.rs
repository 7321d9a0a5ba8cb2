//! Why a connection could not be secured, in plain words.
//!
//! Never says more than the server's certificate shows to everyone.

use std::error::Error as StdError;

use rustls::{CertificateError, OtherError};

use crate::error::{Error, ErrorKind};

/// Why a connection could not be secured.
pub(in crate::postgres) struct Fault {
    detail: String,
    hint: Option<&'static str>,
}

impl Fault {
    pub(in crate::postgres) fn into_error(self, doing: impl Into<String>) -> Error {
        let error = Error::new(ErrorKind::TargetTls, doing, self.detail);
        self.hint.into_iter().fold(error, Error::hint)
    }
}

/// What about TLS went wrong, if it was TLS.
pub(in crate::postgres) fn fault(error: &tokio_postgres::Error) -> Option<Fault> {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(current) = cause {
        let inner = current.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(fault) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Some(explained(fault));
        }
        cause = current.source();
    }
    // The client library keeps the kinds of its errors to itself; this is how it shows this one.
    if error.to_string().contains("TLS handshake") {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        if cause.contains("does not support TLS") {
            return Some(Fault {
                detail: "the server offers no TLS, and the sslmode asks for it".to_owned(),
                hint: Some("switch TLS on at the server (ssl = on), or, on a network that nobody else can reach, use sslmode=prefer"),
            });
        }
        return Some(Fault { detail: format!("the TLS connection was not made: {cause}"), hint: None });
    }
    None
}

fn explained(error: &rustls::Error) -> Fault {
    let rustls::Error::InvalidCertificate(reason) = error else {
        return Fault { detail: format!("the TLS connection was not made: {error}"), hint: None };
    };
    Fault { detail: reason_in_words(reason), hint: hint_for(reason) }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow; the rest is said in its own words")]
fn reason_in_words(reason: &CertificateError) -> String {
    match reason {
        CertificateError::UnknownIssuer => "the server's certificate is not of an authority in the root certificates".to_owned(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names = presented.iter().map(|name| plain_name(name)).collect::<Vec<_>>().join(", ");
            let names = if names.is_empty() { "no host name at all".to_owned() } else { names };
            format!("the server's certificate is for {names}, not for {}", expected.to_str())
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the server's certificate has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet; one of the two clocks may be wrong".to_owned()
        }
        CertificateError::Other(OtherError(other)) => format!("the server's certificate can't be used: {other}"),
        other => format!("the server's certificate can't be used: {other}"),
    }
}

/// The library shows a certificate's names as `DnsName("db.example")`.
fn plain_name(shown: &str) -> &str {
    shown.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).map_or(shown, |name| name.trim_matches('"'))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow; the rest needs no hint")]
fn hint_for(reason: &CertificateError) -> Option<&'static str> {
    match reason {
        CertificateError::UnknownIssuer => Some("name the file with your authority's certificate: sslrootcert=…"),
        CertificateError::NotValidForNameContext { .. } | CertificateError::NotValidForName => {
            Some("connect by a name that the certificate holds, or use sslmode=verify-ca if only the authority matters")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Some("renew the server's certificate"),
        _ => None,
    }
}
