//! What goes wrong in the middle of a move, for real: the application is up on SQLite behind it, and nothing is lost.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use outgrow::postgres::Disposable;

use super::scene::Scene;
use crate::fixture::{Database, comes, in_own_runtime, kill, options, restart, runs, server_pid, started};
use crate::notify::sinks::Sink;
use crate::program::{Ended, ended};
use crate::target::{ask, ask_one};

/// The application is where it was, with all that it was told is written, and writes on.
fn is_as_before(scene: &Scene, environment: &str) {
    assert_eq!((scene.side().as_str(), scene.environment_file().as_str()), ("sqlite", environment));
    scene.nothing_is_lost();
    scene.write("as before");
    scene.nothing_is_lost();
}

fn taken_back(ended: &Ended, step: &str) {
    let told = format!("failed at {step} and taken back: the application is on SQLite again");
    assert!(ended.out.contains(&told) || ended.err.contains(&told), "\n{}\n{}", ended.out, ended.err);
}

#[test]
fn a_difference_in_the_target_takes_it_back() {
    let scene = Scene::new("cutover_differs", "[rollback]\ntarget = \"rename\"\n[sql]\nafter-data = [\"differs.sql\"]\n");
    // The rehearsal's database has another name, so that it finds nothing.
    let sql = "update users set name = 'somebody else' where id = 7 and current_database() like 'cutover_differs%';";
    fs::write(scene.path("differs.sql"), sql).unwrap();
    let before = scene.environment_file();
    scene.rehearsed();
    let failed = scene.cutover(&[]).expect(4);
    taken_back(&failed, "migrate");
    is_as_before(&scene, &before);
    // What was loaded is set aside, to be looked into, and the next one has room.
    fs::write(scene.path("differs.sql"), "select 1;").unwrap();
    scene.rehearsed();
    scene.cutover(&[]).expect(0);
    assert_eq!(scene.side(), "pgsql");
    scene.nothing_is_lost();
}

#[test]
fn a_budget_that_is_used_up_takes_it_back() {
    let scene = Scene::new("cutover_budget", "[cutover]\nbudget = \"1ms\"\n");
    let before = scene.environment_file();
    scene.rehearsed();
    let failed = scene.cutover(&[]).expect(3);
    assert!(failed.out.contains("[cutover] budget"), "{}", failed.out);
    taken_back(&failed, "stop:1");
    is_as_before(&scene, &before);
}

#[test]
fn a_webhook_that_hangs_is_reported_and_stops_nothing() {
    let sink = Sink::hanging();
    let channel = format!(
        "[[notices.channel]]\nname = \"ops\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{}/\"\ntimeout = \"200ms\"\n",
        sink.port
    );
    let scene = Scene::new("cutover_webhook", &channel);
    scene.rehearsed();
    let moved = scene.cutover(&[]).expect(0);
    assert_eq!(moved.out.matches("1 of 1 channels did not take it: ops").count(), 2, "{}", moved.out);
    assert_eq!(scene.side(), "pgsql");
    scene.nothing_is_lost();
}

/// Kills a server with all of its processes.
fn killed(server: &Disposable, database: &Database) {
    let pid = server_pid(server.directory().unwrap());
    let backends: Vec<u32> = ask(database, "select pid from pg_stat_activity").iter().map(|pid| pid.parse().unwrap()).collect();
    kill(pid);
    assert!(comes(|| !runs(pid) && backends.iter().all(|pid| !runs(*pid))));
}

/// Some 20 MB more, for a load that takes its time.
const MUCH: &str = "create table many(id integer primary key, s text);
    insert into many with recursive i(i) as (select 1 union all select i + 1 from i where i < 200000) select i, hex(randomblob(40)) from i;";

#[test]
fn a_server_that_goes_away_mid_load_takes_it_back() {
    let server = in_own_runtime(async { started(&options()).await });
    let scene = Scene::on("cutover_server", Some(server.settings()), MUCH, "");
    let before = scene.environment_file();
    scene.rehearsed();
    let child = scene.cutover_begun(&["--reconnect", "1", "--rate-limit", "4MB"]);
    // The gates come first, which take their time on a busy machine.
    let loads = || ask_one(scene.database(), "select count(*) > 0 from pg_stat_progress_copy") == "t";
    assert!((0..12).any(|_| comes(loads)));
    killed(&server, scene.database());
    let lost = ended(child.wait_with_output().unwrap()).expect(7);
    taken_back(&lost, "migrate");
    is_as_before(&scene, &before);
    restart(&server);
    // What was loaded by then stands in nobody's way.
    scene.run(&["check", &scene.database().url()]).expect(0);
    scene.cutover(&[]).expect(0);
    assert_eq!(scene.side(), "pgsql");
    scene.nothing_is_lost();
    drop(scene);
    in_own_runtime(async { server.stop().await.unwrap() });
}

#[test]
fn the_way_back_without_postgresql_has_to_be_asked_for() {
    let server = in_own_runtime(async { started(&options()).await });
    let scene = Scene::on("cutover_gone", Some(server.settings()), "", "[rollback]\ntarget = \"keep\"\n");
    let before = scene.environment_file();
    scene.rehearsed();
    scene.cutover(&[]).expect(0);
    scene.write("on the target");
    killed(&server, scene.database());
    let switched = scene.environment_file();
    let record = fs::read_to_string(scene.path(".outgrow/runbook.json")).unwrap();
    let pid = fs::read_to_string(scene.path("app.pid")).unwrap();
    let refused = scene.rollback(&[]).expect(7);
    assert!(refused.err.contains("--leave-target"), "\n{}\n{}", refused.out, refused.err);
    // Nothing is worse than it was: the application was not stopped, and finds its server again when that comes back.
    assert_eq!(fs::read_to_string(scene.path("app.pid")).unwrap(), pid);
    assert_eq!((scene.environment_file(), fs::read_to_string(scene.path(".outgrow/runbook.json")).unwrap()), (switched, record));

    scene.rollback(&["--leave-target", "--reason", "its disk is broken"]).expect(0);
    assert_eq!((scene.side(), scene.environment_file()), ("sqlite".to_owned(), before));
    scene.write("as before");
    // What was written there is there still, once the server is back.
    restart(&server);
    let acknowledged = fs::read_to_string(scene.path("acknowledged")).unwrap();
    let everywhere: BTreeSet<i64> = scene.of_source().union(&scene.of_target()).copied().collect();
    for line in acknowledged.lines() {
        let id: i64 = line.split_once(' ').unwrap().1.parse().unwrap();
        assert!(everywhere.contains(&id), "{line} is nowhere");
    }
    drop(scene);
    in_own_runtime(async { server.stop().await.unwrap() });
}

/// A file system in memory; gone when dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// Mounts it; none where we may not.
    fn at(place: &'a Path) -> Option<Self> {
        fs::create_dir(place).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(place).stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(place))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(self.0).status().ok();
    }
}

#[test]
fn a_full_disk_at_the_last_backup_takes_it_back() {
    // Somebody fills it in the very last moment.
    let fill = "[[hook]]\nat = \"stop\"\nshell = \"sh\"\nrun = \"dd if=/dev/zero of=disk/other bs=4k status=none 2> dd.txt; test -s disk/other\"\n";
    let scene = Scene::new("cutover_disk", &format!("[backup]\ndirectory = \"disk\"\n{fill}"));
    let place = scene.path("disk");
    let Some(disk) = SmallDisk::at(&place) else {
        eprintln!("skipped: no file system can be mounted here, so that none can be filled (needs root and mount)");
        return;
    };
    let before = scene.environment_file();
    scene.rehearsed();
    let backups = fs::read_dir(&place).unwrap().count();
    let full = scene.cutover(&[]).expect(8);
    let full_says = ["No space left on device", "bytes are free there"];
    assert!(full_says.iter().any(|words| full.err.contains(words)) && full.err.contains("hint: make space there"), "{}", full.err);
    taken_back(&full, "backup");
    is_as_before(&scene, &before);
    // The backups of before are there, and no half of one.
    fs::remove_file(place.join("other")).unwrap();
    assert_eq!(fs::read_dir(&place).unwrap().count(), backups);
    drop(disk);
}
