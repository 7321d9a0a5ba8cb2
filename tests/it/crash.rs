//! Killed at any instant, run again: the move ends whole, and nothing is there twice.
//!
//! `OUTGROW_CRASH_SEED` repeats the instants of a failed run, `OUTGROW_CRASH_KILLS` says how many there are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use outgrow::postgres::Disposable;
use rustix::process::{Pid, Signal, kill_process};

use crate::fixture::{Database, comes, environment, in_own_runtime, kill, options, restart, runs, server_pid, started};
use crate::program::{Program, ended, text};
use crate::target::{ask, ask_one, equal, settle, tell};

/// Every failpoint of the program. The passes are chosen so that the last comes late in the move of [`SMALL`].
const FAILPOINTS: &[(&str, [u32; 3])] = &[
    ("copy.chunk.sent", [1, 2, 3]),
    ("copy.chunk.noted", [1, 2, 3]),
    ("copy.chunk.committed", [1, 2, 3]),
    ("step.intended", [1, 2, 15]),
    ("step.done", [1, 2, 5]),
    ("step.committed", [1, 2, 5]),
    ("step.journaled", [1, 2, 15]),
];

/// Those of migrations: tests/it/migrations.rs passes them.
const OF_MIGRATIONS: [&str; 3] = ["migration.started", "migration.done", "migration.committed"];

/// Those of a freeze: tests/it/sqlite/freeze.rs passes them.
const OF_FREEZES: [&str; 4] = ["freeze.made", "freeze.committed", "thaw.made", "thaw.committed"];

/// Those of switches: tests/it/switch.rs passes them.
const OF_SWITCHES: [&str; 4] = ["switch.kept", "switch.drafted", "switch.written", "switch.reverted"];

/// Those of backups: tests/it/backup.rs and those below it pass them.
const OF_BACKUPS: [&str; 9] = [
    "backup.copied",
    "backup.dumped",
    "backup.written",
    "backup.named",
    "backup.published",
    "backup.removed",
    "restore.unpacked",
    "restore.kept",
    "restore.cleared",
];

/// Those of a cutover and a rollback: tests/it/cutover.rs passes them.
const OF_COURSES: [&str; 3] = ["runbook.intended", "runbook.acted", "runbook.recorded"];

const SMALL: &str = "
    create table author(id integer primary key autoincrement, name text unique);
    insert into author values(1, 'a'), (2, 'b' || char(0)), (9, null); delete from author where id = 9;
    create table book(id integer primary key, author integer references author(id), title text not null default '', pages integer check(pages > 0));
    insert into book values(1, 1, 'x', 10), (2, 2, '', 1), (5, null, 'z', null);
    create index book_author on book(author);
    create table loose(a text, b); insert into loose values('s', 1), ('s', 1), (null, x'00');
    create view titles as select title from book;";

#[test]
fn the_list_of_failpoints_is_whole() {
    let mut found = BTreeSet::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let source = std::fs::read_to_string(path).unwrap();
            let names = source.split("failpoint::pass(\"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(names.map(ToOwned::to_owned));
        }
    }
    let elsewhere = [&OF_MIGRATIONS[..], &OF_FREEZES, &OF_SWITCHES, &OF_BACKUPS, &OF_COURSES].concat();
    let listed: BTreeSet<String> = FAILPOINTS.iter().map(|(name, _)| *name).chain(elsewhere).map(str::to_owned).collect();
    assert_eq!(found, listed);
}

#[test]
fn it_resumes_from_every_failpoint() {
    let program = Program::new();
    let source = program.source("app.db", SMALL);
    settle(&program, "");
    for (name, passes) in FAILPOINTS {
        let database = Database::new("crash_failpoint");
        // All in one move: each resumed run dies at its own pass.
        for pass in passes {
            let point = format!("{name}:{pass}");
            let died = program.run_to(&point, &["migrate", text(&source), &database.url()]);
            let ended = died.code == Some(0) && *pass > 1;
            assert!(died.code.is_none() || ended, "{point}: {:?}\n{}", died.code, died.err);
        }
        program.run(&["migrate", text(&source), &database.url()]).expect(0);
        equal(&program, &source, &database);
        // And each pass in a move of its own.
        for pass in &passes[1..] {
            let database = Database::new("crash_failpoint");
            let point = format!("{name}:{pass}");
            let died = program.run_to(&point, &["migrate", text(&source), &database.url()]);
            assert_eq!(died.code, None, "{point} was not reached\n{}", died.err);
            program.run(&["migrate", text(&source), &database.url()]).expect(0);
            equal(&program, &source, &database);
            assert_eq!(ask_one(&database, "select count(*) from loose"), "3");
        }
    }
}

#[test]
fn a_failure_at_a_failpoint_can_be_resumed_too() {
    let (program, database) = (Program::new(), Database::new("crash_error"));
    let source = program.source("app.db", SMALL);
    settle(&program, "");
    for (name, _) in FAILPOINTS {
        let ended = program.run_to(&format!("{name}=error"), &["migrate", text(&source), &database.url()]);
        assert!(matches!(ended.code, Some(8 | 0)), "{name}: {:?}\n{}", ended.code, ended.err);
    }
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    equal(&program, &source, &database);
}

/// A file of some 250,000 rows, one table of which needs more than one chunk.
fn large(program: &Program) -> PathBuf {
    program.source(
        "large.db",
        "create table many(id integer primary key, n integer, s text);
         insert into many with recursive i(i) as (select 1 union all select i + 1 from i where i < 210000)
             select i, i * 7919 % 100003, 'row ' || i from i;
         create index many_n on many(n);
         create table loose(a integer, b text);
         insert into loose with recursive i(i) as (select 1 union all select i + 1 from i where i < 20000) select i % 50, 'x' from i;
         create table child(id integer primary key autoincrement, many integer references many(id), t text);
         insert into child with recursive i(i) as (select 1 union all select i + 1 from i where i < 20000)
             select i, i, case when i % 1000 = 0 then 'nul' || char(0) else 'text' end from i;
         create index child_many on child(many);
         create view recent as select id from many where n < 10;",
    )
}

/// Numbers without a pattern, always the same for a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }
}

/// Waits for a child, and kills it outright at this instant unless it has ended by then.
fn kill_after(mut child: Child, delay: Duration) -> Option<i32> {
    let began = Instant::now();
    while began.elapsed() < delay {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    kill(child.id());
    child.wait().unwrap().code()
}

#[test]
fn killed_at_random_instants_it_resumes_and_nothing_is_there_twice() {
    let program = Program::new();
    let source = large(&program);
    settle(&program, "");
    let kills: u32 = environment("OUTGROW_CRASH_KILLS").map_or(50, |kills| kills.parse().unwrap());
    let seed =
        environment("OUTGROW_CRASH_SEED").map_or_else(|| u64::from(std::process::id()) * 2_654_435_761 + 1, |seed| seed.parse().unwrap());
    let mut dice = Dice(seed);
    let whole = {
        let database = Database::new("crash_measured");
        let began = Instant::now();
        program.run(&["migrate", text(&source), &database.url()]).expect(0);
        began.elapsed()
    };
    let (mut killed, mut moves) = (0, 0);
    while killed < kills {
        let database = Database::new("crash_random");
        moves += 1;
        loop {
            let delay = Duration::from_micros(dice.below(u64::try_from(whole.as_micros()).unwrap()));
            let delay = if killed < kills { delay } else { Duration::from_mins(5) };
            match kill_after(program.start(&["migrate", text(&source), &database.url()]), delay) {
                None => killed += 1,
                Some(0) => break,
                Some(code) => panic!("exit code {code} with seed {seed} after {killed} kills"),
            }
        }
        equal(&program, &source, &database);
        let counts = "select (select count(*) from many), (select count(*) from loose), (select count(*) from child), (select count(*) from outgrow.quarantine)";
        assert_eq!(ask_one(&database, counts), "210000|20000|20000|20", "seed {seed}");
        assert_eq!(ask_one(&database, "select count(*) from pg_index where not indisvalid"), "0", "seed {seed}");
        assert_eq!(
            ask_one(&database, "select count(*) from pg_constraint where conrelid = 'child'::regclass and contype = 'f' and convalidated"),
            "1",
            "seed {seed}"
        );
    }
    assert!(moves > 0);
}

/// Whether something is loaded already, but not all of it.
fn begun(database: &Database) -> bool {
    ask_one(database, "select to_regclass('outgrow.step') is not null") == "t"
        && ask_one(database, "select count(*) > 0 from outgrow.step") == "t"
}

#[test]
fn a_signal_stops_it_and_it_resumes() {
    let program = Program::new();
    let source = large(&program);
    settle(&program, "");
    for signal in [Signal::INT, Signal::TERM] {
        let database = Database::new("crash_signal");
        let arguments = ["migrate", text(&source), &database.url()];
        let child = program.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        assert!(comes(|| begun(&database)));
        kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
        let ended = ended(child.wait_with_output().unwrap()).expect(8);
        assert!(ended.err.contains("a signal stopped the run") && ended.err.contains("hint: run the same command again"), "{}", ended.err);
        let status = program.run(&["status"]).expect(0);
        assert!(status.out.contains("begun and not finished"), "{}", status.out);
        program.run(&arguments).expect(0);
        equal(&program, &source, &database);
        let status = program.run(&["status"]).expect(0);
        assert!(!status.out.contains("not finished"), "{}", status.out);
    }
}

#[test]
fn one_run_at_a_time() {
    let program = Program::new();
    let source = large(&program);
    settle(&program, "");
    let database = Database::new("crash_two");
    let arguments = ["migrate", text(&source), &database.url()];
    // A session of ours that holds rows of the ledger back keeps the first run going for as long as we like.
    let first = program.start(&arguments);
    assert!(comes(|| begun(&database)));
    kill_process(Pid::from_raw(i32::try_from(first.id()).unwrap()).unwrap(), Signal::STOP).unwrap();
    let same_directory = program.run(&arguments).expect(9);
    assert!(same_directory.err.contains("another run of outgrow holds it"), "{}", same_directory.err);
    let same_target = program.run(&[&arguments[..], &["--work-dir", "elsewhere"]].concat()).expect(9);
    assert!(same_target.err.contains("another run of outgrow works on this database"), "{}", same_target.err);
    for ended in [same_directory, same_target] {
        assert!(ended.err.contains("hint: wait until the other run ends"), "{}", ended.err);
    }
    kill_process(Pid::from_raw(i32::try_from(first.id()).unwrap()).unwrap(), Signal::CONT).unwrap();
    assert_eq!(kill_after(first, Duration::from_mins(5)), Some(0));
    equal(&program, &source, &database);
}

#[test]
fn a_server_that_is_killed_mid_load_costs_nothing_but_time() {
    let program = Program::new();
    let source = large(&program);
    settle(&program, "");
    let server = in_own_runtime(async { started(&options()).await });
    let database = Database::within(server.settings(), "crash_server");
    let arguments = ["migrate", text(&source), &database.url()];
    let impatient = [&arguments[..], &["--reconnect", "0"]].concat();
    let child = program.command(&impatient).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    kill_while_loading(&server, &database);
    let lost = ended(child.wait_with_output().unwrap()).expect(7);
    assert!(
        lost.err.contains("connection to the server was lost") && lost.err.contains("hint: run the same command again"),
        "{}",
        lost.err
    );
    // While it is down, it is said to be down.
    program.run(&arguments).expect(7);
    restart(&server);
    // Who waits for it needs no second run.
    let child = program.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    kill_while_loading(&server, &database);
    restart(&server);
    let waited = ended(child.wait_with_output().unwrap()).expect(0);
    assert!(waited.err.contains("trying again") && waited.err.contains("the load goes on"), "{}", waited.err);
    equal(&program, &source, &database);
    drop(database);
    in_own_runtime(async { server.stop().await.unwrap() });
}

/// Waits for rows to be on their way, and kills the server with all of its processes.
fn kill_while_loading(server: &Disposable, database: &Database) {
    assert!(comes(|| ask_one(database, "select count(*) > 0 from pg_stat_progress_copy") == "t"));
    let pid = server_pid(server.directory().unwrap());
    let backends: Vec<u32> = ask(database, "select pid from pg_stat_activity").iter().map(|pid| pid.parse().unwrap()).collect();
    kill(pid);
    for backend in &backends {
        // Some have gone with their session or their server already.
        kill_process(Pid::from_raw(i32::try_from(*backend).unwrap()).unwrap(), Signal::KILL).ok();
    }
    assert!(comes(|| !runs(pid) && backends.iter().all(|pid| !runs(*pid))));
}

#[test]
fn backends_that_are_ended_again_and_again_cost_nothing_but_time() {
    let program = Program::new();
    let source = large(&program);
    settle(&program, "");
    let database = Database::new("crash_backends");
    let name = database.settings().database();
    let others = format!("from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid()");
    // Slowly enough for four of them.
    let arguments = ["migrate", text(&source), &database.url(), "--rate-limit", "1MB", "--jobs", "3"];
    let child = program.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..4 {
        assert!(comes(|| ask_one(&database, "select count(*) > 0 from pg_stat_progress_copy") == "t"));
        tell(&database, &format!("select pg_terminate_backend(pid) {others}"));
    }
    let ended = ended(child.wait_with_output().unwrap()).expect(0);
    assert!(ended.err.contains("trying again") && ended.err.contains("the load goes on"), "{}", ended.err);
    equal(&program, &source, &database);
}
