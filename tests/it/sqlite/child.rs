//! Other processes: this test program, started again to do one thing with a database.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use outgrow::error::failpoint;
use outgrow::sqlite::{Holders, Holding, freeze, thaw};
use rusqlite::Connection;

use crate::fixture::environment;

/// What is to be done: `idle`, `reading`, `writing`; or `freeze` or `thaw`, with the failpoint to die at.
const DOES: &str = "OUTGROW_TEST_CHILD_DOES";
/// With which database.
const DATABASE: &str = "OUTGROW_TEST_CHILD_DATABASE";

/// A child that holds a database as it was told to, until it is dropped or let go.
pub(crate) struct Holds {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
}

pub(crate) fn holds(does: &str, path: &Path) -> Holds {
    let mut child = started(does, path);
    let input = child.stdin.take();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("holds it")), "{does}");
    Holds { child, input }
}

impl Holds {
    pub(crate) fn let_go(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Holds {
    fn drop(&mut self) {
        drop(self.input.take());
        self.child.wait().ok();
    }
}

fn started(does: &str, path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sqlite::child::does_what_another_test_asks_for", "--nocapture", "--test-threads=1"])
        .env(DOES, does)
        .env(DATABASE, path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Whether a child did this and came to its end; false where the failpoint has killed it.
pub(crate) fn does(what: &str, path: &Path) -> bool {
    let mut child = started(what, path);
    drop(child.stdin.take());
    child.wait().unwrap().success()
}

fn carry_out(does: &str, path: &Path) {
    let (verb, point) = does.split_once(' ').unwrap_or((does, ""));
    if !point.is_empty() {
        failpoint::arm(point).unwrap();
    }
    match verb {
        "freeze" => drop(freeze(path, Duration::from_secs(5)).unwrap()),
        "thaw" => drop(thaw(path, Duration::from_secs(5)).unwrap()),
        state => {
            let connection = Connection::open(path).unwrap();
            connection.query_row("select count(*) from sqlite_schema", [], |_| Ok(())).unwrap();
            match state {
                "reading" => connection.execute_batch("begin; select count(*) from t;").unwrap(),
                "writing" => connection.execute_batch("begin immediate; insert into t values (99)").unwrap(),
                other => assert_eq!(other, "idle"),
            }
            // The line of the test's own name may stand before it.
            let mut out = std::io::stdout();
            writeln!(out, "holds it").unwrap();
            out.flush().unwrap();
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
    }
}

#[test]
fn does_what_another_test_asks_for() {
    if let (Some(does), Some(path)) = (environment(DOES), environment(DATABASE)) {
        return carry_out(&does, Path::new(&path));
    }
    // Nobody asked: the same in this process, which sees itself.
    let (_directory, path) = super::database("create table t(a)");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("begin immediate").unwrap();
    let holders = Holders::of(&path).unwrap();
    assert_eq!(holders.ours().map(|ours| (ours.pid, ours.what)), Some((std::process::id(), Holding::Writing)));
    assert_eq!(holders.others().count(), 0);
}
