//! Settings for a program that we start: libpq's variables.
//!
//! The one way that a password leaves these settings other than to its server: an environment is read by its own account
//! alone, an argument by everybody. Never shows one.

use std::ffi::OsString;

use secrecy::ExposeSecret;

use super::{Address, ChannelBinding, ConnectionSettings, RootCertificates};

impl ConnectionSettings {
    /// What to set in the environment of a child that connects through libpq, or reads its variables as most drivers do;
    /// `None` where the variable must not be set, because what our own environment says would stand against these settings.
    ///
    /// libpq's variables hold one password for all servers: where a password file names different ones, it is the first
    /// that there is. `PGPASSWORD` is a secret: it belongs into an environment, and neither into an argument nor into a log.
    pub fn child_environment(&self) -> Vec<(&'static str, Option<OsString>)> {
        let each = |part: &dyn Fn(&super::Endpoint) -> OsString| {
            let parts: Vec<OsString> = self.endpoints().iter().map(part).collect();
            parts.join(&OsString::from(","))
        };
        let hosts = each(&|endpoint| match &endpoint.address {
            Address::Socket(directory) => directory.clone().into_os_string(),
            Address::Tcp { host, .. } => host.into(),
        });
        let addresses = each(&|endpoint| match &endpoint.address {
            Address::Tcp { address: Some(address), .. } => address.to_string().into(),
            Address::Tcp { address: None, .. } | Address::Socket(_) => OsString::new(),
        });
        let has_address = self.endpoints().iter().any(|endpoint| matches!(endpoint.address, Address::Tcp { address: Some(_), .. }));
        let password = self.endpoints().iter().find_map(|endpoint| endpoint.password.as_ref());
        let tls = self.tls();
        let roots = tls.roots.as_ref().map(|roots| match roots {
            RootCertificates::File(path) => path.clone().into_os_string(),
            RootCertificates::System => "system".into(),
        });
        let binding = match tls.channel_binding {
            ChannelBinding::Disable => Some("disable"),
            ChannelBinding::Prefer => None,
            ChannelBinding::Require => Some("require"),
        };
        vec![
            ("PGHOST", Some(hosts)),
            ("PGHOSTADDR", has_address.then_some(addresses)),
            ("PGPORT", Some(each(&|endpoint| endpoint.port.to_string().into()))),
            ("PGUSER", Some(self.user().into())),
            ("PGDATABASE", Some(self.database().into())),
            ("PGPASSWORD", password.map(|password| password.expose_secret().into())),
            ("PGOPTIONS", self.options().map(OsString::from)),
            ("PGSSLMODE", Some(tls.mode.word().into())),
            ("PGSSLROOTCERT", roots),
            ("PGSSLCERT", tls.client.as_ref().map(|client| client.certificate.clone().into())),
            ("PGSSLKEY", tls.client.as_ref().map(|client| client.key.clone().into())),
            ("PGSSLNEGOTIATION", tls.direct.then(|| "direct".into())),
            ("PGSSLMINPROTOCOLVERSION", tls.only_tls13.then(|| "TLSv1.3".into())),
            ("PGSSLMAXPROTOCOLVERSION", tls.only_tls12.then(|| "TLSv1.2".into())),
            ("PGCHANNELBINDING", binding.map(OsString::from)),
            // A service weighs more than the variables above; its part is in these settings already.
            ("PGSERVICE", None),
        ]
    }
}
