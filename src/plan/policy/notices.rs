//! Who is told what of a move, and by which way.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::command::{Command, Run};
use super::period::Period;

/// How long a channel may take where nothing is said.
const USUAL: Period = Period::seconds(10);

/// Something that people are told about a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// Three days before: what comes, and when.
    #[serde(rename = "announcement-3-days")]
    Announcement3Days,
    /// A day before: what to finish until then.
    #[serde(rename = "announcement-1-day")]
    Announcement1Day,
    /// An hour before.
    #[serde(rename = "announcement-1-hour")]
    Announcement1Hour,
    /// It begins.
    Start,
    /// Where it stands; again and again while it lasts.
    Progress,
    /// The application runs on PostgreSQL.
    Completion,
    /// The application runs on SQLite again.
    Rollback,
    /// It failed before anything was switched.
    Failed,
    /// How the application is, four hours after.
    #[serde(rename = "health-4-hours")]
    Health4Hours,
    /// The last report, two days after.
    #[serde(rename = "report-48-hours")]
    Report48Hours,
}

impl Notice {
    /// All of them, in the order of a move.
    pub const ALL: [Self; 10] = [
        Self::Announcement3Days,
        Self::Announcement1Day,
        Self::Announcement1Hour,
        Self::Start,
        Self::Progress,
        Self::Completion,
        Self::Rollback,
        Self::Failed,
        Self::Health4Hours,
        Self::Report48Hours,
    ];

    /// Its name in the policy and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Announcement3Days => "announcement-3-days",
            Self::Announcement1Day => "announcement-1-day",
            Self::Announcement1Hour => "announcement-1-hour",
            Self::Start => "start",
            Self::Progress => "progress",
            Self::Completion => "completion",
            Self::Rollback => "rollback",
            Self::Failed => "failed",
            Self::Health4Hours => "health-4-hours",
            Self::Report48Hours => "report-48-hours",
        }
    }

    /// Whether it says what is going to be, and so needs a time.
    pub const fn is_announcement(self) -> bool {
        match self {
            Self::Announcement3Days | Self::Announcement1Day | Self::Announcement1Hour => true,
            Self::Start | Self::Progress | Self::Completion | Self::Rollback | Self::Failed | Self::Health4Hours | Self::Report48Hours => {
                false
            }
        }
    }
}

/// The notices of a move.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoticesPolicy {
    /// The directory of one's own templates, from the policy's directory. One that is called as ours takes its place.
    pub templates: Option<PathBuf>,
    /// What the application is called.
    pub application: String,
    /// Who leads the move.
    pub lead: Option<String>,
    /// Where to turn with questions.
    pub contact: Option<String>,
    /// What can't be done meanwhile, in one sentence.
    pub affected: Option<String>,
    /// When the move is to be.
    pub window: Window,
    /// How often it is told where a move stands.
    pub every: Period,
    /// The ways.
    #[serde(rename = "channel")]
    pub channels: Vec<Channel>,
}

impl Default for NoticesPolicy {
    fn default() -> Self {
        Self {
            templates: None,
            application: "the application".to_owned(),
            lead: None,
            contact: None,
            affected: None,
            window: Window::default(),
            every: Period::seconds(900),
            channels: Vec::new(),
        }
    }
}

/// The time that is set aside for a move.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Window {
    /// When it begins.
    #[serde(deserialize_with = "moment_or_none")]
    pub start: Option<Zoned>,
    /// How long it is to last.
    pub length: Option<Period>,
    /// When it is tried again if it has to be taken back.
    #[serde(deserialize_with = "moment_or_none")]
    pub next: Option<Zoned>,
}

/// Reads a moment with its offset or its zone: `2026-03-01T22:00:00+04:00`, `2026-03-01T22:00[Asia/Baku]`.
pub fn moment(text: &str) -> Result<Zoned, String> {
    if let Ok(zoned) = text.parse::<Zoned>() {
        return Ok(zoned);
    }
    let unreadable = || format!("`{text}` is no moment: write \"2026-03-01T22:00:00+04:00\" or \"2026-03-01T22:00[Asia/Baku]\"");
    let at: Timestamp = text.parse().map_err(|_| unreadable())?;
    let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
    let zone = offset.filter(|offset| offset.seconds() != 0).map_or(TimeZone::UTC, TimeZone::fixed);
    Ok(at.to_zoned(zone))
}

fn moment_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Zoned>, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => text,
        // TOML has moments of its own.
        toml::Value::Datetime(moment) => moment.to_string(),
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
            return Err(D::Error::custom("a moment is a text: \"2026-03-01T22:00:00+04:00\""));
        }
    };
    moment(&text).map(Some).map_err(D::Error::custom)
}

/// One way to tell people.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ChannelKeys")]
pub struct Channel {
    /// What it is called in reports.
    pub name: String,
    /// How it goes.
    pub way: Way,
    /// The notices that go there; all of them where none is named.
    pub only: Option<Vec<Notice>>,
    /// After which time it is given up.
    pub timeout: Period,
}

impl Channel {
    /// Whether a notice goes there.
    pub fn takes(&self, notice: Notice) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&notice))
    }
}

/// How a notice goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A POST of `{"text": …}`, as Slack and its kin take it.
    Webhook {
        /// Where to. It often holds a secret, and is never shown.
        url: Stated,
        /// The file of certificates (PEM) that are trusted instead of the system's.
        root_certificates: Option<PathBuf>,
    },
    /// A mail.
    Email(Email),
    /// A command that reads the text.
    Command(Command),
    /// A file that the text is added to.
    File(PathBuf),
}

impl Way {
    /// Its name in the policy.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::Email(_) => "email",
            Self::Command(_) => "command",
            Self::File(_) => "file",
        }
    }
}

/// A text that stands in the policy, or in a variable of the environment that the policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated {
    /// The text.
    Here(String),
    /// The variable's name.
    Variable(String),
}

/// How mail is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub tls: MailTls,
    /// Who sends.
    pub from: String,
    /// Who gets it.
    pub to: Vec<String>,
    /// The variables that hold the user and the password; without them, none are given.
    pub login: Option<(String, String)>,
    /// The file of certificates (PEM) that are trusted instead of the system's.
    pub root_certificates: Option<PathBuf>,
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailTls {
    /// It begins in plain text and must become encrypted before anything is said.
    #[default]
    Starttls,
    /// It is encrypted from the first byte.
    Tls,
    /// It is not encrypted.
    None,
}

impl MailTls {
    const fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Webhook,
    Email,
    Command,
    File,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ChannelKeys {
    name: String,
    kind: Kind,
    only: Option<Vec<Notice>>,
    timeout: Option<Period>,
    url: Option<String>,
    url_from: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<MailTls>,
    from: Option<String>,
    to: Option<Vec<String>>,
    user_from: Option<String>,
    password_from: Option<String>,
    root_certificates: Option<PathBuf>,
    run: Option<Run>,
    shell: Option<String>,
    directory: Option<PathBuf>,
    environment: Option<BTreeMap<String, String>>,
    file: Option<PathBuf>,
}

impl ChannelKeys {
    /// A key that says nothing of a channel of this kind.
    fn misplaced(&self) -> Option<&'static str> {
        use Kind::{Command, Email, File, Webhook};
        let keys: [(&str, bool, &[Kind]); 15] = [
            ("url", self.url.is_some(), &[Webhook]),
            ("url-from", self.url_from.is_some(), &[Webhook]),
            ("host", self.host.is_some(), &[Email]),
            ("port", self.port.is_some(), &[Email]),
            ("tls", self.tls.is_some(), &[Email]),
            ("from", self.from.is_some(), &[Email]),
            ("to", self.to.is_some(), &[Email]),
            ("user-from", self.user_from.is_some(), &[Email]),
            ("password-from", self.password_from.is_some(), &[Email]),
            ("root-certificates", self.root_certificates.is_some(), &[Webhook, Email]),
            ("run", self.run.is_some(), &[Command]),
            ("shell", self.shell.is_some(), &[Command]),
            ("directory", self.directory.is_some(), &[Command]),
            ("environment", self.environment.is_some(), &[Command]),
            ("file", self.file.is_some(), &[File]),
        ];
        let is_of = |kinds: &[Kind]| kinds.iter().any(|kind| std::mem::discriminant(kind) == std::mem::discriminant(&self.kind));
        keys.into_iter().find(|(_, is_set, kinds)| *is_set && !is_of(kinds)).map(|(key, _, _)| key)
    }

    fn email(self) -> Result<Email, String> {
        let login = match (self.user_from, self.password_from) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err("`user-from` and `password-from` stand together".to_owned()),
        };
        let tls = self.tls.unwrap_or_default();
        if login.is_some() && tls == MailTls::None {
            return Err("a password does not go over a connection that is not encrypted: write tls = \"starttls\" or \"tls\"".to_owned());
        }
        Ok(Email {
            host: self.host.filter(|host| !host.is_empty()).ok_or("`host` is missing: the mail server")?,
            port: self.port.unwrap_or(tls.port()),
            tls,
            from: self.from.ok_or("`from` is missing: who sends")?,
            to: self.to.filter(|to| !to.is_empty()).ok_or("`to` is missing: who gets it")?,
            login,
            root_certificates: self.root_certificates,
        })
    }

    fn way(self, timeout: Period) -> Result<Way, String> {
        match self.kind {
            Kind::Webhook => {
                let url = match (self.url, self.url_from) {
                    (Some(url), None) if url.starts_with("http://") || url.starts_with("https://") => Stated::Here(url),
                    (Some(_), None) => return Err("`url` is neither http:// nor https://".to_owned()),
                    (None, Some(variable)) => Stated::Variable(variable),
                    (None, None) | (Some(_), Some(_)) => {
                        return Err("it needs `url`, or `url-from`: the variable that holds it".to_owned());
                    }
                };
                Ok(Way::Webhook { url, root_certificates: self.root_certificates })
            }
            Kind::Email => self.email().map(Way::Email),
            Kind::Command => {
                let run = self.run.ok_or("`run` is missing: the command")?;
                let words = run.words(self.shell, "`run`").map_err(|error| error.detail().to_owned())?;
                let environment = self.environment.unwrap_or_default();
                Ok(Way::Command(Command { words, timeout, directory: self.directory, environment }))
            }
            Kind::File => self.file.map(Way::File).ok_or_else(|| "`file` is missing: its name".to_owned()),
        }
    }
}

impl TryFrom<ChannelKeys> for Channel {
    type Error = String;

    fn try_from(keys: ChannelKeys) -> Result<Self, String> {
        let name = keys.name.clone();
        let of_channel = |detail: String| format!("the channel `{name}`: {detail}");
        if name.trim().is_empty() {
            return Err("a channel of [[notices.channel]] has no name".to_owned());
        }
        if let Some(key) = keys.misplaced() {
            return Err(of_channel(format!("`{key}` says nothing of a channel of this kind")));
        }
        let (only, timeout) = (keys.only.clone(), keys.timeout.unwrap_or(USUAL));
        let way = keys.way(timeout).map_err(of_channel)?;
        Ok(Self { name, way, only, timeout })
    }
}

impl NoticesPolicy {
    /// Two channels of one name can't be told apart in a report.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.every.0.is_zero() {
            return Err("`every` under [notices] is no time at all".to_owned());
        }
        let mut names: Vec<&str> = self.channels.iter().map(|channel| channel.name.as_str()).collect();
        names.sort_unstable();
        match names.iter().zip(names.iter().skip(1)).find(|(one, other)| one == other) {
            Some((name, _)) => Err(format!("two channels under [notices] are called `{name}`")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(text: &str) -> Result<Channel, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn channels_are_read_with_what_they_leave_out() {
        let webhook = channel("name = \"ops\"\nkind = \"webhook\"\nurl-from = \"HOOK\"\nonly = [\"start\", \"health-4-hours\"]").unwrap();
        assert_eq!(webhook.way, Way::Webhook { url: Stated::Variable("HOOK".to_owned()), root_certificates: None });
        assert!(webhook.takes(Notice::Start) && webhook.takes(Notice::Health4Hours) && !webhook.takes(Notice::Progress));
        assert_eq!(webhook.timeout, Period::seconds(10));
        let mail = channel("name = \"all\"\nkind = \"email\"\nhost = \"mail\"\nfrom = \"a@b.c\"\nto = [\"d@e.f\"]").unwrap();
        assert!(matches!(mail.way, Way::Email(Email { port: 587, tls: MailTls::Starttls, login: None, .. })));
        let command = channel("name = \"x\"\nkind = \"command\"\nrun = [\"wall\"]\ntimeout = \"3s\"").unwrap();
        assert!(matches!(command.way, Way::Command(Command { timeout, .. }) if timeout == Period::seconds(3)));
        assert_eq!(channel("name = \"x\"\nkind = \"file\"\nfile = \"log\"").unwrap().way, Way::File("log".into()));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mail = "name = \"x\"\nkind = \"email\"\nhost = \"mail\"\nfrom = \"a@b.c\"\n";
        for (text, because) in [
            ("name = \"x\"\nkind = \"webhook\"".to_owned(), "`url-from`"),
            ("name = \"x\"\nkind = \"webhook\"\nurl = \"ftp://x\"".to_owned(), "neither"),
            ("name = \"x\"\nkind = \"webhook\"\nurl-from = \"A\"\nto = [\"a@b.c\"]".to_owned(), "`to`"),
            ("name = \"x\"\nkind = \"file\"\nfile = \"f\"\nonly = [\"begin\"]".to_owned(), "unknown variant"),
            ("name = \" \"\nkind = \"file\"\nfile = \"f\"".to_owned(), "no name"),
            (mail.to_owned(), "`to`"),
            (format!("{mail}to = [\"d@e.f\"]\nuser-from = \"U\""), "stand together"),
            (format!("{mail}to = [\"d@e.f\"]\nuser-from = \"U\"\npassword-from = \"P\"\ntls = \"none\""), "not encrypted"),
        ] {
            let error = channel(&text).unwrap_err();
            assert!(error.contains(because), "{text}: {error}");
        }
    }

    #[test]
    fn moments_keep_their_zone() {
        for (text, shown) in [
            ("2026-03-01T22:00:00+04:00", "2026-03-01T22:00:00+04:00[+04:00]"),
            ("2026-03-01T22:00[Asia/Baku]", "2026-03-01T22:00:00+04:00[Asia/Baku]"),
            ("2026-03-01T18:00:00Z", "2026-03-01T18:00:00+00:00[UTC]"),
        ] {
            assert_eq!(moment(text).unwrap().to_string(), shown);
            let held: Window = toml::from_str(&format!("start = \"{text}\"")).unwrap();
            assert_eq!(held.start.unwrap().to_string(), shown);
        }
        let held: Window = toml::from_str("start = 2026-03-01T22:00:00+04:00").unwrap();
        assert_eq!(held.start.unwrap().to_string(), "2026-03-01T22:00:00+04:00[+04:00]");
        assert!(moment("2026-03-01T22:00").unwrap_err().contains("no moment"), "a moment without a zone is none");
    }

    #[test]
    fn names_are_those_of_the_policy() {
        for notice in Notice::ALL {
            assert_eq!(serde_json::to_value(notice).unwrap(), notice.name());
        }
    }
}
