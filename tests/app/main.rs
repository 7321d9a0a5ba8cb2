//! A small application to be moved: it serves HTTP on SQLite or PostgreSQL, as its `.env` says, and writes by itself all the time.
//!
//! `app start DIR` starts it in the background and waits until it answers; `app stop DIR` ends it; `app serve DIR` is the server.
//! Every write that was acknowledged to it stands in `DIR/acknowledged`, one line each: the side and the number that was written.
#![expect(clippy::print_stderr, reason = "a program's complaints go to its log")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long the server lives at most.
const LIFE: Duration = Duration::from_mins(15);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [verb, directory] = arguments.as_slice() else {
        eprintln!("app start|stop|serve DIR");
        return ExitCode::from(2);
    };
    let directory = Path::new(directory);
    let done = match verb.as_str() {
        "start" => start(directory),
        "stop" => stop(directory),
        "serve" => serve(directory),
        _ => Err("app start|stop|serve DIR".into()),
    };
    if let Err(error) = done {
        eprintln!("app: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What `.env` says.
fn environment(directory: &Path) -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(directory.join(".env"))?;
    let pairs = text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned())).collect())
}

fn port(directory: &Path) -> Result<u16> {
    Ok(environment(directory)?.get("PORT").ok_or("no PORT")?.parse()?)
}

fn pid_file(directory: &Path) -> PathBuf {
    directory.join("app.pid")
}

fn running(directory: &Path) -> Option<u32> {
    let pid: u32 = fs::read_to_string(pid_file(directory)).ok()?.trim().parse().ok()?;
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    String::from_utf8_lossy(&arguments).contains("serve").then_some(pid)
}

fn start(directory: &Path) -> Result<()> {
    if running(directory).is_none() {
        let log = OpenOptions::new().create(true).append(true).open(directory.join("app.log"))?;
        let mut child = Command::new(std::env::current_exe()?);
        child.arg("serve").arg(directory).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let child = child.spawn()?;
        fs::write(pid_file(directory), child.id().to_string())?;
    }
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        if TcpStream::connect(("127.0.0.1", port(directory)?)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err("it does not answer".into())
}

fn stop(directory: &Path) -> Result<()> {
    let Some(pid) = running(directory) else { return Ok(()) };
    Command::new("kill").arg(pid.to_string()).status()?;
    let until = Instant::now() + Duration::from_secs(20);
    while Path::new(&format!("/proc/{pid}")).exists() && !is_dead(pid) {
        if Instant::now() > until {
            return Err("it does not end".into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    fs::remove_file(pid_file(directory))?;
    Ok(())
}

/// Whether a process has ended and nobody has asked how.
fn is_dead(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')))
}

/// Where the database is.
enum Place {
    Source(String),
    Target(String),
}

/// Where `.env` says that the database is, in the keys of several frameworks.
fn place(environment: &BTreeMap<String, String>) -> Result<Place> {
    let get = |name: &str| environment.get(name).cloned();
    let need = |name: &str| get(name).ok_or_else(|| format!("no {name}"));
    if let Some(address) = get("POSTGRES_URL") {
        return Ok(Place::Target(address));
    }
    if get("DB_CONNECTION").as_deref() == Some("pgsql") && get("DB_HOST").is_some() {
        let parts = [("host", "DB_HOST"), ("port", "DB_PORT"), ("dbname", "DB_DATABASE"), ("user", "DB_USERNAME")];
        let words: Result<Vec<String>> = parts.iter().map(|(word, name)| Ok(format!("{word}='{}'", need(name)?))).collect();
        return Ok(Place::Target(words?.join(" ")));
    }
    if let Some(address) = get("DATABASE_URL") {
        let file = address.strip_prefix("sqlite://").or_else(|| address.strip_prefix("file:"));
        return Ok(file.map_or_else(|| Place::Target(address.clone()), |file| Place::Source(file.to_owned())));
    }
    Ok(Place::Source(get("SQLITE_PATH").map_or_else(|| need("DB_DATABASE"), Ok)?))
}

/// The database, whichever it is.
enum Database {
    Source(Box<rusqlite::Connection>),
    Target(Box<tokio_postgres::Client>, tokio::runtime::Runtime),
}

impl Database {
    fn open(directory: &Path) -> Result<Self> {
        match place(&environment(directory)?)? {
            Place::Source(file) => {
                let connection = rusqlite::Connection::open(file)?;
                connection.busy_timeout(Duration::from_secs(5))?;
                Ok(Self::Source(Box::new(connection)))
            }
            Place::Target(address) => {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
                let (client, connection) = runtime.block_on(tokio_postgres::connect(&address, tokio_postgres::NoTls))?;
                runtime.spawn(async move { drop(connection.await) });
                Ok(Self::Target(Box::new(client), runtime))
            }
        }
    }

    fn side(&self) -> &'static str {
        match self {
            Self::Source(_) => "sqlite",
            Self::Target(..) => "pgsql",
        }
    }

    /// Writes a note, and gives its number.
    fn write(&mut self, text: &str) -> Result<i64> {
        match self {
            Self::Source(connection) => {
                Ok(connection.query_row("insert into notes(body) values(?) returning id", [text], |row| row.get(0))?)
            }
            Self::Target(client, runtime) => {
                let row = runtime.block_on(client.query_one("insert into notes(body) values($1) returning id", &[&text]))?;
                Ok(row.try_get(0)?)
            }
        }
    }

    fn count(&mut self) -> Result<i64> {
        let sql = "select count(*) from notes";
        match self {
            Self::Source(connection) => Ok(connection.query_row(sql, [], |row| row.get(0))?),
            Self::Target(client, runtime) => Ok(runtime.block_on(client.query_one(sql, &[]))?.try_get(0)?),
        }
    }
}

fn serve(directory: &Path) -> Result<()> {
    let database = Arc::new(Mutex::new(Database::open(directory)?));
    let listener = TcpListener::bind(("127.0.0.1", port(directory)?))?;
    let acknowledged = OpenOptions::new().create(true).append(true).open(directory.join("acknowledged"))?;
    let (writer, mut log) = (Arc::clone(&database), acknowledged.try_clone()?);
    std::thread::spawn(move || {
        let began = Instant::now();
        while began.elapsed() < LIFE {
            if let Ok(mut database) = writer.lock() {
                note(&mut database, "by itself", &mut log);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        // A test that was killed has stopped nobody.
        std::process::abort();
    });
    for stream in listener.incoming() {
        let (database, mut log) = (Arc::clone(&database), acknowledged.try_clone()?);
        std::thread::spawn(move || {
            if let Ok(stream) = stream
                && let Err(error) = answer(stream, &database, &mut log)
            {
                eprintln!("app: {error}");
            }
        });
    }
    Ok(())
}

/// Writes, and remembers what was acknowledged.
fn note(database: &mut Database, text: &str, log: &mut fs::File) -> Option<i64> {
    match database.write(text) {
        Ok(id) => {
            writeln!(log, "{} {id}", database.side()).ok()?;
            Some(id)
        }
        Err(error) => {
            eprintln!("app: {}: {error}", database.side());
            None
        }
    }
}

fn answer(stream: TcpStream, database: &Mutex<Database>, log: &mut fs::File) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut database = database.lock().map_err(|_| "a thread has died")?;
    let mut words = request.split_whitespace();
    let (status, text) = match (words.next(), words.next()) {
        (Some("GET"), Some("/health/db")) => match database.count() {
            Ok(_) => (200, "{\"status\":\"ok\",\"database\":\"connected\"}".to_owned()),
            Err(_) => (503, "{\"status\":\"failed\"}".to_owned()),
        },
        (Some("GET"), Some("/health" | "/api/v1/health")) => match database.count() {
            Ok(_) => (200, format!("{{\"status\":\"ok\",\"database\":\"{}\"}}", database.side())),
            Err(_) => (503, "{\"status\":\"failed\"}".to_owned()),
        },
        (Some("GET"), Some("/notes/count")) => (200, format!("{{\"count\":{}}}", database.count()?)),
        (Some("POST"), Some("/notes")) => match note(&mut database, &String::from_utf8_lossy(&body), log) {
            Some(id) => (201, format!("{{\"id\":{id}}}")),
            None => (500, "{\"error\":\"not written\"}".to_owned()),
        },
        _ => (404, "{}".to_owned()),
    };
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )?;
    Ok(())
}
