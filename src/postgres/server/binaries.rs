//! PostgreSQL server binaries on disk.
//!
//! Never takes binaries that did not tell their version.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::runner::Runner;

/// The oldest major version that outgrow works with.
pub(in crate::postgres) const OLDEST_MAJOR: u32 = 13;

/// A directory that holds `postgres`, `initdb` and `pg_ctl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) directory: PathBuf,
    /// Where shared libraries are that came with them.
    pub(super) libraries: Vec<PathBuf>,
    /// The tree that holds all of them and works wherever it is put; none for an installation.
    pub(super) tree: Option<PathBuf>,
}

/// What the server says of itself: `15.18`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) text: String,
}

impl Binaries {
    /// Those of an installation; the symlinks of the binary itself are followed, because the server finds its other
    /// files from where it really lies.
    pub(super) fn at(directory: &Path) -> Option<Self> {
        let postgres = fs::canonicalize(directory.join("postgres")).ok()?;
        let directory = postgres.parent()?.to_owned();
        let complete = ["postgres", "initdb", "pg_ctl"].iter().all(|name| directory.join(name).is_file());
        complete.then_some(Self { directory, libraries: Vec::new(), tree: None })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// A copy of them that this runner alone may use, inside of its directory: root's own cache is closed to others.
    pub(super) fn carried_into(&self, directory: &Path, runner: &Runner) -> Option<Self> {
        let tree = self.tree.as_deref()?;
        let copy = directory.join("server");
        let done =
            |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        let copied = done(Command::new("cp").arg("-RP").arg(tree).arg(&copy));
        let given = match runner {
            Runner::Account { uid, gid, .. } => done(Command::new("chown").arg("-R").arg(format!("{uid}:{gid}")).arg(&copy)),
            Runner::Own | Runner::Namespace => true,
        };
        let moved = |path: &Path| path.strip_prefix(tree).ok().map(|below| copy.join(below));
        let libraries = self.libraries.iter().filter_map(|path| moved(path)).collect();
        (copied && given).then_some(Self { directory: moved(&self.directory)?, libraries, tree: None })
    }

    /// What they say of themselves when this runner starts them; `None` when it can't or they are too old.
    pub(super) fn version(&self, runner: &Runner) -> Option<Version> {
        let said = runner.output(&self.program("postgres"), &["--version"], &self.libraries)?;
        version(&said).filter(|version| version.major >= OLDEST_MAJOR)
    }
}

/// Takes `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` apart.
pub(super) fn version(said: &str) -> Option<Version> {
    let text = said.split(')').nth(1)?.split_whitespace().next()?;
    let digits = text.split(|character: char| !character.is_ascii_digit()).next()?;
    Some(Version { major: digits.parse().ok()?, text: text.to_owned() })
}

/// Installed binaries: those on the search path, then where packages put them. Newest first within each.
pub(super) fn installed(search_path: Option<&OsStr>, usual_places: bool) -> Vec<Binaries> {
    let mut directories: Vec<PathBuf> = search_path.map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
    if usual_places {
        directories.extend(usual_directories());
    }
    let mut found: Vec<Binaries> = Vec::new();
    for binaries in directories.iter().filter_map(|directory| Binaries::at(directory)) {
        if !found.contains(&binaries) {
            found.push(binaries);
        }
    }
    found
}

/// Debian, Red Hat, Homebrew on both kinds of Mac, and Postgres.app.
pub(super) fn usual_directories() -> Vec<PathBuf> {
    let patterns = [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ];
    let mut directories = Vec::new();
    for (parent, prefix, below) in patterns {
        let entries = fs::read_dir(parent).into_iter().flatten().filter_map(std::result::Result::ok);
        let mut numbered: Vec<(u32, PathBuf)> = entries
            .filter_map(|entry| Some((entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?, entry.path().join(below))))
            .collect();
        numbered.sort_by(|left, right| right.cmp(left));
        directories.extend(numbered.into_iter().map(|(_, directory)| directory));
    }
    directories
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (said, major, text) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", 15, "15.18"),
            ("postgres (PostgreSQL) 18.4\n", 18, "18.4"),
            ("postgres (PostgreSQL) 19beta1\n", 19, "19beta1"),
        ] {
            assert_eq!(version(said), Some(Version { major, text: text.to_owned() }));
        }
        assert_eq!(version("sh: 1: not found"), None);
    }
}
