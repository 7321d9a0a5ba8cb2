//! Statements for the server, through psql.

use std::path::Path;
use std::process::Command;

/// psql, which stops at the first error and says nothing but what is asked.
pub(super) fn command(url: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url]).env("PGOPTIONS", "-c client_min_messages=warning");
    command
}

/// psql that runs a file.
pub(super) fn script(url: &str, file: &Path) -> Command {
    let mut psql = command(url);
    psql.arg("-f").arg(file);
    psql
}

/// What a statement gives.
pub(super) fn ask(url: &str, statement: &str) -> Result<String, String> {
    finish(command(url).args(["-c", statement]))
}

/// Runs a program to its end and gives what it printed.
pub(super) fn finish(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|cause| format!("{program}: {cause}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("{program} ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
    }
}
