//! Servers that take what is sent to them: HTTP and SMTP, plain and encrypted; and such that misbehave.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How a sink speaks.
#[derive(Clone)]
pub(crate) enum Security {
    Plain,
    Starttls(Arc<ServerConfig>),
    Tls(Arc<ServerConfig>),
}

/// A server at this machine, and what came to it.
pub(crate) struct Sink {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<String>>>,
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

impl Sink {
    fn serve(talk: impl Fn(TcpStream, &Mutex<Vec<String>>) -> Option<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (kept, talk) = (Arc::clone(&received), Arc::new(talk));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, talk) = (Arc::clone(&kept), Arc::clone(&talk));
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                // What the other side breaks off is its own affair.
                std::thread::spawn(move || talk(stream, &kept));
            }
        });
        Self { port, received }
    }

    /// Takes a POST, keeps head and body, and answers with this status.
    pub(crate) fn http(security: Security, status: u16) -> Self {
        Self::serve(move |stream, kept| {
            let mut stream = secured(stream, &security)?;
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                head.push(char::from(byte(&mut stream)?));
            }
            let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())?;
            let mut body = vec![0; length];
            stream.read_exact(&mut body).ok()?;
            kept.lock().unwrap().push(format!("{head}{}", String::from_utf8(body).unwrap()));
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 2\r\nlocation: http://127.0.0.1:1/\r\nconnection: close\r\n\r\nok")
                .ok()?;
            stream.flush().ok()
        })
    }

    /// Takes mail: keeps the commands and the message. A recipient that begins with `nobody` is refused.
    pub(crate) fn smtp(security: Security) -> Self {
        Self::serve(move |stream, kept| {
            // Kept as it comes: before the other side has its answer.
            let said = |text: &str| kept.lock().unwrap().push(format!("{text}\n"));
            match &security {
                Security::Plain | Security::Tls(_) => {
                    let mut stream = secured(stream, &security)?;
                    greet(&mut stream)?;
                    mail(&mut stream, &said, false)?;
                }
                Security::Starttls(config) => {
                    let mut plain = stream;
                    greet(&mut plain)?;
                    if mail(&mut plain, &said, true)? {
                        let mut encrypted = StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), plain);
                        said("(encrypted)");
                        mail(&mut encrypted, &said, false)?;
                    }
                }
            }
            Some(())
        })
    }

    /// Takes a connection and never says a word.
    pub(crate) fn hanging() -> Self {
        Self::serve(|mut stream, _| {
            let mut bytes = [0; 1024];
            while stream.read(&mut bytes).ok()? > 0 {}
            Some(())
        })
    }

    /// What came so far: each request of HTTP, each line of mail.
    pub(crate) fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }
}

fn secured(stream: TcpStream, security: &Security) -> Option<Box<dyn Stream>> {
    Some(match security {
        Security::Plain | Security::Starttls(_) => Box::new(stream),
        Security::Tls(config) => {
            let mut encrypted = StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream);
            while encrypted.conn.is_handshaking() {
                encrypted.conn.complete_io(&mut encrypted.sock).ok()?;
            }
            Box::new(encrypted)
        }
    })
}

fn byte(stream: &mut impl Read) -> Option<u8> {
    let mut one = [0];
    stream.read_exact(&mut one).ok()?;
    Some(one[0])
}

fn line(stream: &mut impl Read) -> Option<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(byte(stream)?);
    }
    Some(String::from_utf8(line).unwrap().trim_end().to_owned())
}

fn greet(stream: &mut impl Write) -> Option<()> {
    write!(stream, "220 sink\r\n").ok()?;
    stream.flush().ok()
}

/// Talks until the end; true where the other side wants to go on encrypted.
fn mail(stream: &mut (impl Read + Write), said: &dyn Fn(&str), offers: bool) -> Option<bool> {
    loop {
        let command = line(stream)?;
        said(&command);
        let word = command.split([' ', ':']).next().unwrap().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" if offers => "250-sink\r\n250 STARTTLS",
            "EHLO" => "250-sink\r\n250 AUTH PLAIN LOGIN",
            "STARTTLS" => "220 go on",
            "AUTH" => "235 welcome",
            "RCPT" if command.contains("nobody") => "550 no such user",
            "DATA" => {
                write!(stream, "354 go on\r\n").ok()?;
                stream.flush().ok()?;
                while let text = line(stream)?
                    && text != "."
                {
                    said(&text);
                }
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        write!(stream, "{answer}\r\n").ok()?;
        stream.flush().ok()?;
        match word.as_str() {
            "STARTTLS" => return Some(true),
            "QUIT" => return Some(false),
            _ => {}
        }
    }
}

/// An authority, and certificates of it.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// What a server of this name needs.
    pub(crate) fn server(&self, name: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
        let certificate = CertificateDer::from(params.signed_by(&key, &self.0).unwrap());
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
    }
}
