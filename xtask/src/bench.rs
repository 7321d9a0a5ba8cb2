//! How long the move of a large demo takes, phase by phase, as the program itself reports it.
//!
//! Measures the release build from outside; never reaches into the library.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::cargo;

/// Size of the SQLite file that the runbook of the field reports.
const RUNBOOK_BYTES: &str = "702000000";

/// Waives what the demo is there to show: a move to a real target must not be blocked by it.
const POLICY: &str = "[rules]\norphans = \"not-valid\"\n\n\
    [[waiver]]\nfinding = \"mixed-types\"\nat = \"*\"\nreason = \"it is the demo's\"\nby = \"bench\"\n\n\
    [[waiver]]\nfinding = \"quarantined-cells\"\nat = \"*\"\nreason = \"it is the demo's\"\nby = \"bench\"\n\n\
    [[waiver]]\nfinding = \"manual\"\nat = \"*\"\nreason = \"it is the demo's\"\nby = \"bench\"\n";

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let mut bytes = RUNBOOK_BYTES;
    let mut target = None;
    let mut rest = arguments.iter();
    while let Some(flag) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--bytes" => bytes = value,
            "--target" => target = Some(value),
            _ => return Err(format!("bench takes --bytes and --target, not `{flag}`")),
        }
    }
    cargo::run(&mut cargo::cargo(&["build", "--release", "--locked", "--package", "outgrow"]))?;
    let program = cargo::root().join("target/release/outgrow");
    let folder = cargo::root().join("target/bench");
    std::fs::create_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    let school = folder.join(format!("school-{bytes}"));
    let file = school.join("school.db");
    if !file.exists() {
        println!("writing {} …", file.display());
        cargo::run(Command::new(&program).args(["demo", "--only", "--size", bytes, "--dir"]).arg(&school))?;
    }
    measure(&program, &file, target)
}

/// Moves the file (to a server of its own unless a target is named) and prints the phases of the report.
fn measure(program: &Path, file: &Path, target: Option<&String>) -> Result<(), String> {
    let mut command = Command::new(program);
    match target {
        Some(url) => command.args(["--json", "migrate"]).arg(file).arg(url),
        None => command.args(["--json", "rehearse"]).arg(file),
    };
    // A work directory of its own, so that nothing is found done.
    let work = file.with_extension("work");
    if work.exists() {
        std::fs::remove_dir_all(&work).map_err(|cause| format!("{}: {cause}", work.display()))?;
    }
    let policy = file.with_extension("toml");
    std::fs::write(&policy, POLICY).map_err(|cause| format!("{}: {cause}", policy.display()))?;
    command.arg("--policy").arg(&policy);
    let begun = Instant::now();
    let output = command.arg("--work-dir").arg(&work).stderr(Stdio::inherit()).output().map_err(|cause| format!("{command:?}: {cause}"))?;
    let whole = begun.elapsed();
    let report: Value =
        serde_json::from_slice(&output.stdout).map_err(|cause| format!("the report is not JSON ({}): {cause}", output.status))?;
    let phases = report.get("phases").and_then(Value::as_array).filter(|phases| !phases.is_empty());
    let phases = phases.ok_or_else(|| format!("the report ({}) names no phases", output.status))?;
    let mut table = format!("{:<20}{:>10}   what\n", "phase", "seconds");
    for phase in phases {
        let word = |key: &str| phase.get(key).and_then(Value::as_str).unwrap_or("?");
        let seconds = phase.get("seconds").and_then(Value::as_f64).ok_or_else(|| format!("the phase {} has no seconds", word("name")))?;
        writeln!(table, "{:<20}{seconds:>10.2}   {} {}", word("name"), word("what"), word("result")).map_err(|cause| cause.to_string())?;
    }
    let verdict = report.pointer("/verification/verdict").and_then(Value::as_str).unwrap_or("not compared");
    println!("{table}{:<20}{:>10.2}   {verdict}, {}", "in all", whole.as_secs_f64(), output.status);
    Ok(())
}
