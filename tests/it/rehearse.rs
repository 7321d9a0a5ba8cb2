//! A rehearsal leaves nothing behind, and the application's own tests can log in to what it made.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use crate::fixture::{Database, comes, in_own_runtime, options, runs, started};
use crate::program::{Program, ended, text};
use crate::target::{ask, tell};

const SOURCE: &str = "create table t(id integer primary key, v text); insert into t(v) values ('a'), ('b')";

fn scratch_databases(database: &Database) -> Vec<String> {
    ask(database, "select datname from pg_database where datname like 'outgrow\\_rehearsal\\_%'")
}

/// The process id that a command wrote, once it is there.
fn written_pid(path: &Path) -> u32 {
    let pid = || std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok());
    assert!(comes(|| pid().is_some()), "{} was not written", path.display());
    pid().unwrap()
}

#[test]
fn a_signal_takes_the_scratch_database_and_the_tests_with_it() {
    let server = in_own_runtime(async { started(&options()).await });
    let database = Database::within(server.settings(), "rehearse_signal");
    for signal in [Signal::TERM, Signal::INT] {
        let program = Program::new();
        let source = program.source("app.db", SOURCE);
        // In the background, so that it is the shell's child and not the shell itself.
        let command = "sleep 60 & echo $! > pid; wait";
        let mut child = program.start(&["rehearse", text(&source), "--target", &database.url(), "--run", command]);
        let sleeper = written_pid(&program.path("pid"));
        assert!(runs(sleeper));
        assert_eq!(scratch_databases(&database).len(), 1);
        kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(8));
        assert_eq!(scratch_databases(&database), Vec::<String>::new());
        assert!(comes(|| !runs(sleeper)), "the application's tests go on");
    }
    drop(database);
    in_own_runtime(async { server.stop().await.unwrap() });
}

#[test]
fn at_the_timeout_all_that_the_tests_started_ends() {
    let (program, database) = (Program::new(), Database::new("rehearse_timeout"));
    let source = program.source("app.db", SOURCE);
    let command = "sleep 60 & echo $! > pid; wait";
    program.run(&["rehearse", text(&source), "--target", &database.url(), "--run", command, "--run-timeout", "1"]).expect(4);
    let sleeper = written_pid(&program.path("pid"));
    assert!(comes(|| !runs(sleeper)), "the application's tests go on");
}

#[test]
fn the_tests_can_log_in_wherever_the_password_came_from() {
    let mut guarded = options();
    guarded.server_hba = Some("local all guarded scram-sha-256\nlocal all all trust\n".to_owned());
    let server = in_own_runtime(async { started(&guarded).await });
    let database = Database::within(server.settings(), "rehearse_password");
    tell(&database, "create role guarded login createdb password 'r1ght @:/'");
    let program = Program::new();
    let source = program.source("app.db", SOURCE);
    let passfile = program.path("passfile");
    // For the server's own database alone: the scratch database has a name that no password file holds.
    std::fs::write(&passfile, format!("*:*:{}:guarded:r1ght @\\:/\n", database.settings().database())).unwrap();
    std::fs::set_permissions(&passfile, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();

    let bare = database.url().replace("postgres@", "guarded@");
    let by_url = database.url().replace("postgres@", "guarded:r1ght%20%40%3A%2F@");
    // The product is a client like any other; that the variables are enough by themselves shows without a URL's help.
    let logs_in = format!(
        "'{}' check \"$DATABASE_URL\" && test \"$PGOPTIONS\" = '-c geqo=off' && test -z \"${{PGSERVICE+set}}\"",
        env!("CARGO_BIN_EXE_outgrow")
    );
    for (url, variables) in [(&by_url, &[][..]), (&bare, &[("PGPASSFILE", text(&passfile))]), (&bare, &[("PGPASSWORD", "r1ght @:/")])] {
        let mut command = program.command(&["rehearse", text(&source), "--target", url, "--run", &logs_in]);
        command.env("PGOPTIONS", "-c geqo=off").envs(variables.iter().copied());
        let ended = ended(command.output().unwrap()).expect(0);
        assert!(!ended.out.contains("r1ght") && !ended.err.contains("r1ght"), "{}\n{}", ended.out, ended.err);
    }
    drop(database);
    in_own_runtime(async { server.stop().await.unwrap() });
}
