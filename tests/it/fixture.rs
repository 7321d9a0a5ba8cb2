//! One PostgreSQL cluster for the whole test run, and a database of its own for each test.
//!
//! The cluster is the product's own disposable server, so it ends with the test process, however that ends.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use outgrow::postgres::{ConnectionSettings, Disposable, DisposableOptions, Session};
use tokio::runtime::Runtime;

/// The environment, which only tests and the command line read.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Options for a private cluster: of the binaries that are installed, or, on a machine without any, of those that the
/// product fetches into the user's cache.
pub(crate) fn options() -> DisposableOptions {
    DisposableOptions::new(&environment)
}

/// Starts a cluster, or fails with what to install: a test without a server must not look as if it had passed.
pub(crate) async fn started(options: &DisposableOptions) -> Disposable {
    match Disposable::start(options, &mut |_| {}).await {
        Ok(server) => server,
        Err(error) => {
            let hints = error.hints().collect::<Vec<_>>().join("\n");
            panic!("these tests need PostgreSQL server binaries 13 or newer: {error}\n{hints}")
        }
    }
}

fn shared() -> &'static Disposable {
    static SHARED: OnceLock<Disposable> = OnceLock::new();
    SHARED.get_or_init(|| in_own_runtime(async { started(&options()).await }))
}

/// Runs to its end on a thread of its own, so that it works from within a test's runtime too.
pub(crate) fn in_own_runtime<T: Send>(future: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| scope.spawn(|| Runtime::new().unwrap().block_on(future)).join().unwrap())
}

/// A database for one test, gone when dropped.
pub(crate) struct Database {
    settings: ConnectionSettings,
    server: ConnectionSettings,
}

impl Database {
    /// Makes an empty database; `name` is the test's.
    pub(crate) fn new(name: &str) -> Self {
        Self::within(shared().settings(), name)
    }

    /// Makes an empty database on this server.
    pub(crate) fn within(server: &ConnectionSettings, name: &str) -> Self {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        // Names are cut at 63 bytes; the number keeps two tests of one name apart.
        let name = format!("{}_{number}", &name[..name.len().min(50)]);
        in_own_runtime(async {
            let session = Session::connect(server).await.unwrap();
            session.client().batch_execute(&format!("create database \"{name}\" template template0")).await.unwrap();
        });
        Self { settings: server.with_database(&name), server: server.clone() }
    }

    pub(crate) fn settings(&self) -> &ConnectionSettings {
        &self.settings
    }

    /// For programs that take a URL.
    pub(crate) fn url(&self) -> String {
        self.settings.url_without_password()
    }

    pub(crate) async fn session(&self) -> Session {
        Session::connect(&self.settings).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("drop database \"{}\" with (force)", self.settings.database());
        // A test that has failed already may have left its server in any state.
        if std::thread::panicking() {
            return;
        }
        in_own_runtime(async {
            let session = Session::connect(&self.server).await.unwrap();
            session.client().batch_execute(&statement).await.unwrap();
        });
    }
}

/// Where the programs of the cluster are.
pub(crate) fn programs() -> PathBuf {
    let started = std::fs::read_to_string(shared().directory().unwrap().join("data/postmaster.opts")).unwrap();
    Path::new(started.split(' ').next().unwrap()).parent().unwrap().to_owned()
}

/// The schema of a database as the server's own tool writes it, without what differs from one run of it to the next.
pub(crate) fn schema_dump(database: &Database) -> String {
    let programs = programs();
    let output = Command::new(programs.join("pg_dump"))
        .args(["--schema-only", "--exclude-schema=outgrow", "--dbname", &database.url()])
        .output()
        .unwrap_or_else(|error| panic!("this test needs pg_dump beside the server in {}: {error}", programs.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A program of a cluster's server, to be run as the account that the server runs as.
pub(crate) fn server_program(server: &Disposable, name: &str) -> Command {
    let directory = server.directory().unwrap();
    let command_line = std::fs::read_to_string(directory.join("data/postmaster.opts")).unwrap();
    let program = Path::new(command_line.split(' ').next().unwrap()).parent().unwrap().join(name);
    let owner = std::fs::metadata(directory).unwrap();
    let in_namespace = owner.uid() == 0;
    let mut command = Command::new(if in_namespace { Path::new("unshare") } else { &program });
    if in_namespace {
        command.args(["--user", "--map-user=1000", "--map-group=1000", "--"]).arg(&program);
    } else if rustix::process::geteuid().is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Starts a server again that was killed, or ended by itself.
pub(crate) fn restart(server: &Disposable) {
    let directory = server.directory().unwrap();
    // Nothing of it runs any more; where nobody asks about dead processes, their numbers stay taken.
    for lock in ["data/postmaster.pid", ".s.PGSQL.5432.lock"] {
        std::fs::remove_file(directory.join(lock)).ok();
    }
    let mut command = server_program(server, "pg_ctl");
    command.args(["start", "--wait", "--silent"]).arg("--pgdata").arg(directory.join("data")).arg("--log").arg(directory.join("again.log"));
    assert!(command.status().unwrap().success(), "{}", std::fs::read_to_string(directory.join("again.log")).unwrap_or_default());
}

/// The process id of a cluster's server, for tests that kill it.
pub(crate) fn server_pid(directory: &Path) -> u32 {
    let pid = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    pid.lines().next().unwrap().parse().unwrap()
}

/// Kills a process outright.
pub(crate) fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// Waits for something that another process does; false when it does not come within ten seconds.
pub(crate) fn comes(what: impl Fn() -> bool) -> bool {
    (0..1000).any(|_| {
        let is_there = what();
        if !is_there {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        is_there
    })
}

/// Whether a process runs (a dead one that nobody has asked about does not).
pub(crate) fn runs(pid: u32) -> bool {
    std::fs::read_to_string(PathBuf::from(format!("/proc/{pid}/stat"))).is_ok_and(|stat| !stat.contains(") Z "))
}
