//! Runs a command of the user's.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt;

use crate::error::{Error, ErrorKind, Result};
use crate::plan::Command;

/// How much of what a command has written is given back: its end.
const SHOWN: u64 = 16 * 1024;

/// What a command is given besides what the policy says.
#[derive(Debug, Clone, Default)]
pub struct Given<'a> {
    /// The directory that relative ones are taken from: the policy's. Empty or none: the one that outgrow was called in.
    pub directory: Option<&'a Path>,
    /// Variables; none takes one away. They may hold secrets, and are never shown.
    pub environment: Vec<(String, Option<OsString>)>,
    /// What it reads.
    pub input: Option<Vec<u8>>,
    /// The file (made with mode 0600) that gets what it writes, at its end; one without a name where none is said.
    ///
    /// A file and not a pipe: a hook may start a program that goes on writing when outgrow is gone.
    pub log: Option<&'a Path>,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Its exit code; none where it was ended at its timeout or by a signal.
    pub exit_code: Option<i32>,
    /// Whether it was ended at its timeout.
    pub timed_out: bool,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The end of what it wrote, standard output and standard error in the order in which it came. It may hold anything: it is
    /// for whoever started the command, and goes into no report.
    pub output: String,
}

impl Ended {
    /// Whether it ended by itself, with 0.
    pub fn is_success(&self) -> bool {
        self.exit_code == Some(0)
    }

    /// How it ended, in words.
    pub fn ending(&self) -> String {
        match self.exit_code {
            Some(code) => format!("ended with exit code {code}"),
            None if self.timed_out => format!("had not ended after {:.0} s, and was stopped", self.seconds),
            None => "was ended by a signal".to_owned(),
        }
    }
}

/// Runs a command to its end or its timeout.
///
/// What it starts is in a group of its own, which is ended at the timeout and when this future is dropped. What it leaves running
/// when it ends by itself stays: a hook may start the application.
pub async fn run(command: &Command, given: Given<'_>) -> Result<Ended> {
    let (program, arguments) = command.words.split_first().ok_or_else(|| Error::bug("run a command", "it has no words"))?;
    let failed = |error: std::io::Error| Error::new(ErrorKind::Usage, format!("run {program}"), error.to_string()).because(error);
    let mut log = match given.log {
        Some(file) => OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(file),
        None => tempfile::tempfile(),
    }
    .map_err(|error| Error::new(ErrorKind::WorkDirectory, format!("keep what {program} writes"), error.to_string()).because(error))?;
    let mut process = tokio::process::Command::new(program);
    process.args(arguments).envs(&command.environment);
    for (name, value) in &given.environment {
        match value {
            Some(value) => process.env(name, value),
            None => process.env_remove(name),
        };
    }
    let of_policy = given.directory.filter(|directory| !directory.as_os_str().is_empty());
    let directory = match (of_policy, &command.directory) {
        (Some(of_policy), Some(directory)) => Some(of_policy.join(directory)),
        (Some(directory), None) => Some(directory.to_owned()),
        (None, directory) => directory.clone(),
    };
    if let Some(directory) = directory {
        process.current_dir(directory);
    }
    process.stdin(if given.input.is_some() { Stdio::piped() } else { Stdio::null() });
    let began_at = log.seek(SeekFrom::End(0)).map_err(failed)?;
    process.stdout(log.try_clone().map_err(failed)?).stderr(log.try_clone().map_err(failed)?);
    let began = Instant::now();
    let mut child = process.process_group(0).kill_on_drop(true).spawn().map_err(failed)?;
    let mut group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
    let (pipe, input) = (child.stdin.take(), given.input);
    let work = async {
        if let (Some(mut pipe), Some(input)) = (pipe, input) {
            // One that ends without reading all of it says by its exit code what that means.
            drop(pipe.write_all(&input).await);
        }
        child.wait().await
    };
    let (exit_code, timed_out) = match tokio::time::timeout(command.timeout.0, work).await {
        Ok(status) => {
            group.0 = None;
            (status.map_err(failed)?.code(), false)
        }
        Err(_) => (None, true),
    };
    drop(group);
    let seconds = began.elapsed().as_secs_f64();
    Ok(Ended { exit_code, timed_out, seconds, output: end_of(&mut log, began_at).map_err(failed)? })
}

/// The end of what was written since a place of the file.
fn end_of(log: &mut File, began_at: u64) -> std::io::Result<String> {
    let end = log.seek(SeekFrom::End(0))?;
    log.seek(SeekFrom::Start(began_at.max(end.saturating_sub(SHOWN))))?;
    let mut bytes = Vec::new();
    log.take(SHOWN).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The processes of one command, which end when this is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // There is nobody left to end where the command has cleaned up after itself.
            kill_process_group(leader, Signal::KILL).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Period;

    fn command(text: &str, seconds: u64) -> Command {
        Command {
            words: ["sh", "-c", text].map(str::to_owned).to_vec(),
            timeout: Period::seconds(seconds),
            directory: None,
            environment: [("SAID".to_owned(), "by the policy".to_owned())].into(),
        }
    }

    #[tokio::test]
    async fn a_command_gets_its_input_and_variables_and_its_end_is_told() {
        let given = Given {
            environment: vec![("MORE".to_owned(), Some("given".into())), ("HOME".to_owned(), None)],
            input: Some(b"read".to_vec()),
            ..Given::default()
        };
        let ended = run(&command("cat; echo \" $SAID $MORE ${HOME:-nowhere}\" >&2; exit 3", 10), given).await.unwrap();
        assert_eq!(ended.exit_code, Some(3));
        assert_eq!(ended.output, "read by the policy given nowhere\n");
        assert_eq!(ended.ending(), "ended with exit code 3");
    }

    #[tokio::test]
    async fn a_command_that_does_not_end_is_stopped_with_what_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let mark = directory.path().join("mark");
        let text = format!("(sleep 3; touch '{}') & sleep 60", mark.display());
        let ended = run(&command(&text, 1), Given::default()).await.unwrap();
        assert!(ended.timed_out && !ended.is_success(), "{ended:?}");
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert!(!mark.exists(), "what it started went on");
    }

    #[tokio::test]
    async fn what_a_command_leaves_running_goes_on_and_writes_to_the_log() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("log");
        std::fs::write(&log, "before\n").unwrap();
        let given = Given { log: Some(&log), ..Given::default() };
        let ended = run(&command("echo now; (sleep 1; echo later) &", 30), given).await.unwrap();
        assert!(ended.is_success(), "{ended:?}");
        assert_eq!(ended.output, "now\n");
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "before\nnow\nlater\n");
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let missing = Command { words: vec!["no-such-program".to_owned()], ..command("", 1) };
        let error = run(&missing, Given::default()).await.unwrap_err();
        assert!(error.to_string().contains("no-such-program"), "{error}");
    }
}
