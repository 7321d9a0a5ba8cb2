//! `--max-lag` beside a real replica.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use outgrow::postgres::{ConnectionSettings, Disposable, Session};

use crate::fixture::{Database, comes, in_own_runtime, options, server_program, started};
use crate::program::{Program, text};
use crate::target::{ask_one, equal, settle};

const PORT: u16 = 5433;

/// A streaming replica of a server, in its directory and on its socket's; ends when dropped.
struct Replica<'a> {
    primary: &'a Disposable,
}

impl<'a> Replica<'a> {
    fn of(primary: &'a Disposable) -> Self {
        let directory = primary.directory().unwrap();
        let mut copy = server_program(primary, "pg_basebackup");
        copy.args(["--checkpoint=fast", "--no-sync", "--write-recovery-conf", "--username=postgres"]);
        copy.arg("--host").arg(directory).arg("--pgdata").arg(directory.join("replica"));
        assert!(copy.status().unwrap().success(), "these tests need pg_basebackup beside the server");
        let replica = Self { primary };
        // It says more often than usual how far it is, so that nobody has to wait for that.
        let settings = format!("-c port={PORT} -c wal_receiver_status_interval=1s");
        let mut start = replica.control("start");
        start.args(["--wait", "--options", &settings, "--log"]).arg(directory.join("replica.log"));
        assert!(start.status().unwrap().success(), "{}", std::fs::read_to_string(directory.join("replica.log")).unwrap_or_default());
        replica
    }

    fn control(&self, order: &str) -> std::process::Command {
        let mut command = server_program(self.primary, "pg_ctl");
        command.args([order, "--silent", "--pgdata"]).arg(self.primary.directory().unwrap().join("replica"));
        command
    }

    fn ask(&self, sql: &str) -> String {
        let place = format!("host={} port={PORT} user=postgres dbname=postgres", self.primary.directory().unwrap().display());
        let settings = ConnectionSettings::resolve(Some(&place), &|_| None).unwrap();
        in_own_runtime(async {
            let session = Session::connect(&settings).await.unwrap();
            session.client().query_one(&format!("select ({sql})::text"), &[]).await.unwrap().get::<_, Option<String>>(0).unwrap_or_default()
        })
    }
}

impl Drop for Replica<'_> {
    fn drop(&mut self) {
        self.control("stop").args(["--wait", "--mode=immediate"]).status().ok();
    }
}

/// The lines that a run says, until one of them holds this.
fn says(lines: &mut impl Iterator<Item = String>, awaited: &str) -> String {
    let mut said = Vec::new();
    for line in lines {
        said.push(line);
        if said.last().is_some_and(|line| line.contains(awaited)) {
            return said.join("\n");
        }
    }
    panic!("it never said `{awaited}`:\n{}", said.join("\n"))
}

fn said_by(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap)
}

#[test]
fn a_load_waits_for_a_replica_that_is_behind() {
    let program = Program::new();
    let source = program.source(
        "lag.db",
        "create table t(id integer primary key, b blob);
         insert into t with recursive i(i) as (select 1 union all select i + 1 from i where i < 2000) select i, randomblob(10000) from i;
         create index t_b on t(substr(b, 1, 20));",
    );
    settle(&program, "");
    let server = in_own_runtime(async { started(&options()).await });
    let database = Database::within(server.settings(), "lag");
    let replica = Replica::of(&server);
    // Slowly enough for the replica to fall behind in the middle.
    let arguments = ["migrate", text(&source), &database.url(), "--max-lag", "1", "--rate-limit", "4MB"];
    assert!(comes(|| ask_one(&database, "select count(*) from pg_stat_replication where state = 'streaming'") == "1"));
    replica.ask("select pg_wal_replay_pause()");
    let mut child = program.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = said_by(&mut child);
    says(&mut lines, "seconds behind: the load waits for it");
    // What was on its way when it stopped arrives; then nothing more does.
    std::thread::sleep(Duration::from_millis(500));
    let arrived = "select coalesce((select sum(bytes_processed) from pg_stat_progress_copy), 0) || ' ' || \
                   (select count(*) from outgrow.chunk)";
    let before = ask_one(&database, arrived);
    assert!(before != "0 0", "nothing was loaded at all");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(ask_one(&database, arrived), before, "the load did not wait");
    replica.ask("select pg_wal_replay_resume()");
    says(&mut lines, "the replicas have caught up: the load goes on");
    lines.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    equal(&program, &source, &database);
    let moved = ask_one(&database, "select pg_current_wal_lsn()");
    assert!(comes(|| replica.ask(&format!("select pg_last_wal_replay_lsn() >= '{moved}'")) == "true"));
    drop(replica);
    drop(database);
    in_own_runtime(async { server.stop().await.unwrap() });
}

#[test]
fn without_a_replica_that_is_said() {
    let program = Program::new();
    let source = program.source("alone.db", "create table t(id integer primary key, s text); insert into t values (1, 'a');");
    let server = in_own_runtime(async { started(&options()).await });
    let database = Database::within(server.settings(), "lag_alone");
    let ended = program.run(&["migrate", text(&source), &database.url(), "--max-lag", "1"]).expect(0);
    assert!(ended.err.contains("no replica is connected to the target"), "{}", ended.err);
    equal(&program, &source, &database);
    drop(database);
    in_own_runtime(async { server.stop().await.unwrap() });
}
