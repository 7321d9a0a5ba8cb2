//! A POST of `{"text": …}`, as Slack and its kin take it.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use secrecy::{ExposeSecret, SecretString};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use super::fault;
use super::letter::Letter;

/// Where to, and whom to trust on the way.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    url: SecretString,
    roots: Vec<CertificateDer<'static>>,
}

impl Webhook {
    pub(super) fn new(url: String, roots: Vec<CertificateDer<'static>>) -> Result<Self, String> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err("its address is neither http:// nor https://".to_owned());
        }
        Ok(Self { url: SecretString::from(url), roots })
    }

    /// Sends it, and waits for the answer. It runs on a thread of its own, which gives up after the same time.
    pub(super) async fn send(&self, letter: &Letter, timeout: Duration) -> Result<(), String> {
        let body = serde_json::json!({ "text": letter.text() }).to_string();
        let (hook, body) = (self.clone(), body);
        let answer = tokio::task::spawn_blocking(move || hook.post(&body, timeout)).await;
        match answer.map_err(|_| "it ended in a panic".to_owned())?? {
            200..=299 => Ok(()),
            status => Err(format!("it answered with status {status}")),
        }
    }

    fn post(&self, body: &str, timeout: Duration) -> Result<u16, String> {
        let roots: Vec<Certificate<'static>> =
            self.roots.iter().map(|certificate| Certificate::from_der(certificate.as_ref()).to_owned()).collect();
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .root_certs(RootCerts::new_with_certs(&roots))
            .build();
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            // A letter goes where the policy says, and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("outgrow/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        let agent = ureq::Agent::new_with_config(config);
        let request = agent.post(self.url.expose_secret()).header("content-type", "application/json");
        request.send(body).map(|answer| answer.status().as_u16()).map_err(|error| told(&error))
    }
}

fn told(error: &ureq::Error) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a type of the library, with many more variants")]
    match error {
        ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
        ureq::Error::HostNotFound => "its host is not known".to_owned(),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "its address is not one".to_owned(),
        ureq::Error::InvalidProxyUrl => "the proxy of the environment is not one".to_owned(),
        ureq::Error::Io(error) => fault::of_network(error),
        ureq::Error::Rustls(error) => fault::of_tls(error),
        ureq::Error::Tls(_) => "the connection could not be encrypted".to_owned(),
        _ => "its answer is not HTTP".to_owned(),
    }
}
