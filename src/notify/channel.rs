//! A channel with all that it needs, and the sending.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::email::Mail;
use super::fault;
use super::letter::{Letter, Writing};
use super::notices::Environment;
use super::webhook::Webhook;
use crate::plan::{Channel, Command, Stated, Way};
use crate::probe::{Given, run};

/// How a letter goes out.
#[derive(Debug, Clone)]
pub(super) enum Outlet {
    Webhook(Webhook),
    Email(Mail),
    Command(Command),
    File(PathBuf),
}

impl Outlet {
    /// What a channel of the policy needs, or what is missing.
    pub(super) fn of(channel: &Channel, directory: &Path, environment: Environment<'_>) -> Result<Self, String> {
        let variable =
            |name: &str| environment(name).filter(|value| !value.is_empty()).ok_or_else(|| format!("the variable {name} is not set"));
        let roots = |file: &Option<PathBuf>| fault::roots(file.as_ref().map(|file| directory.join(file)).as_deref());
        Ok(match &channel.way {
            Way::Webhook { url, root_certificates } => {
                let url = match url {
                    Stated::Here(url) => url.clone(),
                    Stated::Variable(name) => variable(name)?,
                };
                Self::Webhook(Webhook::new(url, roots(root_certificates)?)?)
            }
            Way::Email(email) => {
                let login = match &email.login {
                    Some((user, password)) => Some((SecretString::from(variable(user)?), SecretString::from(variable(password)?))),
                    None => None,
                };
                Self::Email(Mail::new(email, login, roots(&email.root_certificates)?)?)
            }
            Way::Command(command) => Self::Command(command.clone()),
            Way::File(file) => Self::File(directory.join(file)),
        })
    }

    /// How values are written in what goes this way.
    pub(super) fn writing(&self) -> Writing {
        match self {
            Self::Webhook(_) => Writing::Webhook,
            Self::Email(_) | Self::Command(_) | Self::File(_) => Writing::Plain,
        }
    }

    /// Sends a letter; says why where it did not go out.
    pub(super) async fn send(&self, channel: &Channel, directory: &Path, notice: &str, letter: &Letter) -> Result<(), String> {
        let timeout = channel.timeout.0;
        let late = |_| "it did not answer in time".to_owned();
        match self {
            Self::Webhook(hook) => tokio::time::timeout(timeout, hook.send(letter, timeout)).await.map_err(late)?,
            Self::Email(mail) => tokio::time::timeout(timeout, mail.send(letter, timeout)).await.map_err(late)?,
            // It keeps the time itself, and leaves no process behind.
            Self::Command(command) => told(command, directory, notice, letter).await,
            Self::File(file) => {
                let (file, text) = (file.clone(), format!("{} · {notice} · {}\n", jiff::Timestamp::now(), letter.text().trim_end()));
                let written = tokio::task::spawn_blocking(move || append(&file, &text));
                let written = tokio::time::timeout(timeout, written).await.map_err(late)?;
                written.map_err(|_| "it ended in a panic".to_owned())?.map_err(|error| error.kind().to_string())
            }
        }
    }
}

async fn told(command: &Command, directory: &Path, notice: &str, letter: &Letter) -> Result<(), String> {
    let environment = [("OUTGROW_NOTICE", notice), ("OUTGROW_SUBJECT", &letter.subject)];
    let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), Some(value.into()))).collect();
    let given = Given { directory: Some(directory), environment, input: Some(letter.text().into_bytes()), log: None };
    match run(command, given).await {
        Ok(ended) if ended.is_success() => Ok(()),
        Ok(ended) => Err(format!("the command {}", ended.ending())),
        Err(error) => Err(error.detail().to_owned()),
    }
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    file.write_all(format!("{text}\n").as_bytes())
}
