//! A server's certificate, as far as libpq looks into it and the TLS library does not.
//!
//! Never builds a chain: what a certificate authority in between signed is the library's to verify.

use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::der::oid::db::rfc4519::COMMON_NAME;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// A certificate taken apart.
pub(super) struct ServerCertificate(Certificate);

impl ServerCertificate {
    pub(super) fn parse(der: &CertificateDer<'_>) -> Option<Self> {
        Certificate::from_der(der.as_ref()).ok().map(Self)
    }

    /// Whether it is of the first version of X.509, which has no extensions.
    pub(super) fn is_version_1(&self) -> bool {
        self.0.tbs_certificate.version == Version::V1
    }

    /// Whether only a root itself could vouch for it: it names itself as its issuer, or has no extensions.
    pub(super) fn stands_alone(&self) -> bool {
        self.is_version_1() || self.0.tbs_certificate.subject == self.0.tbs_certificate.issuer
    }

    pub(super) fn public_key_info(&self) -> Option<Vec<u8>> {
        self.0.tbs_certificate.subject_public_key_info.to_der().ok()
    }

    /// Whether this root issued it: by name and by signature.
    pub(super) fn is_signed_by(&self, root: &CertificateDer<'_>, provider: &CryptoProvider) -> bool {
        let Some(root) = Self::parse(root) else { return false };
        let key = &root.0.tbs_certificate.subject_public_key_info;
        let signature = (content(&self.0.signature_algorithm), content(&key.algorithm));
        let (Some(signed_by), Some(key_kind)) = signature else { return false };
        let bytes = (self.0.tbs_certificate.to_der().ok(), key.subject_public_key.as_bytes(), self.0.signature.as_bytes());
        let (Some(message), Some(key), Some(signature)) = bytes else { return false };
        root.0.tbs_certificate.subject == self.0.tbs_certificate.issuer
            && self.0.signature_algorithm == self.0.tbs_certificate.signature
            && provider.signature_verification_algorithms.all.iter().any(|algorithm| {
                algorithm.signature_alg_id().as_ref() == signed_by
                    && algorithm.public_key_alg_id().as_ref() == key_kind
                    && algorithm.verify_signature(key, &message, signature).is_ok()
            })
    }

    pub(super) fn verify_time(&self, now: UnixTime) -> Result<(), Error> {
        let validity = &self.0.tbs_certificate.validity;
        if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
            return Err(Error::InvalidCertificate(CertificateError::NotValidYet));
        }
        if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
            return Err(Error::InvalidCertificate(CertificateError::Expired));
        }
        Ok(())
    }

    /// Whether it is for this host: by its alternative names, or, only if it has none, by its common name.
    pub(super) fn verify_name(&self, der: &CertificateDer<'_>, wanted: &ServerName<'_>) -> Result<(), Error> {
        let by_library = match ParsedCertificate::try_from(der) {
            Ok(parsed) => verify_server_name(&parsed, wanted),
            Err(_) => Err(Error::InvalidCertificate(CertificateError::NotValidForName)),
        };
        let common_name = self.common_name().filter(|_| !self.has_alternative_names());
        match (by_library, common_name) {
            (Err(_), Some(name)) if is_for(&name, &wanted.to_str()) => Ok(()),
            (Err(_), Some(name)) => Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext {
                expected: wanted.to_owned(),
                presented: vec![name],
            })),
            (other, _) => other,
        }
    }

    fn has_alternative_names(&self) -> bool {
        match self.0.tbs_certificate.get::<SubjectAltName>() {
            Ok(Some((_, names))) => names.0.iter().any(|name| matches!(name, GeneralName::DnsName(_) | GeneralName::IpAddress(_))),
            Ok(None) => false,
            // What can't be read is not taken for absent.
            Err(_) => true,
        }
    }

    fn common_name(&self) -> Option<String> {
        let parts = self.0.tbs_certificate.subject.0.iter().flat_map(|part| part.0.iter());
        let name = parts.into_iter().find(|attribute| attribute.oid == COMMON_NAME)?;
        let text = std::str::from_utf8(name.value.value()).ok()?;
        (!text.contains('\0')).then(|| text.to_owned())
    }
}

/// The encoding without its outermost tag and length, which is how the library names algorithms.
fn content(identifier: &x509_cert::spki::AlgorithmIdentifierOwned) -> Option<Vec<u8>> {
    let whole = identifier.to_der().ok()?;
    let any = x509_cert::der::AnyRef::from_der(&whole).ok()?;
    Some(any.value().to_vec())
}

/// libpq's rule: equal but for case, or `*.` in place of the first label.
fn is_for(name: &str, host: &str) -> bool {
    let rest = name.strip_prefix("*.").zip(host.split_once('.'));
    name.eq_ignore_ascii_case(host) || rest.is_some_and(|(name, (label, host))| !label.is_empty() && name.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::is_for;

    #[test]
    fn common_names_match_as_in_libpq() {
        for (name, host, matches) in [
            ("db.example", "DB.example", true),
            ("db.example", "db.example.org", false),
            ("*.example", "db.example", true),
            ("*.example", "a.db.example", false),
            ("*.example", ".example", false),
            ("*.example", "example", false),
            ("*", "example", false),
            ("127.0.0.1", "127.0.0.1", true),
        ] {
            assert_eq!(is_for(name, host), matches, "{name} {host}");
        }
    }
}
