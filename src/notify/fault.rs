//! Why a channel failed, in words that hold no address and no secret.

use std::error::Error;
use std::io;
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, RootCertStore};

/// What a failure amounts to: what it says of certificates and of the network, looked for in all its causes.
pub(super) fn told(error: &(dyn Error + 'static)) -> String {
    let mut cause = Some(error);
    let mut network = None;
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return of_tls(tls);
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            if let Some(tls) = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return of_tls(tls);
            }
            network = Some(of_network(io));
        }
        cause = error.source();
    }
    network.unwrap_or_else(|| "it failed".to_owned())
}

/// What a failure of the network amounts to.
pub(super) fn of_network(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => of_tls(tls),
        None => error.kind().to_string(),
    }
}

/// What a failure of TLS amounts to: the names in a certificate are not said.
pub(super) fn of_tls(error: &rustls::Error) -> String {
    let of_certificate = |what: &str| format!("its certificate is not accepted: {what}");
    let rustls::Error::InvalidCertificate(fault) = error else {
        return "the connection could not be encrypted".to_owned();
    };
    #[expect(clippy::wildcard_enum_match_arm, reason = "a type of the TLS library, with many more variants")]
    match fault {
        CertificateError::UnknownIssuer => of_certificate("nobody who is trusted has signed it"),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => of_certificate("it has expired"),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => of_certificate("it is not valid yet"),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => of_certificate("it is for another name"),
        CertificateError::Revoked => of_certificate("it is revoked"),
        _ => of_certificate("it is not sound"),
    }
}

/// The certificates that are trusted: those of a file, or the system's.
pub(super) fn roots(file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = match file {
        Some(file) => {
            let unreadable = |why: String| format!("the certificates in {} can't be read: {why}", file.display());
            let text = std::fs::read(file).map_err(|error| unreadable(error.kind().to_string()))?;
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
            certificates.map_err(|_| unreadable("it is no PEM".to_owned()))?
        }
        None => rustls_native_certs::load_native_certs().certs,
    };
    let sound: Vec<_> = found.into_iter().filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok()).collect();
    match file {
        Some(file) if sound.is_empty() => Err(format!("{} holds no certificate", file.display())),
        Some(_) | None => Ok(sound),
    }
}
