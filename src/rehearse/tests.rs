//! The application's own tests, run against the rehearsed database.
//!
//! Never leaves a process of theirs behind, and never puts a password where another account could read it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::error::{Error, ErrorKind, Result};
use crate::postgres::ConnectionSettings;
use crate::report::CommandResult;

/// Runs the command with `DATABASE_URL` and libpq's variables set. Its output goes to standard error, so that standard
/// output stays ours.
///
/// The command is given in one piece, as one types it, so a shell takes it apart. All that it starts ends with it, at
/// the timeout, and when this future is dropped.
pub(super) async fn run(command: &str, timeout: Duration, target: &ConnectionSettings) -> Result<CommandResult> {
    let doing = format!("run `{command}`");
    let began = Instant::now();
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-c", command]).env("DATABASE_URL", target.url_without_password());
    for (name, value) in target.child_environment() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    // A group of its own, so that what the shell starts can be ended with it.
    shell.stdin(Stdio::null()).stdout(std::io::stderr()).process_group(0).kill_on_drop(true);
    let mut child = shell.spawn().map_err(|error| Error::new(ErrorKind::Usage, &doing, error.to_string()).because(error))?;
    let group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
    let exit_code = if let Ok(status) = tokio::time::timeout(timeout, child.wait()).await {
        status.map_err(|error| Error::new(ErrorKind::Usage, &doing, error.to_string()).because(error))?.code()
    } else {
        None
    };
    drop(group);
    Ok(CommandResult { command: command.to_owned(), exit_code, seconds: began.elapsed().as_secs_f64() })
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
