//! The disposable server, however it came to be.
//!
//! Never prints: what is worth telling goes to the caller's `report`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::binaries::installed;
use super::cluster::{Cluster, Extras};
use super::fetch;
use super::scratch::Scratch;
use crate::error::{Error, ErrorKind, Result};
use crate::postgres::{ConnectionSettings, Environment};

/// Where a disposable server may come from and where it may live.
#[derive(Debug, Clone)]
pub struct DisposableOptions {
    /// A server that was named: a scratch database is made there, and nothing else is tried.
    pub target: Option<ConnectionSettings>,
    /// Directories to look for server binaries in, in the form of `PATH`.
    pub search_path: Option<OsString>,
    /// Whether to look where packages put server binaries, too.
    pub usual_places: bool,
    /// Whether binaries may be fetched when none are found.
    pub fetch: bool,
    /// Where fetched binaries are kept.
    pub cache: Option<PathBuf>,
    /// Directories that the cluster's own may be made in, in this order.
    pub bases: Vec<PathBuf>,
    /// The number in the socket's name, and the port where `server_settings` make it listen.
    pub port: u16,
    /// Further lines of postgresql.conf.
    pub server_settings: String,
    /// The whole of pg_hba.conf, where `trust` on the socket is not what is wanted.
    pub server_hba: Option<String>,
    /// Files put beside the data directory for the server alone, by name.
    pub server_files: Vec<(String, Vec<u8>)>,
}

impl DisposableOptions {
    /// The usual options, by the environment's `PATH`, `TMPDIR`, `XDG_CACHE_HOME` and `HOME`.
    pub fn new(environment: &Environment<'_>) -> Self {
        let given = |name: &str| environment(name).filter(|value| !value.is_empty());
        let home_cache = given("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = given("XDG_CACHE_HOME").map(PathBuf::from).or(home_cache).map(|cache| cache.join("outgrow"));
        let temporary = given("TMPDIR").map(PathBuf::from);
        let bases = temporary.into_iter().chain(["/var/tmp", "/tmp"].map(PathBuf::from)).chain(cache.clone());
        Self {
            target: None,
            search_path: given("PATH").map(OsString::from),
            usual_places: true,
            fetch: true,
            bases: bases.collect(),
            cache,
            port: 5432,
            server_settings: String::new(),
            server_hba: None,
            server_files: Vec::new(),
        }
    }
}

/// What is worth telling while a server is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Binaries that were found did not work; the next ones are tried.
    PassedOver {
        /// Which and why.
        reason: String,
    },
    /// Something is about to be downloaded.
    Fetching {
        /// What, from whom, and how large, as a line for people.
        what: String,
    },
    /// This server was taken.
    Taken {
        /// The line of [`Disposable::describe`].
        server: String,
    },
}

/// A PostgreSQL for one run. Dropping it removes all of it; [`Disposable::stop`] does so, too, and tells what went wrong.
#[derive(Debug)]
pub struct Disposable {
    held: Held,
}

#[derive(Debug)]
enum Held {
    Cluster(Box<Cluster>),
    Scratch(Box<Scratch>),
}

/// A disposable server that was left running.
#[derive(Debug, Clone)]
pub struct Kept {
    /// How to connect.
    pub settings: ConnectionSettings,
    /// The command (for a scratch database: the statement) that removes it.
    pub stop: String,
}

impl Disposable {
    /// Finds, fetches or makes a server, and starts it.
    pub async fn start(options: &DisposableOptions, report: &mut (dyn FnMut(Notice) + Send)) -> Result<Self> {
        let held = match &options.target {
            Some(target) => Held::Scratch(Box::new(Scratch::create(target).await?)),
            None => Held::Cluster(Box::new(private_cluster(options, report).await?)),
        };
        let disposable = Self { held };
        report(Notice::Taken { server: disposable.describe() });
        Ok(disposable)
    }

    /// Makes a scratch database beside the one that the settings name, which encodes and sorts texts alike.
    pub async fn like(database: &ConnectionSettings) -> Result<Self> {
        Ok(Self { held: Held::Scratch(Box::new(Scratch::like(database).await?)) })
    }

    /// How to connect.
    pub fn settings(&self) -> &ConnectionSettings {
        match &self.held {
            Held::Cluster(cluster) => cluster.settings(),
            Held::Scratch(scratch) => scratch.settings(),
        }
    }

    /// What it is, as a line for people.
    pub fn describe(&self) -> String {
        match &self.held {
            Held::Cluster(cluster) => cluster.describe(),
            Held::Scratch(scratch) => scratch.describe(),
        }
    }

    /// The directory that a private cluster lives in.
    pub fn directory(&self) -> Option<&std::path::Path> {
        match &self.held {
            Held::Cluster(cluster) => Some(cluster.directory()),
            Held::Scratch(_) => None,
        }
    }

    /// Ends it and removes all of it.
    pub async fn stop(self) -> Result<()> {
        match self.held {
            Held::Cluster(cluster) => cluster.stop().await,
            Held::Scratch(scratch) => scratch.drop_database().await,
        }
    }

    /// Leaves it where it is, beyond the end of this process.
    pub async fn keep(self) -> Result<Kept> {
        let (settings, stop) = match self.held {
            Held::Cluster(cluster) => cluster.keep().await?,
            Held::Scratch(scratch) => scratch.keep(),
        };
        Ok(Kept { settings, stop })
    }
}

async fn private_cluster(options: &DisposableOptions, report: &mut (dyn FnMut(Notice) + Send)) -> Result<Cluster> {
    let extras = Extras {
        port: options.port,
        settings: options.server_settings.clone(),
        hba: options.server_hba.clone(),
        files: options.server_files.clone(),
    };
    if !Cluster::has_room(&options.bases) {
        // Other binaries would not mend this, so none are looked for and none are fetched.
        let places = options.bases.iter().map(|base| base.display().to_string()).collect::<Vec<_>>().join(", ");
        let detail = format!("a server's files can be put into none of {places}");
        return Err(Error::new(ErrorKind::NoServer, "get a disposable PostgreSQL", detail)
            .hint("make one of them writable and of a short path, or name another by TMPDIR"));
    }
    let mut reasons = Vec::new();
    for binaries in installed(options.search_path.as_deref(), options.usual_places) {
        match Cluster::start(&binaries, &options.bases, &extras).await {
            Ok(cluster) => return Ok(cluster),
            Err(error) => pass_over(format!("{}: {}", binaries.directory.display(), error.detail()), &mut reasons, report),
        }
    }
    if let Some(cache) = options.cache.as_deref() {
        for source in fetch::SOURCES {
            match fetch::binaries(*source, cache, options.fetch, report) {
                Ok(None) => {}
                Ok(Some(binaries)) => match Cluster::start(&binaries, &options.bases, &extras).await {
                    Ok(cluster) => return Ok(cluster),
                    Err(error) => pass_over(format!("{}: {}", source.describe(), error.detail()), &mut reasons, report),
                },
                Err(reason) => pass_over(format!("{}: {reason}", source.describe()), &mut reasons, report),
            }
        }
    }
    Err(none_found(options, &reasons))
}

fn pass_over(reason: String, reasons: &mut Vec<String>, report: &mut (dyn FnMut(Notice) + Send)) {
    reasons.push(reason.clone());
    report(Notice::PassedOver { reason });
}

fn none_found(options: &DisposableOptions, reasons: &[String]) -> Error {
    let detail = if reasons.is_empty() { "no server binaries are installed".to_owned() } else { reasons.join("; ") };
    let error = Error::new(ErrorKind::NoServer, "get a disposable PostgreSQL", detail);
    let error = error
        .hint("install one (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql@17), or name a server with --target");
    if options.fetch { error } else { error.hint("or leave --no-fetch out, so that one may be downloaded into your cache") }
}
