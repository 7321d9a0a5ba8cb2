//! The small shell that holds a private cluster, so that it ends with us even when we are killed outright.
//!
//! It reads from a pipe whose other end only we hold: whatever ends us closes it, and the shell then ends the server
//! and removes the directory. Never outlives its server, except when told to keep it.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::binaries::Binaries;
use super::runner::Runner;
use crate::error::{Error, ErrorKind, Result};

/// `$1` is the directory of the binaries, `$2` the cluster's own.
///
/// `immediate` because nothing of it is to last. The traps keep a Ctrl-C from ending the guard before its work is done.
const SCRIPT: &str = r#"
start() {
    "$1/initdb" --pgdata="$2/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >"$2/initdb.log" 2>&1 || return
    cat "$2/settings" >>"$2/data/postgresql.conf" || return
    if [ -f "$2/hba" ]; then cat "$2/hba" >"$2/data/pg_hba.conf" || return; fi
    "$1/pg_ctl" start --wait --timeout=120 --silent --pgdata="$2/data" --log="$2/server.log" </dev/null >"$2/start.log" 2>&1
}
start "$1" "$2" || : >"$2/failed"
trap '' HUP INT TERM
while read -r order; do
    if [ "$order" = keep ]; then exit 0; fi
done
"$1/pg_ctl" stop --wait --mode=immediate --silent --pgdata="$2/data" >/dev/null 2>&1
rm -rf "$2"
"#;

/// Where the guard says that the server did not start; the logs stay until it is told to stop.
pub(super) const FAILED: &str = "failed";

/// A running guard.
#[derive(Debug)]
pub(super) struct Guard {
    child: Child,
    orders: Option<ChildStdin>,
}

impl Guard {
    /// Starts the guard, which makes and starts the cluster in `directory`.
    pub(super) fn start(binaries: &Binaries, runner: &Runner, directory: &Path) -> Result<Self> {
        let mut command = runner.command(Path::new("/bin/sh"), &binaries.libraries);
        command.arg("-c").arg(SCRIPT).arg("outgrow-guard").arg(&binaries.directory).arg(directory);
        // A group of its own: a Ctrl-C at the terminal is for us, and we tell the guard.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().map_err(|error| {
            Error::new(ErrorKind::NoServer, "start a disposable server", "its guarding shell could not be started").because(error)
        })?;
        let orders = child.stdin.take();
        Ok(Self { child, orders })
    }

    /// Whether the guard has ended.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Has the server ended and its directory removed, and waits until that is done.
    pub(super) async fn stop(mut self) -> Result<()> {
        drop(self.orders.take());
        self.wait().await
    }

    /// Goes away and leaves the server running.
    pub(super) async fn keep(mut self) -> Result<()> {
        let told = self.orders.take().map(|mut orders| orders.write_all(b"keep\n"));
        match told {
            Some(Ok(())) => self.wait().await,
            Some(Err(error)) => Err(gone().because(error)),
            None => Err(gone()),
        }
    }

    async fn wait(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.ended().is_none() {
            if Instant::now() > deadline {
                return Err(Error::new(ErrorKind::NoServer, "stop the disposable server", "it did not end within 60 seconds"));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

fn gone() -> Error {
    Error::new(ErrorKind::NoServer, "keep the disposable server", "its guard is gone")
}
