//! One place where a server may be: a TCP host or a directory that holds a socket.
//!
//! Never resolves a name.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use secrecy::SecretString;

/// One server to try, and the password for it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Where it is.
    pub address: Address,
    /// Its port; for a socket, the number in the socket's name.
    pub port: u16,
    /// The password for this very server, if there is one.
    pub password: Option<SecretString>,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A directory that holds the server's Unix socket.
    Socket(PathBuf),
    /// A host name or address.
    Tcp {
        /// The name that certificates are held against; empty when only an address was given.
        host: String,
        /// The address to go to instead of looking the name up.
        address: Option<IpAddr>,
    },
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Socket(directory) => write!(f, "{}:{}", directory.display(), self.port),
            Address::Tcp { host, address } => match (host.is_empty(), address) {
                (true, Some(IpAddr::V6(address))) => write!(f, "[{address}]:{}", self.port),
                (true, Some(IpAddr::V4(address))) => write!(f, "{address}:{}", self.port),
                (true, None) | (false, _) if host.contains(':') => write!(f, "[{host}]:{}", self.port),
                (true, None) | (false, _) => write!(f, "{host}:{}", self.port),
            },
        }
    }
}
