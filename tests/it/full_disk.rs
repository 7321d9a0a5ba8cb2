//! A server whose disk is full: the run stops cleanly, says so, and goes on once there is space.
//!
//! A real file system that is full, which only root may mount: elsewhere these tests say that they did not run.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use outgrow::postgres::Disposable;

use crate::fixture::{Database, comes, in_own_runtime, kill, options, restart, runs, server_pid, started};
use crate::program::{Ended, Program, text};
use crate::target::{ask, ask_one, equal, settle, tell};

/// A file system in memory, of a size, that a server's account may write to; gone when dropped.
struct SmallDisk {
    place: PathBuf,
}

impl SmallDisk {
    /// Mounts it below a server's directory; none where we may not.
    fn below(server: &Disposable, megabytes: u32) -> Option<Self> {
        let directory = server.directory().unwrap();
        let owner = std::fs::metadata(directory).unwrap();
        let place = directory.join("small");
        std::fs::create_dir(&place).unwrap();
        let options = format!("size={megabytes}m,mode=0700,uid={},gid={}", owner.uid(), owner.gid());
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&place).stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self { place })
    }

    fn grow(&self, megabytes: u32) {
        let options = format!("remount,size={megabytes}m");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.place).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that still has files open there is stopped behind.
        Command::new("umount").arg("--lazy").arg(&self.place).status().ok();
    }
}

fn skipped() {
    eprintln!("skipped: no file system can be mounted here, so that none can be filled (needs root and mount)");
}

/// Some 24 MB of rows, and an index of about 18 MB.
fn source(program: &Program) -> PathBuf {
    settle(program, "");
    program.source(
        "app.db",
        "create table t(id integer primary key, a text, b text);
         insert into t with recursive i(i) as (select 1 union all select i + 1 from i where i < 80000)
             select i, hex(randomblob(90)), printf('%060d', i) from i;
         create index t_a on t(a);
         create table small(id integer primary key, t integer references t(id)); insert into small values (1, 7), (2, null);",
    )
}

/// Fails unless the run stopped in the manner that is documented for a full disk.
fn stopped_cleanly(ended: &Ended) {
    assert!(ended.err.contains("No space left on device") && ended.err.contains("SQLSTATE 53100"), "{}", ended.err);
    assert!(ended.err.contains("hint: make space on the server's disk, then run the same command again: it resumes"), "{}", ended.err);
}

#[test]
fn a_full_disk_stops_the_run_which_resumes_once_there_is_space() {
    let program = Program::new();
    let source = source(&program);
    let server = in_own_runtime(async { started(&options()).await });
    let Some(disk) = SmallDisk::below(&server, 12) else { return skipped() };
    let database = Database::within(server.settings(), "full_disk");
    tell(&database, &format!("create tablespace small location '{}'", disk.place.display()));
    tell(&database, &format!("alter database \"{}\" set default_tablespace = small", database.settings().database()));
    let arguments = ["migrate", text(&source), &database.url(), "--jobs", "2"];
    let chunks = || ask(&database, "select source_table, first, last, finished_at from outgrow.chunk order by 1, 2");
    // In the middle of the rows, twice; and in the middle of the index.
    let full = program.run(&arguments).expect(7);
    stopped_cleanly(&full);
    assert!(full.err.contains("load t"), "{}", full.err);
    program.run(&arguments).expect(7);
    let before = chunks();
    disk.grow(32);
    let full = program.run(&arguments).expect(7);
    stopped_cleanly(&full);
    assert!(full.err.contains("t_a"), "{}", full.err);
    assert_eq!(ask_one(&database, "select count(*) from t"), "80000");
    let status = program.run(&["status"]).expect(0);
    assert!(status.out.contains("begun and not finished"), "{}", status.out);
    disk.grow(200);
    let resumed = program.run(&arguments).expect(0);
    assert!(resumed.err.contains("it goes on from that run's snapshot"), "{}", resumed.err);
    equal(&program, &source, &database);
    let after = chunks();
    assert!(before.iter().all(|chunk| after.contains(chunk)), "what was in was loaded again");
    assert_eq!(ask(&database, "select indexrelid::regclass from pg_index where not indisvalid"), Vec::<String>::new());
    drop(database);
    drop(disk);
    in_own_runtime(async { server.stop().await.unwrap() });
}

/// Puts the log of a server on another file system.
fn move_log(server: &Disposable, disk: &Path) {
    let pid = server_pid(server.directory().unwrap());
    kill(pid);
    assert!(comes(|| !runs(pid)));
    let log = server.directory().unwrap().join("data/pg_wal");
    let moved = Command::new("mv").arg(&log).arg(disk.join("pg_wal")).status().unwrap();
    assert!(moved.success());
    std::os::unix::fs::symlink(disk.join("pg_wal"), &log).unwrap();
    restart(server);
}

#[test]
fn a_server_whose_log_has_no_space_goes_away_and_the_run_resumes_once_it_is_back() {
    let program = Program::new();
    let source = source(&program);
    let server = in_own_runtime(async { started(&options()).await });
    let Some(disk) = SmallDisk::below(&server, 40) else { return skipped() };
    move_log(&server, &disk.place);
    let database = Database::within(server.settings(), "full_log");
    let arguments = ["migrate", text(&source), &database.url(), "--reconnect", "0"];
    let lost = program.run(&arguments).expect(7);
    let went_away = ["connection to the server was lost", "No space left on device", "crash of another server process"];
    assert!(went_away.iter().any(|words| lost.err.contains(words)), "{}", lost.err);
    assert!(lost.err.contains("run the same command again"), "{}", lost.err);
    disk.grow(400);
    // It may have come back by itself, when it had cleared its log.
    if !std::fs::exists(server.directory().unwrap().join("data/postmaster.pid")).unwrap() {
        restart(&server);
    }
    let waiting = ["migrate", text(&source), &database.url()];
    assert!(comes(|| program.run(&waiting).code == Some(0)), "{}", program.run(&waiting).err);
    equal(&program, &source, &database);
    drop(database);
    drop(disk);
    in_own_runtime(async { server.stop().await.unwrap() });
}
