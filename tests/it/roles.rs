//! The roles of a target, on a real server that asks for passwords: what they may, what they may not, and where no password is.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use outgrow::postgres::{ConnectionSettings, Disposable, Session};
use outgrow::roles::{GrantLine, MadeRole, PasswordState, RolesReport};
use serde_json::json;
use tokio_postgres::error::SqlState;

use crate::fixture::{options, started};
use crate::program::{Ended, Program, ended, text};
use crate::schema::assert_valid;

const HBA: &str = "local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
const SETTINGS: &str = "listen_addresses = '127.0.0.1'\nlog_statement = 'all'\npassword_encryption = 'scram-sha-256'\n";
const POLICY: &str = "[roles]\napplication = \"the app\"\nreporting = \"app_ro\"\n";
const SOURCE: &str = "
    create table students(id integer primary key autoincrement, name text not null default 'nobody');
    create table \"odd name\"(id integer primary key, student integer references students(id), at text default current_timestamp);
    create view names as select upper(name) as name, round(id / 3.0, 1) as third from students;
    insert into students(name) values ('Ada'), ('Ben');
    insert into \"odd name\"(student) values (1);";

/// What `roles --json` prints.
pub(crate) fn samples() -> Vec<serde_json::Value> {
    let report = |made: bool| RolesReport {
        database: "app".to_owned(),
        schema: "public".to_owned(),
        roles: vec![MadeRole { role: "app".to_owned(), purpose: "application".to_owned(), made, password: PasswordState::Left }],
        grants: vec![GrantLine { sql: "GRANT …".to_owned(), made }],
        credentials: made.then(|| "credentials.pgpass".into()),
        notes: vec!["…".to_owned()],
    };
    let formatted = |report: RolesReport| {
        let mut document = serde_json::to_value(report).unwrap();
        document["format"] = json!(outgrow::report::DOCUMENT_FORMAT);
        document
    };
    vec![formatted(report(true)), formatted(report(false))]
}

/// A server that asks for passwords, and a database on it that an ordinary role owns.
struct Case {
    server: Disposable,
    port: u16,
    program: Program,
}

impl Case {
    async fn new() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut options = options();
        options.port = port;
        options.server_settings.push_str(SETTINGS);
        options.server_hba = Some(HBA.to_owned());
        let server = started(&options).await;
        let session = Session::connect(server.settings()).await.unwrap();
        session.client().batch_execute("create role owner login createrole password 'owner'").await.unwrap();
        session.client().batch_execute("create database app owner owner template template0").await.unwrap();
        let session = Session::connect(&server.settings().with_database("app")).await.unwrap();
        session.client().batch_execute("alter schema public owner to owner").await.unwrap();
        let program = Program::new();
        program.source("app.db", SOURCE);
        std::fs::write(program.path("outgrow.toml"), POLICY).unwrap();
        Self { server, port, program }
    }

    fn url(&self) -> String {
        format!("postgres://owner@127.0.0.1:{}/app", self.port)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.program.command(arguments).env("PGPASSWORD", "owner").env("APP_PASSWORD", "given by \u{e4} hand").output().unwrap())
    }

    fn roles(&self, more: &[&str]) -> serde_json::Value {
        let document = self.run(&[&["roles", &self.url(), "--json"], more].concat()).expect(0).document();
        assert_valid("roles", &document);
        document
    }

    fn file(&self) -> std::path::PathBuf {
        self.program.path(".outgrow/credentials.pgpass")
    }

    async fn connect(&self, user: &str, variable: (&str, &str)) -> outgrow::error::Result<Session> {
        let text = format!("host=127.0.0.1 port={} dbname=app user='{user}'", self.port);
        let settings = ConnectionSettings::resolve(Some(&text), &|name| (name == variable.0).then(|| variable.1.to_owned())).unwrap();
        Session::connect(&settings).await
    }

    /// A session of a role, with the password that the file has for it.
    async fn session(&self, user: &str) -> Session {
        self.connect(user, ("PGPASSFILE", text(&self.file()))).await.unwrap_or_else(|error| panic!("{user}: {error}"))
    }

    async fn owner(&self) -> Session {
        self.connect("owner", ("PGPASSWORD", "owner")).await.unwrap()
    }

    /// Everything that a run could have changed.
    async fn state(&self) -> String {
        let session = Session::connect(&self.server.settings().with_database("app")).await.unwrap();
        let question = "select concat_ws(E'\\n', \
             (select string_agg(a::text, ' ' order by a.oid) from pg_authid a), \
             (select string_agg(c.xmin::text || c.relname || coalesce(c.relacl::text, ''), ' ' order by c.oid) from pg_class c where c.oid > 16383), \
             (select string_agg(n.xmin::text || n.nspname || coalesce(n.nspacl::text, ''), ' ' order by n.oid) from pg_namespace n), \
             (select string_agg(d.xmin::text || d.datname || coalesce(d.datacl::text, ''), ' ' order by d.oid) from pg_database d), \
             (select string_agg(d.xmin::text || d.defaclacl::text, ' ' order by d.oid) from pg_default_acl d))";
        session.client().query_one(question, &[]).await.unwrap().get(0)
    }
}

async fn denied(session: &Session, sql: &str) {
    let error = session.client().batch_execute(sql).await.expect_err(sql);
    assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}: {error}");
}

async fn may(session: &Session, sql: &str) {
    session.client().batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

fn holds(directory: &Path, word: &str, but: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holds(&path, word, but));
        } else if path != but && std::fs::read(&path).is_ok_and(|bytes| bytes.windows(word.len()).any(|window| window == word.as_bytes())) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn each_role_may_what_it_needs_and_no_more() {
    let case = Case::new().await;
    case.run(&["migrate", "app.db", &case.url()]).expect(0);
    let report = case.roles(&[]);
    assert!(report["roles"].as_array().unwrap().iter().all(|role| role["made"] == true && role["password"] == "made"), "{report:#}");
    assert_eq!(report["notes"], json!([]), "{report:#}");
    let (owner, app, reader) = (case.owner().await, case.session("the app").await, case.session("app_ro").await);
    may(&owner, "create table later(id bigint generated always as identity, n serial, t text); create view also as select t from later")
        .await;
    for table in ["students", "\"odd name\"", "later"] {
        may(&app, &format!("insert into {table} default values; delete from {table} where false; select * from {table} for update")).await;
        may(&reader, &format!("select * from {table}")).await;
        for write in ["insert into X default values", "delete from X", "truncate X", "select * from X for update"] {
            denied(&reader, &write.replace('X', table)).await;
        }
        denied(&app, &format!("truncate {table}")).await;
        denied(&app, &format!("drop table {table}")).await;
    }
    may(&app, "update students set name = 'Cleo'; select * from names; select * from also").await;
    may(&reader, "select * from names; select * from also").await;
    denied(&reader, "update students set name = 'Eve'").await;
    let sequences =
        owner.client().query("select schemaname, sequencename from pg_sequences where schemaname = 'public'", &[]).await.unwrap();
    assert!(sequences.len() >= 4, "of two tables that were moved and one that was made later");
    for row in sequences {
        let name: String = row.get(1);
        may(&app, &format!("select nextval('public.\"{name}\"'), currval('public.\"{name}\"')")).await;
        denied(&app, &format!("select setval('public.\"{name}\"', 1)")).await;
        denied(&reader, &format!("select nextval('public.\"{name}\"')")).await;
    }
    for session in [&app, &reader] {
        denied(session, "select * from outgrow.quarantine").await;
        denied(session, "create table public.mine(id int)").await;
        denied(session, "create role mine").await;
    }
}

#[tokio::test]
async fn a_second_run_changes_nothing_and_no_password_is_anywhere_but_in_the_file() {
    let case = Case::new().await;
    case.run(&["roles", &case.url()]).expect(0);
    let text_of = || std::fs::read_to_string(case.file()).unwrap();
    let password = |user: &str| {
        let file = text_of();
        let line = file.lines().find(|line| line.contains(&format!(":{user}:"))).unwrap_or_else(|| panic!("{user}")).to_owned();
        line.rsplit(':').next().unwrap().to_owned()
    };
    let (file, state) = (text_of(), case.state().await);
    assert_eq!(std::fs::metadata(case.file()).unwrap().permissions().mode() & 0o777, 0o600);
    let again = case.roles(&[]);
    assert_eq!((text_of(), case.state().await), (file.clone(), state));
    assert!(again["roles"].as_array().unwrap().iter().all(|role| role["made"] == false && role["password"] == "left"), "{again:#}");
    assert!(again["grants"].as_array().unwrap().iter().all(|grant| grant["made"] == false), "{again:#}");
    assert_eq!(again["credentials"], json!(null));
    // A right that went is given again, and nothing else is touched.
    may(&case.owner().await, "revoke usage on schema public from app_ro").await;
    let mended = case.roles(&[]);
    let made: Vec<_> = mended["grants"].as_array().unwrap().iter().filter(|grant| grant["made"] == true).collect();
    assert_eq!(made.len(), 1, "{mended:#}");
    // A run that was killed behind the file and before the server: the password in the file is the one that counts.
    let before = password("the app");
    let everything = Session::connect(&case.server.settings().with_database("app")).await.unwrap();
    may(&everything, "drop owned by \"the app\"; drop role \"the app\"").await;
    assert_eq!(case.roles(&[])["roles"][0]["made"], true);
    assert_eq!(password("the app"), before);
    case.session("the app").await;
    let old = password("app_ro");
    case.roles(&["--new-passwords"]);
    assert_ne!(password("app_ro"), old);
    case.session("app_ro").await;
    assert!(case.connect("app_ro", ("PGPASSWORD", &old)).await.is_err(), "the old password still opens the door");
    // Neither the server, its log and its files, nor the journal has seen one.
    let log = std::fs::read_to_string(case.server.directory().unwrap().join("server.log")).unwrap();
    assert!(log.contains("ALTER ROLE") && log.contains("SCRAM-SHA-256$"), "the log is not that of the statements");
    for word in [&before, &old, &password("app_ro")] {
        assert_eq!(word.len(), 43);
        assert_eq!(holds(case.server.directory().unwrap(), word, &case.file()), Vec::<String>::new());
        assert_eq!(holds(&case.program.path("."), word, &case.program.path("./.outgrow/credentials.pgpass")), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_password_may_come_from_the_environment_and_the_plan_shows_every_statement() {
    let case = Case::new().await;
    case.run(&["roles", &case.url(), "--credentials", "none/of/these"]).expect(8);
    std::fs::write(case.program.path("outgrow.toml"), "[roles]\napplication = \"app\"\napplication-password-from = \"APP_PASSWORD\"\n")
        .unwrap();
    let report = case.roles(&[]);
    assert_eq!((&report["roles"][0]["password"], &report["credentials"]), (&json!("given"), &json!(null)), "{report:#}");
    case.connect("app", ("PGPASSWORD", "given by \u{e4} hand")).await.unwrap();
    assert!(!case.file().exists());
    case.program.run(&["roles", "postgres://owner@127.0.0.1:1/app"]).expect(2);
    // What the plan shows is what it takes, with another role and without a target.
    std::fs::write(case.program.path("outgrow.toml"), "[roles]\napplication = \"it's\"\nreporting = \"other\"\n").unwrap();
    let shown = case.program.run(&["plan", "app.db", "--roles"]).expect(0);
    assert!(shown.out.contains("CREATE ROLE \"it's\" LOGIN") && !shown.out.contains("PASSWORD"), "{}", shown.out);
    let script = shown.out.replace("GRANT USAGE ON SCHEMA \"outgrow_sqlite\"", "-- GRANT");
    may(&case.owner().await, &script).await;
    let report = case.roles(&[]);
    assert!(report["grants"].as_array().unwrap().iter().all(|grant| grant["made"] == false), "{report:#}");
    std::fs::write(case.program.path("outgrow.toml"), "").unwrap();
    assert!(case.program.run(&["plan", "app.db", "--roles"]).expect(2).err.contains("[roles]"));
}
