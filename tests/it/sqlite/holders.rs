//! Who has a database open: real processes, seen from outside.

use std::path::Path;

use outgrow::error::ErrorKind;
use outgrow::sqlite::{Holder, Holders, Holding, SourceReader, Unseen};
use rusqlite::Connection;

use super::child::holds;
use super::database;

fn others(path: &Path) -> Vec<Holder> {
    Holders::of(path).unwrap().others().cloned().collect()
}

#[test]
fn each_process_is_found_with_what_it_does_in_either_journal_mode() {
    for mode in ["wal", "delete"] {
        let (_directory, path) = database(&format!("pragma journal_mode = {mode}; create table t(a); insert into t values (1)"));
        assert_eq!(others(&path), [], "{mode}");
        for (does, what) in [("idle", Holding::Idle), ("reading", Holding::Reading), ("writing", Holding::Writing)] {
            let held = holds(does, &path);
            let found = others(&path);
            let told: Vec<_> = found.iter().map(|holder| (holder.pid, holder.what, holder.ours)).collect();
            assert_eq!(told, [(held.child.id(), what, false)], "{mode} {does}");
            assert!(found[0].command.starts_with("it-"), "{}", found[0].command);
            assert_eq!(Holders::of(&path).unwrap().somebody_writes(), what == Holding::Writing, "{mode} {does}");
            held.let_go();
            assert_eq!(others(&path), [], "{mode} {does}");
        }
    }
}

#[test]
fn several_are_told_apart_under_another_name_of_the_file() {
    let (directory, path) = database("pragma journal_mode = wal; create table t(a)");
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let (idle, writing) = (holds("idle", &path), holds("writing", &path));
    let mut expected = [(idle.child.id(), Holding::Idle), (writing.child.id(), Holding::Writing)];
    expected.sort_unstable();
    let found: Vec<_> = others(&link).iter().map(|holder| (holder.pid, holder.what)).collect();
    assert_eq!(found, expected);
}

/// To look must not drop the locks that this process holds: nobody else could know that a reader is there.
#[test]
fn looking_takes_no_lock_away() {
    let (_directory, path) = database("create table t(a); insert into t values (1)");
    let ours = Connection::open(&path).unwrap();
    ours.execute_batch("begin immediate; insert into t values (2)").unwrap();
    let reader = SourceReader::open(&path).unwrap();
    for _ in 0..3 {
        assert_eq!(Holders::of(&path).unwrap().ours().map(|ours| ours.what), Some(Holding::Writing));
    }
    let held = holds("idle", &path);
    let busy = Connection::open(&path).unwrap();
    busy.busy_timeout(std::time::Duration::ZERO).unwrap();
    assert!(busy.execute_batch("begin immediate").is_err());
    assert_eq!(Holders::of(&path).unwrap().ours().map(|ours| ours.what), Some(Holding::Writing));
    held.let_go();
    drop(reader);
}

#[test]
fn everything_could_be_looked_into_or_it_is_said() {
    let (_directory, path) = database("create table t(a)");
    let holders = Holders::of(&path).unwrap();
    let unexpected: Vec<_> = holders
        .unseen
        .iter()
        .filter(|unseen| match unseen {
            Unseen::Processes(count) => *count == 0,
            Unseen::Locks => false,
            Unseen::Elsewhere(_) | Unseen::OtherMachines | Unseen::NoTable => true,
        })
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    let missing = Holders::of(&path.with_file_name("none.db")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::SourceMissing);
}
