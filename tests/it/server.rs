//! The disposable server: every account, every way to end, nothing left behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use outgrow::error::ErrorKind;
use outgrow::postgres::{Disposable, Notice, Session};

use crate::fixture::{comes, kill, options, runs, server_pid, started};

async fn answer(server: &Disposable) -> String {
    let session = Session::connect(server.settings()).await.unwrap();
    let row = session.client().query_one("select current_setting('wal_level') || ' ' || current_setting('server_encoding')", &[]).await;
    row.unwrap().get(0)
}

#[tokio::test]
async fn it_starts_answers_and_leaves_nothing() {
    let mut notices = Vec::new();
    let server = Disposable::start(&options(), &mut |notice| notices.push(notice)).await.unwrap();
    assert_eq!(answer(&server).await, "logical UTF8");
    assert!(server.describe().starts_with("PostgreSQL ") && server.describe().contains(", disposable, from /"), "{}", server.describe());
    assert_eq!(notices.last(), Some(&Notice::Taken { server: server.describe() }));
    let (directory, pid) = (server.directory().unwrap().to_owned(), server_pid(server.directory().unwrap()));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&directory).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
    server.stop().await.unwrap();
    assert!(!directory.exists() && !runs(pid));
}

#[tokio::test]
async fn a_dropped_one_ends_by_itself() {
    let server = started(&options()).await;
    let (directory, pid) = (server.directory().unwrap().to_owned(), server_pid(server.directory().unwrap()));
    drop(server);
    assert!(comes(|| !directory.exists() && !runs(pid)));
}

#[tokio::test]
async fn a_kept_one_stays_and_its_command_ends_it() {
    let server = started(&options()).await;
    let (directory, pid) = (server.directory().unwrap().to_owned(), server_pid(server.directory().unwrap()));
    let kept = server.keep().await.unwrap();
    assert!(Session::connect(&kept.settings).await.is_ok() && runs(pid));
    assert!(Command::new("sh").args(["-c", &kept.stop]).status().unwrap().success());
    assert!(comes(|| !directory.exists() && !runs(pid)));
}

#[tokio::test]
async fn a_named_server_lends_a_scratch_database() {
    let server = started(&options()).await;
    let mut named = options();
    named.target = Some(server.settings().clone());
    let databases = async || {
        let session = Session::connect(server.settings()).await.unwrap();
        let row = session.client().query_one("select count(*) from pg_database where datname like 'outgrow\\_rehearsal\\_%'", &[]).await;
        row.unwrap().get::<_, i64>(0)
    };
    let scratch = Disposable::start(&named, &mut |_| {}).await.unwrap();
    assert!(scratch.settings().database().starts_with("outgrow_rehearsal_"));
    let session = Session::connect(scratch.settings()).await.unwrap();
    assert_eq!(databases().await, 1);
    // A session that is still there must not keep it from going.
    scratch.stop().await.unwrap();
    assert_eq!(databases().await, 0);
    assert!(session.client().batch_execute("select 1").await.is_err());
    let kept = Disposable::start(&named, &mut |_| {}).await.unwrap().keep().await.unwrap();
    assert_eq!(databases().await, 1);
    let session = Session::connect(server.settings()).await.unwrap();
    session.client().batch_execute(&kept.stop).await.unwrap();
    assert_eq!(databases().await, 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn without_binaries_and_without_fetching_it_says_what_to_install() {
    let mut bare = options();
    let empty = tempfile::tempdir().unwrap();
    (bare.search_path, bare.usual_places, bare.fetch, bare.cache) = (None, false, false, Some(empty.path().to_owned()));
    let error = Disposable::start(&bare, &mut |_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoServer);
    assert!(error.hints().any(|hint| hint.contains("apt install postgresql")));
}

#[tokio::test]
async fn a_base_that_can_not_be_used_is_passed_over() {
    let deep = tempfile::Builder::new().prefix(&"x".repeat(100)).tempdir_in("/var/tmp").unwrap();
    let mut odd = options();
    odd.bases = vec![PathBuf::from("/proc"), PathBuf::from("/nonexistent"), deep.path().to_owned(), PathBuf::from("/var/tmp")];
    let server = started(&odd).await;
    assert_eq!(server.directory().unwrap().parent(), Some(Path::new("/var/tmp")));
    server.stop().await.unwrap();
    odd.bases.pop();
    let error = Disposable::start(&odd, &mut |_| {}).await.unwrap_err();
    assert!(error.detail().contains("/nonexistent"), "{error}");
}

#[tokio::test]
async fn binaries_that_do_not_work_are_passed_over() {
    let broken = tempfile::Builder::new().permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755)).tempdir_in("/var/tmp").unwrap();
    for name in ["postgres", "initdb", "pg_ctl"] {
        let script = if name == "postgres" {
            "#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\n"
        } else {
            "#!/bin/sh\necho 'error: no good' >&2; exit 1\n"
        };
        std::fs::write(broken.path().join(name), script).unwrap();
        std::fs::set_permissions(broken.path().join(name), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let mut odd = options();
    odd.search_path = Some(broken.path().into());
    let base = tempfile::tempdir_in("/var/tmp").unwrap();
    std::fs::set_permissions(base.path(), std::os::unix::fs::PermissionsExt::from_mode(0o1777)).unwrap();
    odd.bases = vec![base.path().to_owned()];
    let mut notices = Vec::new();
    let server = Disposable::start(&odd, &mut |notice| notices.push(notice)).await.unwrap();
    assert!(matches!(&notices[0], Notice::PassedOver { reason } if reason.contains("no good")), "{notices:?}");
    server.stop().await.unwrap();
    assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 0);
}

/// Not a test: the process that another test kills. It says where its server is, then waits.
#[tokio::test]
#[ignore = "started by the tests that kill it"]
async fn holder() {
    use std::io::Write;

    if std::env::var_os("OUTGROW_TEST_HOLD").is_some() {
        let server = started(&options()).await;
        writeln!(std::io::stdout(), "\nheld: {}", server.directory().unwrap().display()).unwrap();
        std::thread::sleep(std::time::Duration::from_mins(2));
    }
}

/// Starts `holder`, kills it outright, and sees that nothing of its server is left.
fn dies_with(mut command: Command) {
    use std::io::{BufRead, BufReader};

    command.args(["--exact", "server::holder", "--ignored", "--nocapture"]).env("OUTGROW_TEST_HOLD", "1");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let directory = lines.find_map(|line| line.unwrap().strip_prefix("held: ").map(PathBuf::from)).unwrap();
    let pid = server_pid(&directory);
    assert!(runs(pid) && directory.exists());
    kill(child.id());
    child.wait().unwrap();
    assert!(comes(|| !runs(pid) && !directory.exists()), "{} is left", directory.display());
}

#[test]
fn it_dies_with_a_killed_process() {
    dies_with(Command::new(std::env::current_exe().unwrap()));
}

/// As root we can become someone ordinary; an ordinary user proves it by every other test.
#[test]
fn it_serves_an_ordinary_user() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let place = tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o755)).tempdir_in("/var/tmp").unwrap();
    let program = place.path().join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(program);
    if rustix::process::geteuid().is_root() {
        // Who has a home of its own, where binaries may have to be fetched to.
        let home = place.path().join("home");
        std::fs::create_dir(&home).unwrap();
        std::os::unix::fs::chown(&home, Some(65534), Some(65534)).unwrap();
        command.uid(65534).gid(65534).env("HOME", home).env_remove("XDG_CACHE_HOME");
    }
    command.current_dir("/");
    dies_with(command);
}

/// What only root meets: an account that is not there leaves the user namespace.
#[tokio::test]
async fn every_base_that_only_we_may_enter_is_served_by_a_user_namespace() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let own = tempfile::Builder::new().permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700)).tempdir_in("/var/tmp").unwrap();
    let mut private = options();
    private.bases = vec![own.path().to_owned()];
    match Disposable::start(&private, &mut |_| {}).await {
        Ok(server) => {
            assert_eq!(answer(&server).await, "logical UTF8");
            server.stop().await.unwrap();
            assert_eq!(std::fs::read_dir(own.path()).unwrap().count(), 0);
        }
        // A kernel or container may forbid user namespaces; then the refusal must say so.
        Err(error) => assert!(error.detail().contains("a user namespace"), "{error}"),
    }
}

/// Downloads about 17 MB where the package client is apt-get; a second or two on an ordinary line.
#[tokio::test]
async fn without_binaries_one_is_fetched_once() {
    let cache = tempfile::Builder::new().permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755)).tempdir_in("/var/tmp").unwrap();
    let mut bare = options();
    (bare.search_path, bare.usual_places, bare.fetch, bare.cache) = (None, false, true, Some(cache.path().join("deep/er")));
    for fetches in [1, 0] {
        let mut notices = Vec::new();
        let server = Disposable::start(&bare, &mut |notice| notices.push(notice)).await.unwrap();
        let fetching: Vec<_> =
            notices.iter().filter(|notice| matches!(notice, Notice::Fetching { what } if what.contains(" MB"))).collect();
        assert_eq!(fetching.len(), fetches, "{notices:?}");
        assert!(server.describe().contains(cache.path().to_str().unwrap()), "{}", server.describe());
        assert_eq!(answer(&server).await, "logical UTF8");
        server.stop().await.unwrap();
        bare.fetch = fetches == 0;
    }
    // Root's own cache is closed to the account that must run the server.
    std::fs::set_permissions(cache.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let server = started(&bare).await;
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(server.directory().unwrap()).unwrap());
    assert_ne!(owner, 0);
    assert_eq!(answer(&server).await, "logical UTF8");
    let directory = server.directory().unwrap().to_owned();
    server.stop().await.unwrap();
    assert!(!directory.exists());
    // The cache holds one complete server and no half of one.
    assert_eq!(std::fs::read_dir(cache.path().join("deep/er")).unwrap().count(), 1);
}
