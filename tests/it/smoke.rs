//! Questions to an application, to both databases and to commands, and what is measured by them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outgrow::plan::{Policy, Probe};
use outgrow::probe::{Answer, Sides, ask, measure, smoke};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::fixture::{Database, environment};
use crate::program::Program;

/// An application that answers each request as its path says, and remembers what was asked.
struct Application {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Application {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (asked, remembered) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&heard));
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (asked, remembered) = (Arc::clone(&asked), Arc::clone(&remembered));
                std::thread::spawn(move || answer(&stream.unwrap(), &asked, &remembered));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }
}

fn answer(stream: &TcpStream, asked: &AtomicUsize, heard: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).is_ok_and(|bytes| bytes > 2) {}
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap_or_default();
    heard.lock().unwrap().push(format!("{head}{}", String::from_utf8_lossy(&body)));
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, extra, body) = match path.as_str() {
        "/health" => ("200 OK", "", r#"{"status":"ok","checks":[{"name":"db","up":true}]}"#),
        "/secret" => ("500 Internal Server Error", "", "password=hunter2"),
        "/old" => ("302 Found", "Location: /login\r\n", ""),
        "/third" if asked.fetch_add(1, Ordering::SeqCst) < 2 => ("503 Service Unavailable", "", "not yet"),
        "/slow" => {
            std::thread::sleep(Duration::from_millis(300));
            ("200 OK", "", "at last")
        }
        "/never" => {
            std::thread::sleep(Duration::from_secs(5));
            ("200 OK", "", "")
        }
        _ => ("200 OK", "", "<h1>Dashboard</h1>"),
    };
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{extra}Connection: close\r\n\r\n{body}", body.len());
    // Whoever has stopped waiting is gone.
    (&*stream).write_all(text.as_bytes()).unwrap_or_default();
}

/// An application that is reached by TLS alone, and the certificate of whoever vouches for it.
fn secured() -> (String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(certificate.pem().as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream.unwrap());
            // One who does not trust it hangs up.
            if stream.read(&mut [0; 4096]).is_ok() {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });
    (address, issuer.pem())
}

#[tokio::test]
async fn a_secured_application_must_prove_who_it_is() {
    let sides = Sides::new(&nothing);
    if let Some(address) = environment("SMOKE_TEST_ADDRESS") {
        let answer = asked(&format!("http = \"{address}\"\ntext = \"ok\""), &sides).await;
        assert!(answer.passed, "{answer:?}");
        return;
    }
    let (address, authority) = secured();
    let answer = asked(&format!("http = \"{address}\""), &sides).await;
    assert!(!answer.passed && answer.what.contains("can't be secured") && answer.what.contains("UnknownIssuer"), "{answer:?}");
    // The authorities of the machine, in a process to which this one is among them.
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("ca.pem"), authority).unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "smoke::a_secured_application_must_prove_who_it_is"]).env("SMOKE_TEST_ADDRESS", address);
    let output = child.env("SSL_CERT_FILE", directory.path().join("ca.pem")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn nothing(_: &str) -> Option<String> {
    None
}

/// The smoke tests of a policy.
fn probes(policy: &str) -> Vec<Probe> {
    Policy::parse(policy).unwrap().smoke
}

fn one(keys: &str) -> Probe {
    probes(&format!("[[smoke]]\nname = \"it\"\n{keys}")).remove(0)
}

async fn asked(keys: &str, sides: &Sides<'_>) -> Answer {
    ask(&one(keys), sides).await
}

#[tokio::test]
async fn an_application_is_asked_over_http() {
    let application = Application::start();
    let address = &application.address;
    let sides = Sides::new(&nothing);
    for (keys, passed, what) in [
        (format!("http = \"{address}/health\"\njson = {{ \"$.status\" = \"ok\", \"$.checks[*].up\" = true }}"), true, "status 200 after"),
        (format!("http = \"{address}/health\"\njson = {{ \"$.status\" = \"down\" }}"), false, "`$.status` is not what the policy wants"),
        (format!("http = \"{address}/health\"\njson = {{ \"$.version\" = 1 }}"), false, "nothing at `$.version`"),
        (format!("http = \"{address}/\"\ntext = \"Dashboard\""), true, "status 200"),
        (format!("http = \"{address}/\"\ntext = \"Log in\""), false, "does not contain the text"),
        (format!("http = \"{address}/\"\njson = {{ \"$\" = 1 }}"), false, "no JSON"),
        (format!("http = \"{address}/secret\""), false, "status 500, wanted 200 to 299"),
        (format!("http = \"{address}/secret\"\nstatus = 500"), true, "status 500"),
        (format!("http = \"{address}/old\""), false, "status 302, wanted 200 to 299; it leads elsewhere"),
        (format!("http = \"{address}/old\"\nstatus = 302"), true, "status 302"),
        (format!("http = \"{address}/slow\"\nwithin = \"100ms\""), false, "at most 100 ms are allowed"),
        (format!("http = \"{address}/slow\"\nwithin = \"5s\""), true, "status 200"),
        (format!("http = \"{address}/never\"\ntimeout = \"200ms\""), false, "no answer within 200 ms"),
        ("http = \"http://127.0.0.1:1/\"".to_owned(), false, "can't be reached"),
        (format!("http = \"{}/\"", address.replace("http:", "https:")), false, ""),
    ] {
        let answer = asked(&keys, &sides).await;
        assert_eq!(answer.passed, passed, "{keys}: {answer:?}");
        assert!(answer.what.contains(what), "{keys}: {answer:?}");
        assert!(!answer.what.contains("hunter2") && !answer.what.contains("at last"), "{answer:?}");
    }
}

#[tokio::test]
async fn it_is_asked_again_until_the_application_is_up() {
    let application = Application::start();
    let sides = Sides::new(&nothing);
    let keys = format!("http = \"{}/third\"\nattempts = 5\npause = \"10ms\"", application.address);
    let answer = asked(&keys, &sides).await;
    assert!(answer.passed && answer.attempts == 3, "{answer:?}");
    let keys = format!("http = \"{}/secret\"\nattempts = 2\npause = \"10ms\"", application.address);
    let answer = asked(&keys, &sides).await;
    assert!(!answer.passed && answer.attempts == 2, "{answer:?}");
}

#[tokio::test]
async fn what_is_sent_is_what_the_policy_says_and_secrets_come_from_the_environment() {
    let application = Application::start();
    let variable = |name: &str| (name == "API_TOKEN").then(|| "Bearer hunter2".to_owned());
    let sides = Sides::new(&variable);
    let keys = format!(
        "http = \"{}/login\"\nmethod = \"POST\"\nbody = '{{\"user\":\"smoke\"}}'\nheaders = {{ Content-Type = \"application/json\" }}\n\
         secret-headers = {{ Authorization = \"API_TOKEN\" }}",
        application.address
    );
    let answer = asked(&keys, &sides).await;
    assert!(answer.passed, "{answer:?}");
    let heard = application.heard();
    assert!(heard.starts_with("POST /login HTTP/1.1"), "{heard}");
    for part in ["uthorization: Bearer hunter2", "application/json", "{\"user\":\"smoke\"}"] {
        assert!(heard.contains(part), "{part} in {heard}");
    }
    let answer = asked(&keys.replace("API_TOKEN", "OTHER_TOKEN"), &sides).await;
    assert!(!answer.passed && answer.what.contains("OTHER_TOKEN") && !answer.what.contains("hunter2"), "{answer:?}");
}

#[tokio::test]
async fn both_databases_are_asked_and_held_against_each_other() {
    let (program, database) = (Program::new(), Database::new("smoke_sql"));
    let source = program.source(
        "app.db",
        "create table t(id integer primary key, name text, paid real, open boolean);
         insert into t values (1, 'Ada', 10.0, 1), (2, 'Ben', 0.1, 0), (3, null, 2.5, 1);",
    );
    let session = database.session().await;
    let rows = "create schema app; create table app.t(id bigint primary key, name text, paid numeric(10, 2), open boolean);
         insert into app.t values (1, 'Ada', 10, true), (2, 'Ben', 0.1, false), (3, null, 2.5, true)";
    session.client().batch_execute(rows).await.unwrap();
    let sides = Sides { source: Some(&source), target: Some(database.settings()), schema: Some("app"), ..Sides::new(&nothing) };
    for (keys, passed, what) in [
        ("sql = \"select count(*) from t\"\nvalue = \"3\"", true, "1 rows after"),
        ("sql = \"select count(*) from t\"\nvalue = \"4\"", false, "the value is not what the policy wants"),
        ("sql = \"select sum(paid) from t\"\nvalue = \"12.60\"", true, ""),
        ("sql = \"select sum(paid) from t\"\nvalue = \"12.6\"", true, ""),
        ("sql = \"select open from t where id = 1\"\nvalue = \"t\"", true, ""),
        ("sql = \"select id, name from t\"\nvalue = \"1\"", false, "3 rows of 2 columns"),
        ("sql = \"select * from t\"\nrows = 3", true, "3 rows"),
        ("sql = \"select * from t where id > 1\"\nrows = 3", false, "it gives 2 rows, wanted 3"),
        ("sql = \"select * from t\"\non = \"source\"\nrows = 3", true, "3 rows"),
        ("sql = \"select typeof(paid) from t where id = 1\"\non = \"source\"\nvalue = \"real\"", true, ""),
        ("sql = \"select * from t order by id\"\nsame = true", true, "the same 3 rows as on the source"),
        ("sql = \"select * from t order by id\"\nsame = true\non = \"source\"", true, "the same 3 rows as on the target"),
        ("sql = \"select * from t where id < 0\"\nsame = true", true, "the same 0 rows"),
        ("sql = \"select no_such from t\"", false, "no_such"),
        ("sql = \"select no_such from t\"\non = \"source\"", false, "no_such"),
        ("sql = \"insert into t values (4)\"", false, "read-only transaction"),
        ("sql = \"delete from t\"\non = \"source\"", false, ""),
        ("sql = \"rollback; drop schema app cascade\"", false, "multiple commands"),
        ("sql = \"select 1; delete from t\"\non = \"source\"", false, ""),
        ("sql = \"select pg_sleep(5)\"\ntimeout = \"100ms\"", false, "statement timeout"),
        (
            "sql = \"with recursive i(i) as (select 1 union all select i + 1 from i) select count(*) from i\"\non = \"source\"\ntimeout = \"100ms\"",
            false,
            "took too long",
        ),
    ] {
        let answer = asked(keys, &sides).await;
        assert_eq!(answer.passed, passed, "{keys}: {answer:?}");
        assert!(answer.what.contains(what), "{keys}: {answer:?}");
    }
    let untouched = session.client().query_one("select count(*) from app.t", &[]).await.unwrap();
    assert_eq!(untouched.get::<_, i64>(0), 3);

    session.client().batch_execute("update app.t set name = 'Eve' where id = 2").await.unwrap();
    let answer = asked("sql = \"select * from t order by id\"\nsame = true", &sides).await;
    assert!(!answer.passed && answer.what == "1 of 3 rows are not the same on the source", "{answer:?}");
    session.client().batch_execute("delete from app.t where id = 2").await.unwrap();
    let answer = asked("sql = \"select * from t order by id\"\nsame = true", &sides).await;
    assert!(!answer.passed && answer.what == "it gives 2 rows, but 3 on the source", "{answer:?}");
}

#[tokio::test]
async fn a_command_answers_by_its_exit_code_and_its_output() {
    let database = Database::new("smoke_command");
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("queue"), "empty").unwrap();
    let sides = Sides { target: Some(database.settings()), directory: Some(directory.path()), ..Sides::new(&nothing) };
    for (keys, passed, what) in [
        ("run = [\"cat\", \"queue\"]\ntext = \"empty\"", true, "exit code 0"),
        ("run = [\"cat\", \"queue\"]\ntext = \"full\"", false, "does not contain the text"),
        ("run = [\"false\"]", false, "exit code 1, wanted 0"),
        ("run = [\"false\"]\nexit = 1", true, ""),
        ("run = [\"sleep\", \"9\"]\ntimeout = \"100ms\"", false, "was stopped"),
        ("run = [\"no-such-program\"]", false, "no-such-program"),
        ("run = 'test \"$PGDATABASE\" && echo \"$DATABASE_URL\"'\nshell = \"sh\"\ntext = \"postgresql://\"", true, ""),
    ] {
        let answer = asked(keys, &sides).await;
        assert_eq!(answer.passed, passed, "{keys}: {answer:?}");
        assert!(answer.what.contains(what) && !answer.what.contains("empty"), "{keys}: {answer:?}");
    }
}

#[tokio::test]
async fn all_smoke_tests_are_asked_and_those_of_a_side_that_is_not_there_left_out() {
    let application = Application::start();
    let policy = format!(
        "[[smoke]]\nname = \"broken\"\nhttp = \"{0}/secret\"\n[[smoke]]\nname = \"rows\"\nsql = \"select 1\"\n\
         [[smoke]]\nname = \"health\"\nhttp = \"{0}/health\"\n",
        application.address
    );
    let report = smoke(&probes(&policy), &Sides::new(&nothing)).await;
    assert!(!report.passed());
    assert_eq!(report.answers.iter().map(|answer| answer.passed).collect::<Vec<_>>(), [false, true]);
    assert_eq!(report.left_out, ["rows"]);
    assert_eq!(report.failures().map(|answer| answer.name.as_str()).collect::<Vec<_>>(), ["broken"]);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<outgrow::probe::SmokeReport>(&text).unwrap(), report);
}

#[tokio::test]
async fn times_are_measured_and_wrong_answers_counted() {
    let application = Application::start();
    let database = Database::new("smoke_measure");
    let policy = format!(
        "[[baseline]]\nname = \"page\"\nhttp = \"{0}/\"\nsamples = 5\n[[baseline]]\nname = \"slow\"\nhttp = \"{0}/slow\"\nsamples = 2\nwithin = \"1ms\"\n\
         [[baseline]]\nname = \"broken\"\nhttp = \"{0}/secret\"\nsamples = 50\n[[baseline]]\nname = \"query\"\nsql = \"select 1\"\nsamples = 4\n",
        application.address
    );
    let sides = Sides { target: Some(database.settings()), ..Sides::new(&nothing) };
    let baseline = measure(&Policy::parse(&policy).unwrap().baseline, &sides).await;
    let [page, slow, broken, query] = &baseline.probes[..] else { panic!("{baseline:?}") };
    assert_eq!((page.samples, page.errors, slow.samples, broken.samples, broken.errors, query.samples), (5, 0, 2, 0, 3, 4));
    assert!(slow.median_ms.unwrap() >= 300.0 && page.median_ms <= page.p95_ms && page.p95_ms <= page.max_ms, "{baseline:?}");
    assert_eq!(broken.median_ms, None);
    assert!(broken.fault.as_ref().unwrap().contains("status 500"), "{broken:?}");
    assert!(baseline.machine.memory_bytes > baseline.machine.available_bytes, "{:?}", baseline.machine);
    let text = serde_json::to_string(&baseline).unwrap();
    assert_eq!(serde_json::from_str::<outgrow::probe::Baseline>(&text).unwrap(), baseline);
}
