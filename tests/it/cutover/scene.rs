//! An application that runs, with its `.env`, its hooks and its policy.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use outgrow::postgres::ConnectionSettings;

use crate::fixture::{Database, in_own_runtime};
use crate::program::{Ended, Program, text};

/// An application on SQLite, running; ended when this is dropped.
pub(super) struct Scene {
    program: Program,
    database: Database,
    source: PathBuf,
    port: u16,
}

/// The built application, which cargo puts beside the tests.
fn app() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let app = tests.parent().and_then(Path::parent).unwrap().join("examples/app");
    assert!(app.exists(), "{} is not built: cargo build --examples", app.display());
    app
}

/// A port that nobody uses now.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Where things are, for an environment and a policy to name.
pub(super) struct Places {
    /// The program that the hooks run.
    pub(super) app: String,
    /// The directory of the application.
    pub(super) here: String,
    /// The source.
    pub(super) source: String,
    pub(super) port: u16,
}

/// What an application is made of.
pub(super) struct Stage<'a> {
    pub(super) name: &'a str,
    /// The server of the target; the one that all tests use where none is named.
    pub(super) server: Option<&'a ConnectionSettings>,
    /// Tables and rows besides its own.
    pub(super) sql: &'a str,
    /// Its `.env`, without the port.
    pub(super) environment: &'a dyn Fn(&Places) -> String,
    /// The policy, without [`WAIVERS`].
    pub(super) policy: &'a dyn Fn(&Places) -> String,
}

/// What is so in tests only.
const WAIVERS: &str = "
[[waiver]]\nfinding = \"backup-missing\"\nat = \"its disk\"\nreason = \"a test has one disk\"\nby = \"Ada\"
[[waiver]]\nfinding = \"foreign-volume\"\nat = \"*\"\nreason = \"other tests use this server\"\nby = \"Ada\"\n";

const TABLES: &str = "pragma journal_mode = wal;
    create table notes(id integer primary key autoincrement, body text not null);
    create table users(id integer primary key, name text not null unique);
    insert into users(name) select 'user ' || value from (with recursive n(value) as (select 1 union all select value + 1 from n limit 500) select value from n);
    insert into notes(body) select 'note ' || id from users;";

/// The hooks that stop and start the application.
pub(super) fn stop_and_start(places: &Places) -> String {
    let Places { app, here, .. } = places;
    format!(
        "[[hook]]\nat = \"stop\"\nrun = [{app:?}, \"stop\", {here:?}]\n[[hook]]\nat = \"start\"\nrun = [{app:?}, \"start\", {here:?}]\n"
    )
}

impl Scene {
    /// Starts an application as most are. `policy` is added to its policy.
    pub(super) fn new(name: &str, policy: &str) -> Self {
        Self::on(name, None, "", policy)
    }

    /// Starts one whose target is on this server, and that has these tables besides.
    pub(super) fn on(name: &str, server: Option<&ConnectionSettings>, sql: &str, policy: &str) -> Self {
        let own = if policy.contains("[rollback]") { "" } else { "[rollback]\ntarget = \"drop\"\n" };
        let budget = if policy.contains("[cutover]") { "" } else { "[cutover]\nbudget = \"5 min\"\n" };
        let whole = |places: &Places| {
            let port = places.port;
            format!(
                "{budget}{own}{}[[switch]]\nfile = \".env\"\nset = {{ DB_CONNECTION = \"pgsql\" }}\nfrom-target = {{ DATABASE_URL = \"url\" }}\nremove = [\"DB_DATABASE\"]\n\
                 [[smoke]]\nname = \"health\"\nhttp = \"http://127.0.0.1:{port}/health\"\njson = {{ \"$.status\" = \"ok\" }}\nattempts = 20\npause = \"100ms\"\n{policy}",
                stop_and_start(places)
            )
        };
        let environment =
            |places: &Places| format!("# the application\nDB_CONNECTION=sqlite\nDB_DATABASE=\"{}\"\n\nAPP_NAME='Notes'\r\n", places.source);
        Self::of(&Stage { name, server, sql, environment: &environment, policy: &whole })
    }

    /// Starts it.
    pub(super) fn of(stage: &Stage<'_>) -> Self {
        let program = Program::new();
        let database = stage.server.map_or_else(|| Database::new(stage.name), |server| Database::within(server, stage.name));
        let source = program.source("app.db", &format!("{TABLES}{}", stage.sql));
        let port = free_port();
        let here = program.path("").display().to_string();
        let places = Places { app: app().display().to_string(), here, source: source.display().to_string(), port };
        fs::write(program.path(".env"), format!("PORT={port}\n{}", (stage.environment)(&places))).unwrap();
        fs::write(program.path("outgrow.toml"), format!("{}{WAIVERS}", (stage.policy)(&places))).unwrap();
        let scene = Self { program, database, source, port };
        scene.control("start");
        scene
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.program.path(name)
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        self.program.run(arguments)
    }

    /// `gate`, which is to end with this code.
    pub(super) fn gate(&self, code: i32) -> Ended {
        self.program.run(&["gate", text(&self.source), &self.database.url()]).expect(code)
    }

    /// The process that runs a cutover.
    pub(super) fn cutover_begun(&self, more: &[&str]) -> Child {
        let url = self.database.url();
        let mut command = self.program.command(&[&["cutover", text(&self.source), &url, "--yes", "--by", "Ada"], more].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    fn control(&self, verb: &str) {
        let status = Command::new(app()).arg(verb).arg(self.program.path("")).status().unwrap();
        assert!(status.success(), "{verb}: {}", fs::read_to_string(self.program.path("app.log")).unwrap_or_default());
    }

    pub(super) fn source(&self) -> &Path {
        &self.source
    }

    pub(super) fn environment_file(&self) -> String {
        fs::read_to_string(self.program.path(".env")).unwrap()
    }

    /// Runs statements on the target; what the server refuses them for.
    pub(super) fn on_target(&self, sql: &str) -> Result<(), String> {
        in_own_runtime(async {
            let done = self.database.session().await.client().batch_execute(sql).await;
            done.map_err(|error| error.as_db_error().map_or_else(|| error.to_string(), |refused| refused.message().to_owned()))
        })
    }

    /// Makes the file that a smoke test looks for.
    pub(super) fn mend(&self) {
        fs::write(self.program.path("mended"), "").unwrap();
    }

    /// Does what the gates ask for.
    pub(super) fn rehearsed(&self) {
        self.program.run(&["rehearse", text(&self.source), "--no-fetch"]).expect(0);
        self.program.run(&["backup", "source", text(&self.source)]).expect(0);
        self.program.run(&["check", &self.database.url()]).expect(0);
    }

    pub(super) fn cutover(&self, more: &[&str]) -> Ended {
        let url = self.database.url();
        self.program.run(&[&["cutover", text(&self.source), &url, "--yes", "--by", "Ada"], more].concat())
    }

    /// The reports of a cutover and a rollback, as they are shown.
    pub(super) fn report(&self, more: &[&str]) -> Ended {
        self.program.run(&[&["report"], more].concat())
    }

    /// A file of the work directory.
    pub(super) fn work(&self, name: &str) -> PathBuf {
        self.program.path(".outgrow").join(name)
    }

    pub(super) fn cutover_to(&self, point: &str) -> Ended {
        let url = self.database.url();
        self.program.run_to(point, &["cutover", text(&self.source), &url, "--yes"])
    }

    pub(super) fn rollback(&self, more: &[&str]) -> Ended {
        let url = self.database.url();
        self.program.run(&[&["rollback", text(&self.source), &url, "--yes", "--by", "Ada"], more].concat())
    }

    pub(super) fn rollback_to(&self, point: &str) -> Ended {
        let url = self.database.url();
        self.program.run_to(point, &["rollback", text(&self.source), &url, "--yes"])
    }

    /// Runs it again and again, each time to the next pass of a point, until it comes to its end. Gives how often it died.
    pub(super) fn killed_at_each_pass(&self, point: &str, run: fn(&Self, &str) -> Ended) -> usize {
        for deaths in 0..60 {
            // What is done is not done again, so that the second pass of each run is the next step's.
            let ended = run(
                self,
                if deaths == 0 { point.to_owned() } else { format!("{point}:{}", if point == "runbook.recorded" { 1 } else { 2 }) }
                    .as_str(),
            );
            match ended.code {
                None => {}
                Some(0) => return deaths,
                Some(code) => panic!("{point}, after {deaths} deaths: exit {code}\n{}\n{}", ended.out, ended.err),
            }
        }
        panic!("{point}: it does not come to its end");
    }

    /// The side that the application says it is on.
    pub(super) fn side(&self) -> String {
        let answer = self.ask("GET", "/health", "");
        let document: serde_json::Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        document["database"].as_str().unwrap_or_default().to_owned()
    }

    /// Has the application write something.
    pub(super) fn write(&self, body: &str) {
        let answer = self.ask("POST", "/notes", body);
        assert!(answer.contains("\"id\""), "{answer}");
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap_or_else(|error| panic!("the application is down: {error}"));
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    /// Every write that the application was told is done stands on the side that it is on, or in what a rollback exported.
    pub(super) fn nothing_is_lost(&self) {
        let acknowledged = fs::read_to_string(self.program.path("acknowledged")).unwrap();
        let here: BTreeSet<i64> = if self.side() == "sqlite" { self.of_source() } else { self.of_target() };
        let exported = self.exported();
        for line in acknowledged.lines() {
            let (side, id) = line.split_once(' ').unwrap();
            let id: i64 = id.parse().unwrap();
            let is_there = here.contains(&id) || side == "pgsql" && exported.contains(&format!("({id},"));
            assert!(is_there, "{line} was acknowledged, and is neither on the side that the application is on nor exported");
        }
    }

    pub(super) fn of_source(&self) -> BTreeSet<i64> {
        let db = rusqlite::Connection::open(&self.source).unwrap();
        let mut ids = db.prepare("select id from notes").unwrap();
        ids.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    pub(super) fn of_target(&self) -> BTreeSet<i64> {
        in_own_runtime(async {
            let session = self.database.session().await;
            let rows = session.client().query("select id from notes", &[]).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        })
    }

    /// All that rollbacks have exported.
    fn exported(&self) -> String {
        let mut text = String::new();
        for entry in fs::read_dir(self.program.path(".outgrow")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("changes-")) {
                for file in fs::read_dir(path).unwrap() {
                    let file = file.unwrap().path();
                    if file.extension().is_some_and(|extension| extension == "sql") {
                        text.push_str(&fs::read_to_string(file).unwrap());
                    }
                }
            }
        }
        text
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let status = Command::new(app()).arg("stop").arg(self.program.path("")).status();
        if !std::thread::panicking() {
            assert!(status.unwrap().success());
        }
    }
}
