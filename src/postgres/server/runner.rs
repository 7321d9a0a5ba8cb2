//! Which account runs a server, since PostgreSQL refuses to run as root, and where that account may write.
//!
//! Never leaves anything behind where it tried to write.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::postgres::settings::account::{Account, accounts};

/// How commands of the server are started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Runner {
    /// As we are.
    Own,
    /// As another account, which only root can.
    Account { name: String, uid: u32, gid: u32 },
    /// As an ordinary account's number inside of a user namespace; its files are ours outside.
    Namespace,
}

impl Runner {
    /// The ways that this process has, best first.
    pub(super) fn available() -> Vec<Self> {
        if !rustix::process::geteuid().is_root() {
            return vec![Self::Own];
        }
        let accounts = accounts();
        let named = |name: &str| accounts.iter().find(|account| account.name == name && account.uid != 0);
        let as_account = |account: &Account| Self::Account { name: account.name.clone(), uid: account.uid, gid: account.gid };
        let mut runners: Vec<_> = ["postgres", "nobody"].into_iter().filter_map(named).map(as_account).collect();
        runners.push(Self::Namespace);
        runners
    }

    /// A command in an environment of nothing but what a server needs, so that no `PG…` or locale variable leaks in.
    pub(super) fn command(&self, program: &Path, libraries: &[PathBuf]) -> Command {
        use std::os::unix::process::CommandExt;

        let mut command = match self {
            Self::Own | Self::Account { .. } => Command::new(program),
            Self::Namespace => {
                let mut command = Command::new("unshare");
                command.args(["--user", "--map-user=1000", "--map-group=1000", "--"]).arg(program);
                command
            }
        };
        if let Self::Account { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin").env("LC_ALL", "C").env("TZ", "UTC");
        if !libraries.is_empty() {
            command.env("LD_LIBRARY_PATH", libraries.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>().join(":"));
        }
        command.current_dir("/").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; `None` when it can't be started or fails.
    pub(super) fn output(&self, program: &Path, arguments: &[&str], libraries: &[PathBuf]) -> Option<String> {
        let Output { status, stdout, .. } = self.command(program, libraries).args(arguments).stderr(Stdio::null()).output().ok()?;
        status.success().then(|| String::from_utf8_lossy(&stdout).into_owned())
    }

    /// Makes a directory in `base` that nobody else may enter and that this runner has proven to be able to use.
    pub(super) fn directory_in(&self, base: &Path) -> Option<TempDir> {
        let directory =
            tempfile::Builder::new().prefix("outgrow-").rand_bytes(6).permissions(Permissions::from_mode(0o700)).tempdir_in(base).ok()?;
        if let Self::Account { uid, gid, .. } = self {
            chown(directory.path(), Some(*uid), Some(*gid)).ok()?;
        }
        // Beside it too: only who may write to the base can remove the directory itself in the end.
        let script = "cd \"$1\" && : > trial && rm trial && mkdir \"$1-trial\" && rmdir \"$1-trial\"";
        let arguments = ["-c", script, "sh", directory.path().to_str()?];
        self.output(Path::new("/bin/sh"), &arguments, &[])?;
        Some(directory)
    }

    /// For a line to people.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Own => "this account".to_owned(),
            Self::Account { name, .. } => format!("the account `{name}`"),
            Self::Namespace => "a user namespace".to_owned(),
        }
    }
}
