//! What each key is to be, and how that may be shown.
//!
//! Never shows a secret: what comes from the environment or holds the password is an ellipsis, and of values that stand in
//! a file already, those whose keys speak of a secret, and what stands for a password in an address.

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind, Result};
use crate::plan::{FileSwitch, FromTarget, TargetPart, TextPiece};
use crate::postgres::{Address, ConnectionSettings, percent_encoded};
use crate::probe::Sides;

/// Stands for what is not shown.
pub(super) const HIDDEN: &str = "…";

/// A key, and what it is to be; none where it is to go.
pub(super) struct Setting {
    pub(super) key: String,
    pub(super) value: Option<SecretString>,
    /// The value as it may be shown.
    pub(super) shown: String,
    /// Whether neither the new nor an old value may be shown at all.
    pub(super) is_secret: bool,
}

/// What each key of a switch is to be.
pub(super) fn settings(switch: &FileSwitch, sides: &Sides<'_>) -> Result<Vec<Setting>> {
    let mut settings = Vec::new();
    for (key, value) in &switch.set {
        settings.push(Setting { key: key.clone(), value: Some(value.as_str().into()), shown: shown(key, value), is_secret: false });
    }
    for (key, from) in &switch.from_target {
        let target = sides.target.ok_or_else(|| refused(format!("`{key}` comes from the connection to the target, and there is none")))?;
        let value = of_target(from, target, password(target));
        let shown = of_target(from, target, password(target).map(|_| HIDDEN));
        let is_secret = *from == FromTarget::Part(TargetPart::Password);
        settings.push(Setting { key: key.clone(), value: Some(value.into()), shown, is_secret });
    }
    for (key, variable) in &switch.secret {
        let value = (sides.variable)(variable)
            .ok_or_else(|| refused(format!("`{key}` comes from {variable}, which the environment does not have")))?;
        settings.push(Setting { key: key.clone(), value: Some(value.into()), shown: HIDDEN.to_owned(), is_secret: true });
    }
    let removed = switch.remove.iter();
    settings.extend(removed.map(|key| Setting { key: key.clone(), value: None, shown: String::new(), is_secret: false }));
    Ok(settings)
}

fn refused(detail: String) -> Error {
    Error::new(ErrorKind::Usage, "settle what to switch", detail)
}

fn password(target: &ConnectionSettings) -> Option<&str> {
    target.endpoints().iter().find_map(|endpoint| endpoint.password.as_ref()).map(ExposeSecret::expose_secret)
}

/// Whether a key is to get a password that the connection does not have.
pub(super) fn lacks_password(switch: &FileSwitch, sides: &Sides<'_>) -> bool {
    switch.from_target.values().any(FromTarget::holds_password) && sides.target.is_some_and(|target| password(target).is_none())
}

fn of_target(from: &FromTarget, target: &ConnectionSettings, password: Option<&str>) -> String {
    match from {
        FromTarget::Part(part) => value_of(*part, target, password),
        FromTarget::Text(pieces) => {
            let pieces = pieces.iter().map(|piece| match piece {
                TextPiece::Plain(text) => text.clone(),
                TextPiece::Part(TargetPart::Url) => value_of(TargetPart::Url, target, password),
                TextPiece::Part(TargetPart::Password) if password == Some(HIDDEN) => HIDDEN.to_owned(),
                TextPiece::Part(part) => percent_encoded(&value_of(*part, target, password)),
            });
            pieces.collect()
        }
    }
}

fn value_of(part: TargetPart, target: &ConnectionSettings, password: Option<&str>) -> String {
    let each = |one: &dyn Fn(&crate::postgres::Endpoint) -> String| target.endpoints().iter().map(one).collect::<Vec<_>>().join(",");
    match part {
        TargetPart::Host => each(&|endpoint| match &endpoint.address {
            Address::Socket(directory) => directory.display().to_string(),
            Address::Tcp { host, address } if host.is_empty() => address.map(|address| address.to_string()).unwrap_or_default(),
            Address::Tcp { host, .. } => host.clone(),
        }),
        TargetPart::Port => each(&|endpoint| endpoint.port.to_string()),
        TargetPart::Database => target.database().to_owned(),
        TargetPart::User => target.user().to_owned(),
        TargetPart::Password => password.unwrap_or_default().to_owned(),
        TargetPart::Url => {
            let encoded = password.map(|password| if password == HIDDEN { password.to_owned() } else { percent_encoded(password) });
            target.url_with(encoded.as_deref())
        }
        TargetPart::Sslmode => target.tls().mode.word().to_owned(),
    }
}

/// A value that stands in a file or in the policy, as it may be shown.
pub(super) fn shown(key: &str, value: &str) -> String {
    let key = key.to_ascii_uppercase();
    let words = ["PASS", "PASSWD", "PWD", "KEY", "APIKEY", "SALT"];
    let is_secret = ["PASSWORD", "SECRET", "TOKEN", "CREDENTIAL"].iter().any(|word| key.contains(word))
        || key.split(['_', '-', '.']).any(|word| words.contains(&word));
    if is_secret && !value.is_empty() {
        return HIDDEN.to_owned();
    }
    let one_line = value.lines().next().unwrap_or_default();
    let more = if one_line.len() < value.len() { HIDDEN } else { "" };
    let Some((scheme, rest)) = one_line.split_once("://") else { return format!("{one_line}{more}") };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A password may hold what ends an authority, where nobody has encoded it: then all up to the last `@` is hidden.
    let at = rest.rfind('@').map_or(0, |at| at + 1);
    let (account, host) = rest.split_at(at);
    let account = match account.split_once(':') {
        Some((user, _)) => format!("{user}:{HIDDEN}@"),
        None if at > authority.len() => format!("{HIDDEN}@"),
        None => account.to_owned(),
    };
    let host = if ["password=", "pwd=", "secret=", "token="].iter().any(|word| host.to_ascii_lowercase().contains(word)) {
        host.split('?').next().map(|before| format!("{before}?{HIDDEN}")).unwrap_or_default()
    } else {
        host.to_owned()
    };
    format!("{scheme}://{account}{host}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> ConnectionSettings {
        ConnectionSettings::resolve(Some("postgresql://app:s%40crät@db.example:5433/shop?sslmode=require"), &|_| None).unwrap()
    }

    fn parts(text: &str) -> (String, String) {
        let (from, target) = (FromTarget::try_from(text.to_owned()).unwrap(), target());
        (of_target(&from, &target, password(&target)), of_target(&from, &target, Some(HIDDEN)))
    }

    #[test]
    fn a_key_gets_its_part_of_the_connection() {
        for (text, value, shown) in [
            ("host", "db.example", "db.example"),
            ("port", "5433", "5433"),
            ("database", "shop", "shop"),
            ("user", "app", "app"),
            ("password", "s@crät", "…"),
            ("sslmode", "require", "require"),
            (
                "url",
                "postgresql://app:s%40cr%C3%A4t@db.example:5433/shop?sslmode=require",
                "postgresql://app:…@db.example:5433/shop?sslmode=require",
            ),
            (
                "postgresql+psycopg://{user}:{password}@{host}:{port}/{database}",
                "postgresql+psycopg://app:s%40cr%C3%A4t@db.example:5433/shop",
                "postgresql+psycopg://app:…@db.example:5433/shop",
            ),
        ] {
            assert_eq!(parts(text), (value.to_owned(), shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        for (key, value, as_shown) in [
            ("DB_DATABASE", "/srv/app.sqlite", "/srv/app.sqlite"),
            ("DATABASE_URL", "sqlite:///srv/app.db", "sqlite:///srv/app.db"),
            ("DATABASE_URL", "mysql://app:pw@h/db", "mysql://app:…@h/db"),
            ("DATABASE_URL", "mysql://app:p/w@h/db", "mysql://app:…@h/db"),
            ("DATABASE_URL", "mysql://h/db?user=a&password=x", "mysql://h/db?…"),
            ("DB_PASSWORD", "x", "…"),
            ("DB_PASSWORD", "", ""),
            ("APP_KEY", "base64:x", "…"),
            ("DB_FOREIGN_KEYS", "true", "true"),
            ("NOTE", "one\ntwo", "one…"),
        ] {
            assert_eq!(shown(key, value), as_shown, "{key}");
        }
    }
}
