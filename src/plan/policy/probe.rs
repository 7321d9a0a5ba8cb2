//! What is asked of the application, of a database or of the machine, and which answer is the right one.
//!
//! One form for smoke tests (`[[smoke]]`), for checks of the user's own before a cutover (`[[check]]`) and for what is
//! measured before and after (`[[baseline]]`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json_path::JsonPath;

use super::command::{Command, Run};
use super::period::Period;

/// How long an answer may take where nothing is said.
const USUAL: Period = Period::seconds(10);

/// A question, and the answer that it is to have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ProbeKeys")]
pub struct Probe {
    /// What it is called in reports.
    pub name: String,
    /// What is asked.
    pub question: Question,
    /// The answer may take no longer than this to be right.
    pub within: Option<Period>,
    /// How often it is asked before it has failed; at least 1.
    pub attempts: u32,
    /// How long to wait between two attempts.
    pub pause: Period,
    /// How often it is asked to measure it; at least 1.
    pub samples: u32,
}

/// What is asked, and what is to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A request over HTTP.
    Http(HttpQuestion),
    /// A query of a database.
    Sql(SqlQuestion),
    /// A command.
    Run(RunQuestion),
}

/// A request over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpQuestion {
    /// Where (`http://` or `https://`).
    pub url: String,
    /// `GET` where nothing is said.
    pub method: String,
    /// Headers as they are.
    pub headers: BTreeMap<String, String>,
    /// Headers whose values are secrets: each names a variable of the environment.
    pub secret_headers: BTreeMap<String, String>,
    /// What is sent.
    pub body: Option<String>,
    /// The status that the answer is to have; any of 200 to 299 where none is said.
    pub status: Option<u16>,
    /// What the answer's body is to contain.
    pub text: Option<String>,
    /// What is to stand at places of the answer's JSON, by JSONPath (`$.status`).
    pub json: BTreeMap<String, serde_json::Value>,
    /// How long to wait for the answer.
    pub timeout: Period,
}

/// A query of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlQuestion {
    /// The query, for the side that is asked.
    pub query: String,
    /// Which side is asked.
    pub on: Side,
    /// What the one column of its one row is to be, as text.
    pub value: Option<String>,
    /// How many rows it is to give.
    pub rows: Option<u64>,
    /// Whether the other side, asked the same, is to give the same rows (as text, in order).
    pub same: bool,
    /// How long the server may take.
    pub timeout: Period,
}

/// A command whose end is the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunQuestion {
    /// The command.
    pub command: Command,
    /// The exit code that is right.
    pub exit: i32,
    /// What its output is to contain.
    pub text: Option<String>,
}

/// A side of the move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// SQLite.
    Source,
    /// PostgreSQL.
    #[default]
    Target,
}

/// The keys of a probe as they stand in the policy.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ProbeKeys {
    name: String,
    http: Option<String>,
    method: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    secret_headers: BTreeMap<String, String>,
    body: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    json: BTreeMap<String, serde_json::Value>,
    sql: Option<String>,
    on: Option<Side>,
    value: Option<String>,
    rows: Option<u64>,
    same: Option<bool>,
    run: Option<Run>,
    shell: Option<String>,
    directory: Option<PathBuf>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    exit: Option<i32>,
    text: Option<String>,
    timeout: Option<Period>,
    within: Option<Period>,
    attempts: Option<u32>,
    pause: Option<Period>,
    samples: Option<u32>,
}

impl ProbeKeys {
    /// Keys of one kind of question that stand beside another kind.
    fn misplaced(&self) -> Option<&'static str> {
        let http = [
            ("method", self.method.is_some()),
            ("headers", !self.headers.is_empty()),
            ("secret-headers", !self.secret_headers.is_empty()),
            ("body", self.body.is_some()),
            ("status", self.status.is_some()),
            ("json", !self.json.is_empty()),
        ];
        let sql =
            [("on", self.on.is_some()), ("value", self.value.is_some()), ("rows", self.rows.is_some()), ("same", self.same.is_some())];
        let run = [
            ("shell", self.shell.is_some()),
            ("directory", self.directory.is_some()),
            ("environment", !self.environment.is_empty()),
            ("exit", self.exit.is_some()),
        ];
        let text = [("text", self.text.is_some())];
        let set = |keys: &[(&'static str, bool)]| keys.iter().find(|(_, set)| *set).map(|(key, _)| *key);
        let of = |asked: bool, keys: &[(&'static str, bool)]| if asked { None } else { set(keys) };
        of(self.http.is_some(), &http).or(of(self.sql.is_some(), &sql)).or(of(self.run.is_some(), &run)).or(of(self.sql.is_none(), &text))
    }

    fn question(self, name: &str) -> Result<Question, String> {
        let timeout = self.timeout.unwrap_or(USUAL);
        if let Some(url) = self.http {
            if !url.starts_with("http://") && !url.starts_with("https://") {
                return Err(format!("`{name}` asks an address that is neither http:// nor https://"));
            }
            if let Some((path, error)) = self.json.keys().find_map(|path| Some((path, JsonPath::parse(path).err()?))) {
                return Err(format!("`{path}` of `{name}` is no JSONPath: {}", error.message()));
            }
            return Ok(Question::Http(HttpQuestion {
                url,
                method: self.method.unwrap_or_else(|| "GET".to_owned()),
                headers: self.headers,
                secret_headers: self.secret_headers,
                body: self.body,
                status: self.status,
                text: self.text,
                json: self.json,
                timeout,
            }));
        }
        if let Some(query) = self.sql {
            let (on, same) = (self.on.unwrap_or_default(), self.same.unwrap_or_default());
            return Ok(Question::Sql(SqlQuestion { query, on, value: self.value, rows: self.rows, same, timeout }));
        }
        let Some(run) = self.run else {
            return Err(format!("`{name}` asks nothing: give it one of `http`, `sql` and `run`"));
        };
        let words = run.words(self.shell, &format!("`{name}`")).map_err(|error| error.detail().to_owned())?;
        let command = Command { words, timeout, directory: self.directory, environment: self.environment };
        Ok(Question::Run(RunQuestion { command, exit: self.exit.unwrap_or(0), text: self.text }))
    }
}

impl TryFrom<ProbeKeys> for Probe {
    type Error = String;

    fn try_from(keys: ProbeKeys) -> Result<Self, String> {
        let name = keys.name.clone();
        let asked = [keys.http.is_some(), keys.sql.is_some(), keys.run.is_some()].into_iter().filter(|asked| *asked).count();
        if asked > 1 {
            return Err(format!("`{name}` asks several things: give it one of `http`, `sql` and `run`"));
        }
        if asked == 1
            && let Some(key) = keys.misplaced()
        {
            return Err(format!("`{key}` says nothing of what `{name}` asks"));
        }
        let (attempts, samples) = (keys.attempts.unwrap_or(1), keys.samples.unwrap_or(20));
        if attempts == 0 || samples == 0 {
            return Err(format!("`{name}` is to be asked at least once"));
        }
        let (within, pause) = (keys.within, keys.pause.unwrap_or(Period::seconds(1)));
        Ok(Self { question: keys.question(&name)?, name, within, attempts, pause, samples })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Probe, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_probe_asks_one_thing() {
        let probe = read("name = \"health\"\nhttp = \"http://localhost/health\"\njson = { \"$.status\" = \"ok\" }\nattempts = 5").unwrap();
        assert!(matches!(probe.question, Question::Http(HttpQuestion { ref method, status: None, .. }) if method == "GET"));
        assert_eq!(probe.attempts, 5);
        let probe = read("name = \"users\"\nsql = \"select count(*) from users\"\nsame = true").unwrap();
        assert!(matches!(probe.question, Question::Sql(SqlQuestion { on: Side::Target, same: true, .. })));
        let probe = read("name = \"queue\"\nrun = \"test -s queue\"\nshell = \"sh\"").unwrap();
        assert!(matches!(probe.question, Question::Run(RunQuestion { ref command, .. }) if command.words == ["sh", "-c", "test -s queue"]));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, because) in [
            ("name = \"x\"", "asks nothing"),
            ("name = \"x\"\nsql = \"select 1\"\nrun = [\"true\"]", "several things"),
            ("name = \"x\"\nsql = \"select 1\"\nstatus = 200", "`status`"),
            ("name = \"x\"\nsql = \"select 1\"\ntext = \"a\"", "`text`"),
            ("name = \"x\"\nrun = \"a b\"", "needs a shell"),
            ("name = \"x\"\nrun = []", "names no program"),
            ("name = \"x\"\nhttp = \"ftp://x\"", "neither"),
            ("name = \"x\"\nhttp = \"http://x\"\njson = { \"status\" = 1 }", "no JSONPath"),
            ("name = \"x\"\nrun = [\"true\"]\nattempts = 0", "at least once"),
            ("name = \"x\"\nrun = [\"true\"]\nstaus = 1", "unknown field"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(because), "{text}: {error}");
        }
    }
}
