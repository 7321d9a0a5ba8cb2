//! Five applications, each moved and taken back as a plan of its kind asks for.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use super::observer::Observer;
use super::scene::{Places, Scene, Stage};
use crate::notify::sinks::{Security, Sink};
use crate::program::Ended;
use crate::target::{ask, ask_one};

/// A hook that notes that it was run, and on which side.
fn noted(at: &str, and: &str) -> String {
    let then = if and.is_empty() { String::new() } else { format!(" && {and}") };
    format!("[[hook]]\nat = \"{at}\"\nshell = \"sh\"\nrun = '''echo {at} $OUTGROW_SIDE >> hooks.txt{then}'''\n")
}

/// All hooks of a cutover, and what they note.
fn hooks(places: &Places) -> String {
    let Places { app, here, .. } = places;
    let control = |verb: &str| format!("'{app}' {verb} '{here}'");
    let all = [
        ("prepare", String::new()),
        ("stop", control("stop")),
        ("loaded", String::new()),
        ("start", control("start")),
        ("finish", String::new()),
    ];
    all.iter().map(|(at, and)| noted(at, and)).collect()
}

const THERE: &str = "prepare source\nstop source\nloaded target\nstart target\nfinish target\n";
const BACK: &str = "stop target\nstart source\n";

/// A smoke test over HTTP.
fn health(places: &Places, path: &str, json: &str) -> String {
    format!(
        "[[smoke]]\nname = \"health\"\nhttp = \"http://127.0.0.1:{}{path}\"\njson = {json}\ntimeout = \"5s\"\nattempts = 40\npause = \"25ms\"\n",
        places.port
    )
}

fn webhook(sink: &Sink) -> String {
    format!("[[notices.channel]]\nname = \"ops\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{}/\"\n", sink.port)
}

/// What a webhook was told, in order.
fn told(sink: &Sink) -> Vec<String> {
    let body = |request: &String| {
        let document: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
        document["text"].as_str().unwrap().to_owned()
    };
    sink.received().iter().map(body).collect()
}

/// Runs a course with somebody watching, whose figure is the course's own.
fn watched(scene: &Scene, run: impl Fn() -> Ended) -> Value {
    let observer = Observer::of(scene.port());
    let document = run().expect(0).document();
    let seen = observer.outage().as_secs_f64();
    let said = document["downtime-seconds"].as_f64().unwrap();
    let tolerance = (seen * 0.1).max(Duration::from_millis(150).as_secs_f64());
    assert!((said - seen).abs() <= tolerance, "it says {said} s without writes, and an observer saw {seen} s");
    assert_eq!(document["ending"], "done", "{document:#}");
    document
}

fn steps(document: &Value) -> Vec<&str> {
    document["courses"][0]["steps"].as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap()).collect()
}

fn step<'d>(document: &'d Value, id: &str) -> &'d Value {
    document["courses"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["id"] == id)
        .unwrap_or_else(|| panic!("no {id}: {document:#}"))
}

/// What the hooks have noted since this was asked last.
fn hooks_run(scene: &Scene) -> String {
    let file = scene.path("hooks.txt");
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(file).unwrap();
    text
}

/// There, back, and there again. Gives the document of the first cutover and of the rollback.
fn there_and_back_and_there(scene: &Scene, switched: &[&str]) -> [Value; 2] {
    let before = scene.environment_file();
    let there = watched(scene, || scene.cutover(&["--json"]));
    assert_eq!((scene.side().as_str(), hooks_run(scene).as_str()), ("pgsql", THERE));
    let on_target = scene.environment_file();
    for line in switched {
        assert!(on_target.lines().any(|found| found.starts_with(line)), "{line}\n{on_target}");
    }
    // In the order that every plan has: stopped, frozen, copied, loaded and compared, switched, started, asked.
    let order = ["notice-start", "prepare:1", "stop:1", "freeze", "backup", "migrate", "loaded:1", "mark", "switch", "start:1", "smoke"];
    let taken = steps(&there);
    assert_eq!(taken.iter().filter(|id| order.contains(id)).copied().collect::<Vec<_>>(), order);
    assert_eq!(&taken[taken.len() - 2..], ["notice-completion", "finish:1"]);
    let loaded = &step(&there, "migrate")["detail"];
    assert!(loaded["outcome"] == "done" && loaded["rows"].as_u64().unwrap() >= 1000, "{loaded:#}");
    let answers = step(&there, "smoke")["detail"]["answers"].as_array().unwrap();
    assert!(answers.len() >= 2 && answers.iter().all(|answer| answer["passed"] == true), "{answers:#?}");
    scene.nothing_is_lost();

    scene.write("on the target");
    let back = watched(scene, || scene.rollback(&["--json", "--reason", "users see errors"]));
    assert_eq!((scene.side().as_str(), hooks_run(scene).as_str()), ("sqlite", BACK));
    assert_eq!(scene.environment_file(), before);
    assert!(step(&back, "export")["what"].as_str().unwrap().contains("written to PostgreSQL since the cutover"), "{back:#}");
    scene.nothing_is_lost();
    scene.write("on the source");

    let again = watched(scene, || scene.cutover(&["--json"]));
    assert_eq!((scene.side().as_str(), hooks_run(scene).as_str()), ("pgsql", THERE));
    assert_eq!(steps(&again), steps(&there));
    assert_eq!(scene.environment_file(), on_target);
    scene.nothing_is_lost();
    [there, back]
}

#[test]
fn one_that_asks_four_roles_and_writes_laravel_s_keys() {
    let sink = Sink::http(Security::Plain, 200);
    let scene = Scene::of(&Stage {
        name: "runbook_roles",
        server: None,
        sql: "",
        environment: &|places| format!("APP_ENV=production\nDB_CONNECTION=sqlite\nDB_DATABASE={}\n", places.source),
        policy: &|places| {
            format!(
                "[cutover]\nbudget = \"30 min\"\n[rollback]\ntarget = \"drop\"\n\
                 [sign-offs]\nroles = [\"Tech Lead\", \"DevOps Lead\", \"QA Lead\", \"Product Owner\"]\n\
                 [backup]\nkeep-days = 14\n\
                 [notices]\napplication = \"ATİS\"\nevery = \"15 min\"\n{}{}{}\
                 [[smoke]]\nname = \"dashboard\"\nsql = \"select count(*) from users\"\nsame = true\n\
                 [[switch]]\nfile = \".env\"\nset = {{ DB_CONNECTION = \"pgsql\" }}\n\
                 from-target = {{ DB_HOST = \"host\", DB_PORT = \"port\", DB_DATABASE = \"database\", DB_USERNAME = \"user\" }}\n",
                webhook(&sink),
                hooks(places),
                health(places, "/health", "{ \"$.status\" = \"ok\" }")
            )
        },
    });
    scene.rehearsed();
    let unsigned = scene.gate(3);
    assert!(unsigned.out.contains("sign-offs") && unsigned.out.contains("QA Lead"), "{}", unsigned.out);
    let kept = scene.cutover(&["--json"]).expect(3).document();
    assert_eq!((&kept["ending"], &kept["side"]), (&"not-begun".into(), &"source".into()), "{kept:#}");
    assert_eq!(told(&sink), Vec::<String>::new());
    for role in ["Tech Lead", "DevOps Lead", "QA Lead", "Product Owner"] {
        scene.gate(3);
        let url = scene.database().url();
        scene.run(&["sign-off", "--role", role, "--by", "Ada", scene.source().to_str().unwrap(), &url]).expect(0);
    }
    scene.gate(0);
    there_and_back_and_there(&scene, &["DB_CONNECTION=pgsql", "DB_HOST=", "DB_PORT=", "DB_USERNAME=", "APP_ENV=production"]);
    let told = told(&sink);
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(told.iter().all(|text| text.contains("ATİS")), "{told:#?}");
    assert!(told[2].contains("SQLite again") && told[2].contains("users see errors"), "{}", told[2]);
}

#[test]
fn one_that_has_migrations_reference_data_and_a_second_disk() {
    let (hook, mail) = (Sink::http(Security::Plain, 200), Sink::smtp(Security::Plain));
    let second = tempfile::tempdir().unwrap();
    let scene = Scene::of(&Stage {
        name: "runbook_ward",
        server: None,
        sql: "create table regions(id integer primary key, name text not null);
              create table devices(id integer primary key, region integer references regions(id), name text not null);
              create table credentials(id integer primary key, device_id integer references devices(id), community text);
              insert into regions values (1, 'Tbilisi');
              insert into devices values (1, 1, 'router'), (2, 1, 'switch');
              insert into credentials values (1, 99, 'of nobody'), (2, 1, 'public');",
        environment: &|places| format!("DATABASE_URL=sqlite://{}\nALLOW_SQLITE_FALLBACK=true\n", places.source),
        policy: &|places| {
            let Places { here, port, .. } = places;
            fs::create_dir(format!("{here}/migrations")).unwrap();
            fs::write(format!("{here}/migrations/001_views.sql"), "create view busy as select id from devices where region = 1;").unwrap();
            fs::write(format!("{here}/migrations/002_index.sql"), "create index devices_by_name on devices(name);").unwrap();
            fs::write(format!("{here}/regions.csv"), "id,name\n2,Batumi\n3,Kutaisi\n").unwrap();
            let templates = format!("{here}/notices");
            fs::create_dir(&templates).unwrap();
            format!(
                "[cutover]\nbudget = \"60 min\"\n[rollback]\ntarget = \"rename\"\n\
                 [backup]\nsecond = {:?}\nkeep-days = 30\n[migrations]\ndirectory = \"migrations\"\n\
                 [[reference]]\ntable = \"regions\"\nfile = \"regions.csv\"\n\
                 [foreign-keys.\"credentials.device_id\"]\norphans = \"quarantine\"\n\
                 [notices]\napplication = \"Ward OPS\"\nlead = \"Ada\"\ncontact = \"#ops\"\naffected = \"Monitoring and alerts may be delayed.\"\n{}\
                 [[notices.channel]]\nname = \"mail\"\nkind = \"email\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"ops@ward.example\"\nto = [\"all@ward.example\"]\n\
                 only = [\"start\", \"completion\", \"rollback\"]\n{}{}\
                 [[smoke]]\nname = \"devices\"\nsql = \"select count(*) from devices\"\nsame = true\n\
                 [[smoke]]\nname = \"a write\"\nhttp = \"http://127.0.0.1:{port}/notes\"\nmethod = \"POST\"\nbody = \"ping\"\nstatus = 201\n\
                 [[switch]]\nfile = \".env\"\nset = {{ ALLOW_SQLITE_FALLBACK = \"false\" }}\nfrom-target = {{ DATABASE_URL = \"url\" }}\n",
                second.path(),
                webhook(&hook),
                mail.port,
                hooks(places),
                health(places, "/api/v1/health", "{ \"$.status\" = \"ok\" }"),
            )
        },
    });
    scene.rehearsed();
    scene.gate(0);
    there_and_back_and_there(&scene, &["ALLOW_SQLITE_FALLBACK=false", "DATABASE_URL=postgres"]);
    let target = scene.database();
    assert_eq!(ask_one(target, "select string_agg(version::text, ' ' order by version) from schema_migrations").replace('0', ""), "1 2");
    assert_eq!(ask(target, "select name from regions order by id"), ["Tbilisi", "Batumi", "Kutaisi"]);
    assert_eq!(ask(target, "select id from busy order by id"), ["1", "2"]);
    // The row whose device is missing is kept aside, whole.
    assert_eq!(ask(target, "select community from credentials"), ["public"]);
    assert_eq!(ask_one(target, "select count(distinct source_table) from outgrow.quarantine"), "1");
    let copies = |directory: &std::path::Path| fs::read_dir(directory).unwrap().count();
    assert!(copies(second.path()) > 0 && copies(&scene.path("backups")) >= copies(second.path()));
    let (texts, mails) = (told(&hook), mail.received().concat());
    assert_eq!(texts.len(), 5, "{texts:#?}");
    assert!(texts[0].contains("Monitoring and alerts may be delayed.") && texts[0].contains("#ops"), "{}", texts[0]);
    assert_eq!(mails.matches("RCPT TO:<all@ward.example>").count(), 5, "{mails}");
}

#[test]
fn one_that_counts_and_times_before_and_behind() {
    let sink = Sink::http(Security::Plain, 200);
    let scene = Scene::of(&Stage {
        name: "runbook_report",
        server: None,
        sql: "create table surveys(id integer primary key, title text not null, state text not null);
              insert into surveys values (1, 'one', 'aktiv'), (2, 'two', 'bağlı'), (3, 'three', 'aktiv');",
        environment: &|places| format!("APP_DEBUG=true\nDB_CONNECTION=sqlite\nDB_DATABASE=\"{}\"\n", places.source),
        policy: &|places| {
            format!(
                "[cutover]\nbudget = \"1h\"\n[rollback]\ntarget = \"rename\"\n[backup]\ncompression = \"gzip\"\nkeep-days = 90\n\
                 [columns.\"surveys.state\"]\nvalues = {{ \"aktiv\" = \"active\", \"bağlı\" = \"closed\" }}\n\
                 [notices]\napplication = \"ATİS\"\n{}{}{}\
                 [[smoke]]\nname = \"users\"\nsql = \"select count(*) from users\"\nvalue = \"500\"\n\
                 [[baseline]]\nname = \"response time\"\nhttp = \"http://127.0.0.1:{}/health\"\nsamples = 5\n\
                 [[switch]]\nfile = \".env\"\nset = {{ DB_CONNECTION = \"pgsql\", APP_DEBUG = \"false\" }}\n\
                 from-target = {{ DB_HOST = \"host\", DB_PORT = \"port\", DB_DATABASE = \"database\", DB_USERNAME = \"user\" }}\n",
                webhook(&sink),
                hooks(places),
                health(places, "/health", "{ \"$.status\" = \"ok\" }"),
                places.port,
            )
        },
    });
    scene.rehearsed();
    scene.gate(0);
    let [there, _] = there_and_back_and_there(&scene, &["DB_CONNECTION=pgsql", "APP_DEBUG=false"]);
    for id in ["baseline-before", "baseline-after"] {
        let measured = step(&there, id);
        assert_eq!(measured["state"], "done");
        assert_eq!(measured["detail"]["probes"][0]["name"], "response time", "{measured:#}");
    }
    assert_eq!(ask(scene.database(), "select state from surveys order by id"), ["active", "closed", "active"]);
    // What the first cutover had loaded is there still, for whoever looks into what happened.
    let kept = "select count(*) from pg_class where relname = 'surveys' and relkind = 'r'";
    assert_eq!(ask_one(scene.database(), kept), "2");
    // The report of each course has its figures: steps with their times.
    let all = there["courses"][0]["steps"].as_array().unwrap();
    assert!(all.iter().all(|step| step["seconds"].as_f64().is_some() && step["ended-at"].is_string()), "{there:#}");
    assert_eq!(told(&sink).len(), 5);
}

#[test]
fn one_that_only_changes_its_address_and_tells_a_file() {
    let scene = Scene::of(&Stage {
        name: "runbook_prisma",
        server: None,
        sql:
            "create table Booking(id text primary key not null, createdAt datetime not null default current_timestamp, price real not null);
              insert into Booking(id, price) values ('ckx1', 45.5), ('ckx2', 60);",
        environment: &|places| {
            format!("# written by hand\r\nDATABASE_URL=\"file:{}\"   \r\nNEXTAUTH_URL=http://localhost\r\n", places.source)
        },
        policy: &|places| {
            format!(
                "[rollback]\ntarget = \"drop\"\n[notices]\napplication = \"Zenni\"\n\
                 [[notices.channel]]\nname = \"log\"\nkind = \"file\"\nfile = \"notices.txt\"\n{}{}\
                 [[smoke]]\nname = \"bookings\"\nsql = 'select count(*) from \"Booking\"'\nsame = true\n\
                 [[smoke]]\nname = \"data integrity\"\nrun = [\"test\", \"-s\", \".env\"]\n\
                 [[switch]]\nfile = \".env\"\nfrom-target = {{ DATABASE_URL = \"url\" }}\n",
                hooks(places),
                health(places, "/health", "{ \"$.status\" = \"ok\" }"),
            )
        },
    });
    let unready = scene.gate(3);
    assert!(unready.out.contains("rehearsal-stale"), "{}", unready.out);
    scene.rehearsed();
    scene.gate(0);
    there_and_back_and_there(&scene, &["DATABASE_URL=\"postgres", "NEXTAUTH_URL=http://localhost"]);
    assert_eq!(ask(scene.database(), "select id, price from \"Booking\" order by id"), ["ckx1|45.5", "ckx2|60"]);
    let told = fs::read_to_string(scene.path("notices.txt")).unwrap();
    assert!(told.contains("SQLite again") && told.contains("Zenni"), "{told}");
}

#[test]
fn one_that_adds_a_pool_and_checks_its_connection() {
    let sink = Sink::http(Security::Plain, 200);
    let scene = Scene::of(&Stage {
        name: "runbook_alembic",
        server: None,
        sql: "create table alembic_version(version_num varchar(32) not null primary key);
              insert into alembic_version values ('3f2a9c');",
        environment: &|places| format!("SQLITE_PATH={}\nexport LOG_LEVEL=info\n", places.source),
        policy: &|places| {
            format!(
                "[rollback]\ntarget = \"drop\"\n[backup]\nkeep = 3\n{}{}{}\
                 [[check]]\nname = \"the connection\"\nsql = \"select 1\"\nvalue = \"1\"\n\
                 [[smoke]]\nname = \"alembic current\"\nsql = \"select version_num from alembic_version\"\nvalue = \"3f2a9c\"\n\
                 [[smoke]]\nname = \"side\"\nhttp = \"http://127.0.0.1:{}/health\"\nwithin = \"5s\"\n\
                 [[switch]]\nfile = \".env\"\nset = {{ DB_POOL_SIZE = \"10\", DB_POOL_TIMEOUT = \"30\" }}\n\
                 from-target = {{ POSTGRES_URL = \"url\", DB_SSL_MODE = \"sslmode\" }}\nremove = [\"SQLITE_PATH\"]\n",
                webhook(&sink),
                hooks(places),
                health(places, "/health/db", "{ \"$.status\" = \"ok\", \"$.database\" = \"connected\" }"),
                places.port,
            )
        },
    });
    scene.rehearsed();
    scene.gate(0);
    let [there, _] =
        there_and_back_and_there(&scene, &["POSTGRES_URL=postgres", "DB_POOL_SIZE=10", "DB_SSL_MODE=", "export LOG_LEVEL=info"]);
    assert!(!scene.environment_file().contains("SQLITE_PATH"), "{}", scene.environment_file());
    assert_eq!(step(&there, "smoke")["detail"]["answers"].as_array().unwrap().len(), 3);
    assert_eq!(ask(scene.database(), "select version_num from alembic_version"), ["3f2a9c"]);
    // Of the backups of the source, three stay.
    let sources = scene.run(&["backup", "list", "--json"]);
    assert_eq!(sources.code, Some(0), "{}", sources.err);
    assert_eq!(told(&sink).len(), 5);
}
