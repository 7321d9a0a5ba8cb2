//! Real databases that others made: each rehearses to the end, and its books add up.
//!
//! They are not part of the project: `OUTGROW_CORPUS` names the directory. The project's own nasty database is
//! rehearsed in any case.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use crate::program::{Program, text};

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

fn sum(map: &Value) -> u64 {
    map.as_object().unwrap().values().map(number).sum()
}

/// Rehearses a file; gives the line that is printed for it, and what is wrong.
fn rehearse(file: &Path) -> (String, Vec<String>) {
    let program = Program::new();
    let began = Instant::now();
    let ended = program.run(&["--json", "rehearse", text(file)]);
    let seconds = began.elapsed().as_secs_f64();
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let mut wrong = Vec::new();
    let Ok(report) = serde_json::from_str::<Value>(&ended.out) else {
        return (format!("{name}: no report"), vec![format!("{name}: exit {:?}: {} {}", ended.code, ended.out, ended.err)]);
    };
    crate::schema::assert_valid("rehearse", &report);
    if !matches!(ended.code, Some(0 | 3)) {
        wrong.push(format!("{name}: exit code {:?}: {}", ended.code, ended.err));
    }
    let cells = &report["cells"];
    let (exact, normalised, quarantined) = (number(&cells["exact"]), sum(&cells["normalised"]), sum(&cells["quarantined"]));
    let in_source = number(&report["source"]["cells"]);
    if exact + normalised + quarantined != in_source {
        wrong.push(format!("{name}: {exact} + {normalised} + {quarantined} cells are not the {in_source} of the source"));
    }
    let verdict = report["verification"]["verdict"].as_str().unwrap_or("none").to_owned();
    if verdict != "match" {
        wrong.push(format!("{name}: {}", report["verification"]));
    }
    for refused in report["refused"].as_array().unwrap() {
        wrong.push(format!("{name}: refused {refused}"));
    }
    for surprise in report["probes"]["surprises"].as_array().unwrap() {
        wrong.push(format!("{name}: surprise {surprise}"));
    }
    let findings = report["findings"].as_array().unwrap().len();
    let line = format!(
        "{name}: {verdict}, {in_source} cells = {exact} exact + {normalised} normalised + {quarantined} quarantined, {findings} findings, exit {}, {seconds:.1} s",
        ended.code.unwrap_or(-1),
    );
    (line, wrong)
}

fn databases(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "sqlite") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_database_of_the_corpus_rehearses_to_the_end() {
    let Ok(directory) = std::env::var("OUTGROW_CORPUS") else {
        eprintln!("OUTGROW_CORPUS names no directory: the databases of others are not rehearsed");
        return;
    };
    let files = databases(Path::new(&directory));
    assert!(!files.is_empty(), "OUTGROW_CORPUS names a directory without databases");
    let mut wrong = Vec::new();
    for file in &files {
        let (line, problems) = rehearse(file);
        eprintln!("{line}");
        wrong.extend(problems);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
