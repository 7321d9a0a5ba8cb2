//! `cargo x bench`: how long the move of four data sets takes, beside what the server alone would need and beside other programs.
//!
//! Measures the release build from outside; never reaches into the library. Everything that is measured is compared with its source.

mod cells;
mod check;
mod contender;
mod dataset;
mod dice;
mod hash;
mod machine;
mod measure;
mod psql;
mod ready;
mod result;
mod server;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use contender::{Contender, Place};
use dataset::Dataset;
use result::{Run, SetResult};
use server::Server;

use crate::cargo;

pub(crate) const HELP: &str = "\
cargo x bench [flags]

  --sets mix,many      of mix, many, blobs, narrow; all unless said
  --rounds N           how often everybody runs, in turns; 3 unless said
  --scale F            every number of rows times F; 1 unless said
  --only L,outgrow     of L, FULL, outgrow, pgloader, python, ogr2ogr, duckdb, sling, sequel; all that are installed unless said
  --target URL         a server that is there, by a database in which nothing is touched; one of our own unless said
  --write              also writes docs/performance.md
  --date YYYY-MM-DD    the date in it; today unless said

Needs psql and pg_dump. Keeps the SQLite files and the results in target/bench.";

#[derive(Debug)]
struct Options {
    sets: Vec<String>,
    rounds: usize,
    scale: String,
    only: Vec<Contender>,
    target: Option<String>,
    write: bool,
    date: Option<String>,
}

impl Options {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let sets = dataset::NAMES.map(str::to_owned).to_vec();
        let mut options =
            Self { sets, rounds: 3, scale: "1".to_owned(), only: Contender::ALL.to_vec(), target: None, write: false, date: None };
        let mut rest = arguments.iter();
        while let Some(flag) = rest.next() {
            if flag == "--write" {
                options.write = true;
                continue;
            }
            let value = rest.next().ok_or_else(|| format!("{flag} needs a value, or is unknown\n\n{HELP}"))?;
            match flag.as_str() {
                "--sets" => options.sets = value.split(',').map(str::to_owned).collect(),
                "--rounds" => options.rounds = value.parse().map_err(|cause| format!("--rounds {value}: {cause}"))?,
                "--scale" => options.scale.clone_from(value),
                "--only" => options.only = value.split(',').map(named).collect::<Result<_, _>>()?,
                "--target" => options.target = Some(value.clone()),
                "--date" => options.date = Some(value.clone()),
                _ => return Err(format!("bench does not know `{flag}`\n\n{HELP}")),
            }
        }
        Ok(options)
    }

    fn scale(&self) -> Result<f64, String> {
        self.scale.parse().ok().filter(|scale| *scale > 0.0).ok_or_else(|| format!("--scale {} is no number above 0", self.scale))
    }
}

fn named(name: &str) -> Result<Contender, String> {
    Contender::ALL.into_iter().find(|contender| contender.name() == name).ok_or_else(|| format!("nobody is called `{name}`\n\n{HELP}"))
}

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    if arguments.iter().any(|argument| matches!(argument.as_str(), "--help" | "-h")) {
        println!("{HELP}");
        return Ok(());
    }
    if cfg!(debug_assertions) {
        // Writing and checking the data takes minutes without optimisation.
        let mut again = cargo::cargo(&["run", "--quiet", "--release", "--locked", "--package", "xtask", "--", "bench"]);
        return cargo::run(again.args(arguments));
    }
    let options = Options::of(arguments)?;
    options.scale()?;
    cargo::run(&mut cargo::cargo(&["build", "--release", "--locked", "--package", "outgrow"]))?;
    let folder = cargo::root().join("target/bench");
    let (present, absent): (Vec<Contender>, Vec<Contender>) = options.only.iter().partition(|contender| contender.missing().is_none());
    for contender in absent {
        println!("without {}: {}", contender.name(), contender.missing().unwrap_or_default());
    }
    let server = options.target.as_deref().map_or_else(Server::start, Server::at)?;
    let measured = measured(&options, &present, &folder, &server);
    let stopped = server.stop();
    let (machine, sets) = measured?;
    stopped?;
    let document = result::document(&machine, &options.scale, &sets);
    let file = folder.join("result.json");
    write(&file, &format!("{document:#}\n"))?;
    println!("{}", file.display());
    if options.write {
        let page = cargo::root().join("docs/performance.md");
        write(&page, &table::page(&machine, &options.scale, &sets))?;
        println!("{}", page.display());
    }
    Ok(())
}

fn measured(
    options: &Options,
    present: &[Contender],
    folder: &Path,
    server: &Server,
) -> Result<(machine::Machine, Vec<SetResult>), String> {
    let machine = machine::Machine::look(server, options.date.clone(), present)?;
    println!("{machine}");
    let mut sets = Vec::new();
    for name in &options.sets {
        let dataset = Dataset::of(name, options.scale()?)?;
        let bench = Bench { options, server, dataset: &dataset, name, folder: folder.join(format!("{name}-{}", options.scale)) };
        let set = bench.set(present);
        bench.clear()?;
        let set = set?;
        println!("\n{}", table::of_set(&set));
        sets.push(set);
    }
    Ok((machine, sets))
}

/// One data set on one server.
struct Bench<'a> {
    options: &'a Options,
    server: &'a Server,
    dataset: &'a Dataset,
    name: &'a str,
    folder: PathBuf,
}

impl Bench<'_> {
    fn source(&self) -> PathBuf {
        // Not an extension: the scale may have a point.
        let mut name = self.folder.clone().into_os_string();
        name.push(".db");
        name.into()
    }

    fn set(&self, present: &[Contender]) -> Result<SetResult, String> {
        std::fs::create_dir_all(&self.folder).map_err(|cause| format!("{}: {cause}", self.folder.display()))?;
        let source = self.source();
        if !source.exists() {
            println!("writing {} …", source.display());
            self.dataset.write(&source)?;
        }
        let expected = check::Expected::of(self.dataset, &source)?;
        // Once without being counted: it warms everything up, and L and FULL are made of what it loads.
        println!("{}: preparing …", self.name);
        let judge = |contender: Contender, round: usize, prepare: bool| -> Result<Run, String> {
            let database = format!("outgrow_bench_{}", contender.name().to_lowercase());
            let url = self.server.create(&database)?;
            let program = program();
            let place = Place {
                dataset: self.dataset,
                source: &source,
                folder: &self.folder,
                program: &program,
                url: &url,
                database: &database,
                socket: self.server.socket(),
            };
            contender.prepare(&place)?;
            let measured = measure::measure(self.server, contender.command(&place))?;
            let run = Run::of(contender, round, measured, expected.judge(self.dataset, &url, &place.file("check.sql"))?)?;
            if prepare {
                if !run.judgement.wrong.is_empty() {
                    return Err(format!("outgrow loaded {} wrongly: {}", self.name, run.judgement));
                }
                ready::make(&place)?;
            }
            self.server.discard(&database)?;
            Ok(run)
        };
        judge(Contender::Outgrow, 0, true)?;
        let mut runs = Vec::new();
        for round in 1..=self.options.rounds {
            for contender in present {
                let run = judge(*contender, round, false)?;
                println!("{} {round}: {run}", self.name);
                runs.push(run);
            }
        }
        let bytes = std::fs::metadata(&source).map_err(|cause| format!("{}: {cause}", source.display()))?.len();
        let rows = self.dataset.tables.iter().map(|table| table.rows).sum();
        Ok(SetResult { name: self.name.to_owned(), bytes, tables: self.dataset.tables.len(), rows, runs })
    }

    /// Leaves the SQLite file, which takes long to write.
    fn clear(&self) -> Result<(), String> {
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder).map_err(|cause| format!("{}: {cause}", self.folder.display()))?;
        }
        for contender in Contender::ALL {
            self.server.discard(&format!("outgrow_bench_{}", contender.name().to_lowercase()))?;
        }
        Ok(())
    }
}

fn program() -> PathBuf {
    cargo::root().join("target/release/outgrow")
}

/// What a program prints when it ends well.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    psql::finish(Command::new(program).args(arguments)).ok()
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|cause| format!("{}: {cause}", file.display()))
}
