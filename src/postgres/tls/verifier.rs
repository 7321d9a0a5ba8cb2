//! The verdict on a server's certificate, as far as the `sslmode` asks for one.
//!
//! The library's own verification decides. Beside it stand three kinds of certificate that it does not take and libpq
//! does, because PostgreSQL's own manual makes them: one that is itself the root certificate, one of X.509 version 1
//! that a root signed, and one that names its host only as its common name.
//!
//! Never takes a certificate that is out of its time where anything is verified.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::certificate::ServerCertificate;

/// What of a server's certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    Nothing,
    Authority,
    AuthorityAndName,
}

/// Verifies as much of a certificate as the `sslmode` asks for.
#[derive(Debug)]
pub(super) struct Verifier {
    demand: Demand,
    inner: Option<Arc<WebPkiServerVerifier>>,
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    pub(super) fn new(
        demand: Demand,
        inner: Option<Arc<WebPkiServerVerifier>>,
        roots: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        Self { demand, inner, roots, provider }
    }

    /// Whether a root vouches for the certificate in a way that the library does not know.
    fn vouched_for(&self, end_entity: &CertificateDer<'_>, parsed: &ServerCertificate) -> bool {
        self.roots.iter().any(|root| root.as_ref() == end_entity.as_ref())
            || (parsed.is_version_1() && self.roots.iter().any(|root| parsed.is_signed_by(root, &self.provider)))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else { return Ok(ServerCertVerified::assertion()) };
        let parsed = ServerCertificate::parse(end_entity);
        if let Some(parsed) = parsed.as_ref().filter(|parsed| self.vouched_for(end_entity, parsed)) {
            parsed.verify_time(now)?;
            if self.demand == Demand::AuthorityAndName {
                parsed.verify_name(end_entity, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The library looks at the name last, so that the authority is proven by then.
            Err(Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })) => {
                if self.demand == Demand::AuthorityAndName {
                    let parsed = parsed.ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
                    parsed.verify_name(end_entity, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            // The library's words for these say nothing to an operator: nobody vouches for them.
            Err(Error::InvalidCertificate(CertificateError::Other(_))) if parsed.is_some_and(|parsed| parsed.stands_alone()) => {
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let version_1 = ServerCertificate::parse(certificate).filter(ServerCertificate::is_version_1);
        match version_1.and_then(|parsed| parsed.public_key_info()) {
            // The library does not read certificates of version 1, but it does not need to for the key.
            Some(key) => verify_tls13_signature_with_raw_key(message, &SubjectPublicKeyInfoDer::from(key), signed, algorithms),
            None => verify_tls13_signature(message, certificate, signed, algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
