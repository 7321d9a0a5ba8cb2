//! Asks over HTTP.
//!
//! Redirects are not followed: a page that leads to the login would else look well. Every request has a connection of its
//! own, made directly and not through a proxy, so that it asks the application as it runs now.

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::crypto::ring;
use serde_json_path::JsonPath;
use ureq::http::Request;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error};

use super::answer::{Once, milliseconds};
use super::sides::Sides;
use crate::plan::HttpQuestion;

/// How much of an answer is read. More than any page; less than would hurt.
const READ: u64 = 16 * 1024 * 1024;

/// A request that can be made again and again.
pub(super) struct HttpLine(Arc<Prepared>);

struct Prepared {
    agent: Agent,
    request: Request<Option<String>>,
    wanted: Wanted,
    timeout: Duration,
}

/// What the answer is to be.
struct Wanted {
    status: Option<u16>,
    text: Option<String>,
    json: Vec<(JsonPath, String, serde_json::Value)>,
}

impl HttpLine {
    /// Makes the request ready; says what hinders it.
    pub(super) fn new(question: &HttpQuestion, sides: &Sides<'_>) -> Result<Self, String> {
        let mut request = Request::builder().method(question.method.as_str()).uri(question.url.as_str());
        for (name, value) in &question.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        for (name, variable) in &question.secret_headers {
            let value = (sides.variable)(variable)
                .ok_or_else(|| format!("the environment has no {variable}, from which its header `{name}` comes"))?;
            let mut value =
                ureq::http::HeaderValue::from_str(&value).map_err(|_| format!("what stands in {variable} can't be a header's value"))?;
            value.set_sensitive(true);
            request = request.header(name.as_str(), value);
        }
        let request =
            request.body(question.body.clone()).map_err(|_| "its address, method or headers are not of the form that HTTP asks for")?;
        let json = question.json.iter().map(|(path, wanted)| {
            let parsed = JsonPath::parse(path).map_err(|error| format!("`{path}` is no JSONPath: {}", error.message()))?;
            Ok((parsed, path.clone(), wanted.clone()))
        });
        let wanted = Wanted { status: question.status, text: question.text.clone(), json: json.collect::<Result<_, String>>()? };
        let secure = question.url.starts_with("https://");
        let prepared = Prepared { agent: agent(question.timeout.0, secure), request, wanted, timeout: question.timeout.0 };
        Ok(Self(Arc::new(prepared)))
    }

    pub(super) async fn ask(&self) -> Once {
        let prepared = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || prepared.ask()).await {
            Ok(once) => once,
            Err(error) => Once::failed(format!("the request could not be made: {error}")),
        }
    }
}

fn agent(timeout: Duration, secure: bool) -> Agent {
    let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()));
    if secure {
        let roots = rustls_native_certs::load_native_certs().certs;
        tls = tls.root_certs(RootCerts::from(roots.iter().map(|root| Certificate::from_der(root.as_ref()).to_owned())));
    }
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .allow_non_standard_methods(true)
        .proxy(None)
        .user_agent(concat!("outgrow/", env!("CARGO_PKG_VERSION")));
    config.build().new_agent()
}

impl Prepared {
    fn ask(&self) -> Once {
        let began = Instant::now();
        let answered = self.answer();
        let seconds = began.elapsed().as_secs_f64();
        let said = match answered {
            Ok((status, body)) => self.wanted.judge(status, &body).map(|()| format!("status {status} after {}", milliseconds(seconds))),
            Err(error) => Err(unanswered(&error, self.timeout)),
        };
        Once { seconds, said }
    }

    fn answer(&self) -> Result<(u16, Vec<u8>), Error> {
        let (parts, body) = self.request.clone().into_parts();
        let response = match body {
            Some(body) => self.agent.run(Request::from_parts(parts, body))?,
            None => self.agent.run(Request::from_parts(parts, ()))?,
        };
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        response.into_body().into_reader().take(READ).read_to_end(&mut bytes)?;
        Ok((status, bytes))
    }
}

impl Wanted {
    fn judge(&self, status: u16, body: &[u8]) -> Result<(), String> {
        let is_right = self.status.map_or((200..300).contains(&status), |wanted| wanted == status);
        if !is_right {
            let wanted = self.status.map_or_else(|| "200 to 299".to_owned(), |wanted| wanted.to_string());
            let redirect = if (300..400).contains(&status) { "; it leads elsewhere, where outgrow does not follow" } else { "" };
            return Err(format!("status {status}, wanted {wanted}{redirect}"));
        }
        if let Some(text) = &self.text
            && !body.windows(text.len().max(1)).any(|part| part == text.as_bytes())
        {
            return Err("the answer does not contain the text that the policy wants".to_owned());
        }
        if self.json.is_empty() {
            return Ok(());
        }
        let document: serde_json::Value = serde_json::from_slice(body).map_err(|_| "the answer is no JSON".to_owned())?;
        for (path, written, wanted) in &self.json {
            let found = path.query(&document);
            if found.is_empty() {
                return Err(format!("the answer has nothing at `{written}`"));
            }
            if !found.iter().all(|found| is_alike(found, wanted)) {
                return Err(format!("`{written}` is not what the policy wants"));
            }
        }
        Ok(())
    }
}

/// Whether two values of JSON are the same; of numbers, 1 and 1.0 are.
fn is_alike(found: &serde_json::Value, wanted: &serde_json::Value) -> bool {
    let real = |value: &serde_json::Value| value.as_f64().filter(|_| value.is_f64() || wanted.is_f64() || found.is_f64());
    found == wanted || real(found).zip(real(wanted)).is_some_and(|(found, wanted)| found.total_cmp(&wanted).is_eq())
}

/// Why there is no answer. Addresses are not shown: they may hold a password.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum of which most variants can't come here")]
fn unanswered(error: &Error, timeout: Duration) -> String {
    match error {
        Error::Timeout(_) => format!("no answer within {}", milliseconds(timeout.as_secs_f64())),
        Error::HostNotFound => "the name of its host is not known".to_owned(),
        Error::Io(error) if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) => {
            format!("the connection can't be secured: {error}")
        }
        Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => "the connection was closed before the answer".to_owned(),
        Error::Io(error) => format!("it can't be reached: {error}"),
        Error::Rustls(error) => format!("the connection can't be secured: {error}"),
        Error::Tls(what) => format!("the connection can't be secured: {what}"),
        Error::BadUri(_) | Error::Http(_) => "its address is not of the form that HTTP asks for".to_owned(),
        _ => "what came back is not HTTP".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wanted(json: &[(&str, serde_json::Value)]) -> Wanted {
        let json = json.iter().map(|(path, value)| (JsonPath::parse(path).unwrap(), (*path).to_owned(), value.clone())).collect();
        Wanted { status: None, text: None, json }
    }

    #[test]
    fn places_of_json_are_held_against_the_policy() {
        let body = br#"{"status":"ok","checks":[{"up":true},{"up":true},{"up":false}],"share":1.0,"big":9007199254740993}"#;
        for (path, value, right) in [
            ("$.status", json!("ok"), true),
            ("$.status", json!("OK"), false),
            ("$.checks[0].up", json!(true), true),
            ("$.checks[*].up", json!(true), false),
            ("$.checks[:2].up", json!(true), true),
            ("$.share", json!(1), true),
            ("$.big", json!(9_007_199_254_740_993_u64), true),
            ("$.big", json!(9_007_199_254_740_992_u64), false),
            ("$.none", json!(null), false),
        ] {
            let judged = wanted(&[(path, value)]).judge(200, body);
            assert_eq!(judged.is_ok(), right, "{path}: {judged:?}");
            assert!(judged.err().is_none_or(|what| what.contains(path)), "{path}");
        }
        assert_eq!(wanted(&[("$.a", json!(1))]).judge(200, b"<html>").unwrap_err(), "the answer is no JSON");
    }

    #[test]
    fn a_status_is_right_or_it_is_said() {
        let any = Wanted { status: None, text: Some("Log in".to_owned()), json: Vec::new() };
        assert_eq!(any.judge(204, b"x Log in y"), Ok(()));
        assert_eq!(any.judge(500, b"").unwrap_err(), "status 500, wanted 200 to 299");
        assert!(any.judge(302, b"").unwrap_err().contains("does not follow"));
        assert!(any.judge(200, b"secret").unwrap_err().contains("does not contain the text"));
        let moved = Wanted { status: Some(302), text: None, json: Vec::new() };
        assert_eq!(moved.judge(302, b""), Ok(()));
        assert_eq!(moved.judge(200, b"").unwrap_err(), "status 200, wanted 302");
    }
}
