//! Who takes part, and how each is called. The same database, the same server; each with the settings that its own pages give.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::dataset::Dataset;
use super::psql;

/// Copies every table by Python's own SQLite and psycopg's COPY into tables that are there, then adds the keys.
const PYTHON: &str = "\
import sqlite3, sys, psycopg
source = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)
with psycopg.connect(sys.argv[2]) as target:
    for name in sys.argv[5:]:
        columns = target.execute('select column_name, data_type from information_schema.columns where table_name = %s and table_schema = %s order by ordinal_position', (name, 'public')).fetchall()
        flags = [at for at, (_, kind) in enumerate(columns) if kind == 'boolean']
        with target.cursor().copy(f'copy public.{name} from stdin') as copy:
            for row in source.execute(f'select * from {name}'):
                if flags:
                    row = list(row)
                    for at in flags:
                        if row[at] is not None: row[at] = bool(row[at])
                copy.write_row(row)
    target.execute(open(sys.argv[3]).read())
    target.execute(open(sys.argv[4]).read())
";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contender {
    Limit,
    Full,
    Outgrow,
    Pgloader,
    Python,
    Ogr2ogr,
    DuckDb,
    Sling,
    Sequel,
}

/// What a contender is given.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) source: &'a Path,
    /// Of ready-made files and scripts.
    pub(super) folder: &'a Path,
    /// The release build of outgrow.
    pub(super) program: &'a Path,
    pub(super) url: &'a str,
    pub(super) database: &'a str,
    /// Where the server's socket is, for those who take no URL with one in it.
    pub(super) socket: Option<&'a Path>,
}

impl Contender {
    pub(super) const ALL: [Self; 9] =
        [Self::Limit, Self::Full, Self::Outgrow, Self::Pgloader, Self::Python, Self::Ogr2ogr, Self::DuckDb, Self::Sling, Self::Sequel];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Limit => "L",
            Self::Full => "FULL",
            Self::Outgrow => "outgrow",
            Self::Pgloader => "pgloader",
            Self::Python => "python",
            Self::Ogr2ogr => "ogr2ogr",
            Self::DuckDb => "duckdb",
            Self::Sling => "sling",
            Self::Sequel => "sequel",
        }
    }

    /// In a line of its own, for who reads the table.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Limit => {
                "binary COPY of ready-made files of the same rows, one stream, into plain tables without keys and indexes; no SQLite"
            }
            Self::Full => {
                "one session of psql: tables, COPY FREEZE of the same files in the same transaction, primary keys, indexes, \
                 foreign keys, sequences; no SQLite"
            }
            Self::Outgrow => "`outgrow migrate`, release build: the whole of it, with snapshot, inspection and verification",
            Self::Pgloader => "pgloader with its defaults: tables, rows, indexes, foreign keys, sequences",
            Self::Python => "sqlite3 and psycopg's COPY row by row, into the tables that outgrow makes; then the same keys",
            Self::Ogr2ogr => "GDAL's ogr2ogr with PG_USE_COPY; no keys but its own",
            Self::DuckDb => "DuckDB with its extensions sqlite and postgres: CREATE TABLE AS; no keys",
            Self::Sling => "Sling, full refresh of every table; no keys",
            Self::Sequel => "Ruby's Sequel, `sequel -C`: tables, rows, indexes, foreign keys",
        }
    }

    /// The program that has to be installed; none for what is always there.
    const fn program(self) -> Option<&'static str> {
        match self {
            Self::Limit | Self::Full | Self::Outgrow => None,
            Self::Pgloader => Some("pgloader"),
            Self::Python => Some("python3"),
            Self::Ogr2ogr => Some("ogr2ogr"),
            Self::DuckDb => Some("duckdb"),
            Self::Sling => Some("sling"),
            Self::Sequel => Some("sequel"),
        }
    }

    /// Why it can't take part; none when it can.
    pub(super) fn missing(self) -> Option<String> {
        let program = self.program()?;
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|place| place.join(program).is_file());
        if !found {
            return Some(format!("{program} is not installed"));
        }
        match self {
            Self::Python => {
                psql::finish(Command::new(program).args(["-c", "import psycopg"])).err().map(|_| "psycopg is not installed".to_owned())
            }
            Self::Limit | Self::Full | Self::Outgrow | Self::Pgloader | Self::Ogr2ogr | Self::DuckDb | Self::Sling | Self::Sequel => None,
        }
    }

    /// What it says of its version.
    pub(super) fn version(self) -> Option<String> {
        let program = self.program()?;
        let said = psql::finish(Command::new(program).arg("--version")).ok()?;
        said.lines().next().map(str::to_owned)
    }

    /// What has to be there before the clock starts.
    pub(super) fn prepare(self, place: &Place<'_>) -> Result<(), String> {
        match self {
            Self::Limit | Self::Python => psql::finish(&mut psql::script(place.url, &place.file("tables.sql"))).map(drop),
            Self::Outgrow => {
                let work = place.file("work");
                if work.exists() { fs::remove_dir_all(&work).map_err(|cause| format!("{}: {cause}", work.display())) } else { Ok(()) }
            }
            Self::Full | Self::Pgloader | Self::Ogr2ogr | Self::DuckDb | Self::Sling | Self::Sequel => Ok(()),
        }
    }

    pub(super) fn command(self, place: &Place<'_>) -> Command {
        let mut command = Command::new(self.program().map_or(place.program.as_os_str(), std::ffi::OsStr::new));
        let tables = || place.dataset.tables.iter().map(|table| table.name.as_str());
        match self {
            Self::Limit => return psql::script(place.url, &place.file("limit.sql")),
            Self::Full => return psql::script(place.url, &place.file("full.sql")),
            Self::Outgrow => {
                command.args(["--json", "migrate"]).arg(place.source).arg(place.url).arg("--work-dir").arg(place.file("work"));
            }
            Self::Pgloader => {
                command.arg("--root-dir").arg(place.file("pgloader")).arg(place.source).arg(place.pgloader_url());
            }
            Self::Python => {
                command.args(["-c", PYTHON]).arg(place.source).arg(place.url);
                command.arg(place.file("keys.sql")).arg(place.file("sequences.sql")).args(tables());
            }
            Self::Ogr2ogr => {
                command.args(["-q", "-f", "PostgreSQL"]).arg(format!("PG:{}", place.url)).arg(place.source);
                command.args(["--config", "PG_USE_COPY", "YES", "-lco", "FID=id", "-preserve_fid"]);
            }
            Self::DuckDb => {
                let mut script = format!(
                    "install sqlite; load sqlite; install postgres; load postgres; attach '{}' as s (type sqlite, read_only); \
                     attach '{}' as p (type postgres);",
                    place.source.display(),
                    place.url
                );
                script.extend(tables().map(|table| format!("create table p.public.{table} as from s.{table};")));
                command.args(["-c", &script]);
            }
            Self::Sling => {
                command.args(["run", "--src-conn"]).arg(format!("sqlite://{}", place.source.display()));
                command.args([
                    "--tgt-conn",
                    place.url,
                    "--src-stream",
                    "main.*",
                    "--tgt-object",
                    "public.{stream_table}",
                    "--mode",
                    "full-refresh",
                ]);
            }
            Self::Sequel => {
                command.arg("-C").arg(format!("sqlite://{}", place.source.display())).arg(place.url);
            }
        }
        command
    }
}

impl Place<'_> {
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// pgloader wants a socket's directory in the host's place.
    fn pgloader_url(&self) -> String {
        let own = |socket: &Path| format!("postgresql://postgres@unix:{}:5432/{}", socket.display(), self.database);
        self.socket.map_or_else(|| self.url.to_owned(), own)
    }
}
