//! From TLS settings to a connector: root certificates, the client's own, and what is to be verified.
//!
//! Never shows a key.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::verifier::{Demand, Verifier};
use crate::error::{Error, ErrorKind, Result};
use crate::postgres::settings::{ClientCertificate, RootCertificates, SslMode, TlsSettings};

const DOING: &str = "prepare the TLS connection";

/// The connector for these settings; `named` says whether a host name is known to hold a certificate against.
pub(in crate::postgres) fn connector(settings: &TlsSettings, named: bool) -> Result<MakeRustlsConnect> {
    let provider = Arc::new(ring::default_provider());
    let versions: &[&rustls::SupportedProtocolVersion] = match (settings.only_tls13, settings.only_tls12) {
        (true, _) => &[&rustls::version::TLS13],
        (false, true) => &[&rustls::version::TLS12],
        (false, false) => rustls::DEFAULT_VERSIONS,
    };
    let verifier = verifier(settings, named, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions);
    let builder = builder.map_err(|error| Error::bug(DOING, "no version of TLS is left").because(error))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match &settings.client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let (chain, key) = client_identity(client)?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                let detail = format!("{} and {} don't make a pair", client.certificate.display(), client.key.display());
                Error::new(ErrorKind::TargetTls, DOING, detail).because(error)
            })?
        }
    };
    if settings.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

/// What these settings verify: `require` with root certificates at hand verifies as `verify-ca` does.
fn demand(settings: &TlsSettings) -> Demand {
    match settings.mode {
        SslMode::Require if settings.roots.is_some() => Demand::Authority,
        SslMode::Disable | SslMode::Allow | SslMode::Prefer | SslMode::Require => Demand::Nothing,
        SslMode::VerifyCa => Demand::Authority,
        SslMode::VerifyFull => Demand::AuthorityAndName,
    }
}

/// What of a server's certificate is verified under these settings, in words.
pub(in crate::postgres) fn describe_demand(settings: &TlsSettings) -> &'static str {
    match demand(settings) {
        Demand::Nothing => "the server's certificate was not verified",
        Demand::Authority => "the server's certificate is of a known authority; its host name was not verified",
        Demand::AuthorityAndName => "the server's certificate is of a known authority and for this host",
    }
}

fn verifier(settings: &TlsSettings, named: bool, provider: &Arc<CryptoProvider>) -> Result<Verifier> {
    let demand = demand(settings);
    if demand == Demand::Nothing {
        return Ok(Verifier::new(demand, None, Vec::new(), Arc::clone(provider)));
    }
    if demand == Demand::AuthorityAndName && !named {
        let detail = "sslmode=verify-full needs a host name to hold the server's certificate against, and only an address is given";
        return Err(Error::new(ErrorKind::TargetTls, DOING, detail).hint("name the host too: host=… hostaddr=…"));
    }
    let roots = root_certificates(settings)?;
    let mut store = RootCertStore::empty();
    let (added, _) = store.add_parsable_certificates(roots.iter().cloned());
    if added == 0 {
        return Err(Error::new(ErrorKind::TargetTls, DOING, "none of the root certificates can be used"));
    }
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build();
    let inner = inner.map_err(|error| Error::new(ErrorKind::TargetTls, DOING, "the root certificates can't be used").because(error))?;
    Ok(Verifier::new(demand, Some(inner), roots, Arc::clone(provider)))
}

fn root_certificates(settings: &TlsSettings) -> Result<Vec<CertificateDer<'static>>> {
    match &settings.roots {
        None => Err(Error::new(ErrorKind::TargetTls, DOING, format!("sslmode={} needs root certificates", settings.mode.word()))
            .hint("name their file with sslrootcert, or put it at ~/.postgresql/root.crt, or use sslrootcert=system")),
        Some(RootCertificates::File(path)) => certificates(path),
        Some(RootCertificates::System) => {
            let found = rustls_native_certs::load_native_certs();
            if found.certs.is_empty() {
                return Err(Error::new(ErrorKind::TargetTls, DOING, "the operating system has no root certificates")
                    .hint("install its package of certificates (ca-certificates), or name a file with sslrootcert"));
            }
            Ok(found.certs)
        }
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let refused = |detail: String| Error::new(ErrorKind::TargetTls, DOING, detail);
    let bytes = fs::read(path).map_err(|error| refused(format!("{} can't be read", path.display())).because(error))?;
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<std::result::Result<Vec<_>, _>>();
    let found = found.map_err(|error| refused(format!("{} is not in PEM form", path.display())).because(error))?;
    if found.is_empty() { Err(refused(format!("{} holds no certificate", path.display()))) } else { Ok(found) }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn client_identity(client: &ClientCertificate) -> Result<Identity> {
    let chain = certificates(&client.certificate)?;
    let refused = |detail: &str| Error::new(ErrorKind::TargetTls, DOING, format!("the key {} {detail}", client.key.display()));
    let facts = fs::metadata(&client.key).map_err(|error| refused("can't be read").because(error))?;
    // libpq's rule: the owner's alone, or root's and readable by its group.
    let forbidden = if facts.uid() == 0 && !rustix::process::geteuid().is_root() { 0o037 } else { 0o077 };
    if facts.mode() & forbidden != 0 {
        return Err(refused("may be read by others").hint("`chmod 0600` makes it usable"));
    }
    let key = PrivateKeyDer::from_pem_file(&client.key);
    let key = key.map_err(|error| refused("is not an unencrypted PEM key").because(error))?;
    Ok((chain, key))
}
