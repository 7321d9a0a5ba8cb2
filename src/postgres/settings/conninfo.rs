//! The text of a connection: URL, keyword/value pairs or bare database name, into keywords and values.
//!
//! Never looks a default up, and never repeats its input in an error, because a password may stand in it.

use std::collections::BTreeMap;

use super::keyword;
use crate::error::{Error, ErrorKind, Result};

/// Keywords and their values, as they were written.
pub(super) type Keywords = BTreeMap<String, String>;

/// Takes a connection's text apart.
pub(super) fn parse(text: &str) -> Result<Keywords> {
    let text = text.trim();
    let url = ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    match url {
        Some(rest) => parse_url(rest),
        None if text.contains("://") => {
            Err(bad("its scheme is not `postgresql://` or `postgres://`").hint("write it as postgresql://user@host:5432/database"))
        }
        None if text.contains('=') => parse_pairs(text),
        None => Ok(Keywords::from([("dbname".to_owned(), text.to_owned())])),
    }
}

fn bad(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, "read the connection to the target", detail)
}

fn parse_url(rest: &str) -> Result<Keywords> {
    let mut keywords = Keywords::new();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let hosts = match authority.split_once('@') {
        None => authority,
        Some((credentials, hosts)) => {
            let (user, password) = credentials.split_once(':').map_or((credentials, None), |(user, password)| (user, Some(password)));
            put_unless_empty(&mut keywords, "user", percent_decoded(user)?);
            if let Some(password) = password {
                put_unless_empty(&mut keywords, "password", percent_decoded(password)?);
            }
            hosts
        }
    };
    // A second `@`, or one behind the first `/`, comes from a password that was not encoded; what follows would be
    // taken for a host name and be shown.
    if hosts.contains('@') || path.contains('@') {
        return Err(unencoded());
    }
    put_hosts(&mut keywords, hosts)?;
    put_unless_empty(&mut keywords, "dbname", percent_decoded(path.strip_prefix('/').unwrap_or(path))?);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or_else(|| bad("a parameter behind its `?` has no `=`"))?;
        let (key, value) = (percent_decoded(key)?, percent_decoded(value)?);
        match (key.as_str(), value.as_str()) {
            ("ssl", "true") => drop(keywords.insert("sslmode".to_owned(), "require".to_owned())),
            _ => put(&mut keywords, key, value)?,
        }
    }
    Ok(keywords)
}

fn unencoded() -> Error {
    bad("its user or password holds a character that must be percent-encoded")
        .hint("write @ as %40, : as %3A, / as %2F, % as %25, ? as %3F and # as %23, or give the password by PGPASSWORD or a password file")
}

fn put_hosts(keywords: &mut Keywords, list: &str) -> Result<()> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for item in list.split(',') {
        let (host, port) = match item.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']').ok_or_else(|| bad("an IPv6 address lacks its `]`"))?;
                (host, rest.strip_prefix(':').unwrap_or(rest))
            }
            None => item.split_once(':').unwrap_or((item, "")),
        };
        hosts.push(percent_decoded(host)?);
        let port = percent_decoded(port)?;
        if !port.is_empty() && port.parse::<u16>().is_err() {
            // A raw `:` or `@` in a password ends up here too, so the text is not repeated.
            return Err(bad("what stands where the port belongs is not a number from 1 to 65535").hint(
                "if it belongs to the password: percent-encode the password's special characters, or give it by PGPASSWORD or a password file",
            ));
        }
        ports.push(port);
    }
    if hosts.iter().any(|host| !host.is_empty()) {
        keywords.insert("host".to_owned(), hosts.join(","));
    }
    if ports.iter().any(|port| !port.is_empty()) {
        keywords.insert("port".to_owned(), ports.join(","));
    }
    Ok(())
}

fn percent_decoded(text: &str) -> Result<String> {
    let malformed = || bad("a `%` is not followed by two hexadecimal digits").hint("a `%` itself is written as %25");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte != b'%' {
            bytes.push(byte);
            rest = tail;
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2).ok_or_else(malformed)?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let decoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|byte| *byte != 0);
        bytes.push(decoded.ok_or_else(malformed)?);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| bad("its percent-encoded bytes are not UTF-8"))
}

fn parse_pairs(text: &str) -> Result<Keywords> {
    let mut keywords = Keywords::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, tail) = rest.split_once('=').ok_or_else(|| bad("a keyword has no `=` behind it"))?;
        let key = key.trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(bad("a keyword has no `=` behind it").hint("a value that holds spaces is written in single quotes"));
        }
        let (value, tail) = pair_value(tail.trim_start())?;
        put(&mut keywords, key.to_owned(), value)?;
        rest = tail.trim_start();
    }
    Ok(keywords)
}

/// The value at the start of `text`, and what follows it.
fn pair_value(text: &str) -> Result<(String, &str)> {
    let (quoted, body) = match text.strip_prefix('\'') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let mut value = String::new();
    let mut characters = body.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &body[at + 1..])),
            space if !quoted && space.is_whitespace() => return Ok((value, &body[at..])),
            other => value.push(other),
        }
    }
    if quoted { Err(bad("a quoted value lacks its closing `'`")) } else { Ok((value, "")) }
}

fn put(keywords: &mut Keywords, key: String, value: String) -> Result<()> {
    if !keyword::is_known(&key) {
        // The key itself may be a piece of a password that was not quoted.
        let shown = if key.len() <= 40 && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') { key } else { "…".to_owned() };
        return Err(bad(format!("`{shown}` is not a connection keyword"))
            .hint("the keywords are those of libpq, such as host, port, user, dbname, sslmode"));
    }
    put_unless_empty(keywords, &key, value);
    Ok(())
}

fn put_unless_empty(keywords: &mut Keywords, key: &str, value: String) {
    if !value.is_empty() {
        keywords.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> String {
        parse(text).unwrap().iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn every_form_is_read_as_libpq_reads_it() {
        for (text, expected) in [
            ("app", "dbname=app"),
            ("postgres://", ""),
            ("postgresql://localhost", "host=localhost"),
            ("postgresql://localhost:5433", "host=localhost | port=5433"),
            ("postgresql://localhost/mydb", "dbname=mydb | host=localhost"),
            ("postgresql://user@localhost", "host=localhost | user=user"),
            ("postgresql://user:secret@localhost", "host=localhost | password=secret | user=user"),
            (
                "postgresql://other@localhost/otherdb?connect_timeout=10",
                "connect_timeout=10 | dbname=otherdb | host=localhost | user=other",
            ),
            ("postgresql://h1:123,h2:456/db?target_session_attrs=any", "dbname=db | host=h1,h2 | port=123,456 | target_session_attrs=any"),
            ("postgresql:///mydb?host=localhost&port=5433", "dbname=mydb | host=localhost | port=5433"),
            ("postgresql://[2001:db8::1234]:5/db", "dbname=db | host=2001:db8::1234 | port=5"),
            ("postgresql:///dbname?host=/var/lib/postgresql", "dbname=dbname | host=/var/lib/postgresql"),
            ("postgresql://%2Fvar%2Flib%2Fpostgresql/dbname", "dbname=dbname | host=/var/lib/postgresql"),
            ("postgres://u:%40%3A%2F%25)~%26@h/d", "dbname=d | host=h | password=@:/%)~& | user=u"),
            ("postgres://u:a)~&b@h/d?ssl=true", "dbname=d | host=h | password=a)~&b | sslmode=require | user=u"),
            ("host=h port = 5 dbname='my db' password='it\\'s @:/%)~& \\\\'", "dbname=my db | host=h | password=it's @:/%)~& \\ | port=5"),
            ("password=a\\ b=c user=''", "password=a b=c"),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn a_malformed_connection_is_refused_and_never_repeated() {
        for text in [
            "mysql://u:geheim@h/d",
            "postgres://u:ge@heim@h/d",
            "postgres://u:ge/heim@h/d",
            "postgres://u:geheim%@h/d",
            "postgres://u:geheim%zz@h/d",
            "postgres://u:geheim%+1@h/d",
            "postgres://geheim:geheim/d",
            "postgres://[::1/geheim",
            "host=h password=x geheim",
            "host=h password='geheim",
            "host=h GEHEIM=1",
            "postgres://h/d?geheim",
        ] {
            let error = parse(text).unwrap_err();
            let shown = format!("{error} {error:?} {}", error.hints().collect::<String>());
            assert!(!shown.to_lowercase().contains("geheim"), "{shown}");
            assert_eq!(error.kind(), ErrorKind::Usage);
        }
    }

    proptest! {
        #[test]
        fn an_encoded_password_comes_back(password in "[^\\x00]{1,20}") {
            let encoded = password.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
            let keywords = parse(&format!("postgres://u:{encoded}@h/d")).unwrap();
            prop_assert_eq!(&keywords["password"], &password);
            let quoted = password.replace('\\', "\\\\").replace('\'', "\\'");
            let keywords = parse(&format!("user=u password='{quoted}' host=h")).unwrap();
            prop_assert_eq!(&keywords["password"], &password);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            if let Err(error) = parse(&format!("postgres://{text}")) {
                prop_assert_eq!(error.kind(), ErrorKind::Usage);
            }
            drop(parse(&text));
        }
    }
}
