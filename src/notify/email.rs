//! A mail.

use std::time::Duration;

use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use rustls::pki_types::CertificateDer;
use secrecy::{ExposeSecret, SecretString};

use super::fault;
use super::letter::Letter;
use crate::plan::{Email, MailTls};

/// A mail server, and who gets mail by it.
#[derive(Debug, Clone)]
pub(super) struct Mail {
    host: String,
    port: u16,
    tls: MailTls,
    from: Mailbox,
    to: Vec<Mailbox>,
    login: Option<(SecretString, SecretString)>,
    roots: Vec<CertificateDer<'static>>,
}

impl Mail {
    pub(super) fn new(
        email: &Email,
        login: Option<(SecretString, SecretString)>,
        roots: Vec<CertificateDer<'static>>,
    ) -> Result<Self, String> {
        let address = |text: &String| text.parse::<Mailbox>().map_err(|_| format!("`{text}` is no mail address"));
        let (from, to) = (address(&email.from)?, email.to.iter().map(address).collect::<Result<_, _>>()?);
        Ok(Self { host: email.host.clone(), port: email.port, tls: email.tls, from, to, login, roots })
    }

    /// Sends it, and waits until the server has taken it.
    pub(super) async fn send(&self, letter: &Letter, timeout: Duration) -> Result<(), String> {
        let mut message = Message::builder().from(self.from.clone()).subject(letter.subject.clone()).message_id(None);
        for to in &self.to {
            message = message.to(to.clone());
        }
        let message = message.singlepart(SinglePart::plain(letter.body.clone())).map_err(|_| "the mail can't be written".to_owned())?;
        let tls = match self.tls {
            MailTls::Starttls => Tls::Required(self.secured()?),
            MailTls::Tls => Tls::Wrapper(self.secured()?),
            MailTls::None => Tls::None,
        };
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host).port(self.port).tls(tls).timeout(Some(timeout));
        if let Some((user, password)) = &self.login {
            transport = transport.credentials(Credentials::new(user.expose_secret().to_owned(), password.expose_secret().to_owned()));
        }
        transport.build().send(message).await.map(drop).map_err(|error| told(&error))
    }

    fn secured(&self) -> Result<TlsParameters, String> {
        let unusable = |_| "the certificates to trust can't be used".to_owned();
        let mut parameters = TlsParameters::builder(self.host.clone()).certificate_store(CertificateStore::None);
        for root in &self.roots {
            parameters = parameters.add_root_certificate(Certificate::from_der(root.to_vec()).map_err(unusable)?);
        }
        parameters.build().map_err(unusable)
    }
}

fn told(error: &lettre::transport::smtp::Error) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    // What it says besides may name anybody.
    if let Some(code) = error.status() {
        return format!("the mail server refused it with code {code}");
    }
    if error.is_client() {
        return "the mail server offers no encryption, or no way to log in that outgrow knows".to_owned();
    }
    fault::told(error)
}
