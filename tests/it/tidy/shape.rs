//! Sizes, names and headings of source files, and that no test file is forgotten.

use super::{File, exists, files, read, report};

/// Lines of a file before its tests.
const FILE_LINES_MAX: usize = 500;
/// Lines of a function; clippy counts them.
const FUNCTION_LINES_MAX: usize = 70;

/// Files that are longer, with their number of lines. A number may only fall, and a file that is short enough leaves the list.
const LONG_FILES: &[(&str, usize)] = &[];
/// Files with functions that clippy was told to let pass, with how many. Numbers may only fall.
const LONG_FUNCTIONS: &[(&str, usize)] = &[];

const BANNED_NAMES: &[&str] =
    &["util", "utils", "common", "helper", "helpers", "misc", "types", "manager", "managers", "handler", "handlers", "prelude"];

fn sources() -> Vec<File> {
    files(&["src", "tests", "xtask", "build.rs"], &[".rs"])
}

/// Holds a measured number against its limit or its place in a ratchet list.
fn ratchet(list: &[(&str, usize)], limit: usize, path: &str, measured: usize, what: &str) -> Option<String> {
    match list.iter().find(|(listed, _)| *listed == path) {
        None if measured > limit => Some(format!("{path}: {measured} {what}; at most {limit}")),
        Some((_, allowed)) if measured > *allowed => {
            Some(format!("{path}: {measured} {what}; the list allows {allowed}, and that may only fall"))
        }
        Some(_) if measured <= limit => Some(format!("{path}: {measured} {what} is within the limit: take it off the list")),
        Some((_, allowed)) if measured < *allowed => Some(format!("{path}: {measured} {what}: lower its {allowed} in the list")),
        None | Some(_) => None,
    }
}

#[test]
fn no_file_is_long() {
    let sources = sources();
    let mut complaints: Vec<String> = sources
        .iter()
        .filter_map(|File { path, text }| {
            let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
            ratchet(LONG_FILES, FILE_LINES_MAX, path, lines, "lines before its tests")
        })
        .collect();
    complaints.extend(LONG_FILES.iter().filter(|(path, _)| !exists(path)).map(|(path, _)| format!("{path}: listed and gone")));
    report(sources.len(), &complaints);
}

#[test]
fn no_function_is_long() {
    let (clippy, cargo) = (read("clippy.toml"), read("Cargo.toml"));
    assert!(clippy.lines().any(|line| line == format!("too-many-lines-threshold = {FUNCTION_LINES_MAX}")), "clippy.toml counts otherwise");
    assert!(cargo.contains("too_many_lines = "), "clippy is not asked to count");
    let sources = sources();
    let mark = concat!("clippy::too_many_", "lines");
    let complaints: Vec<String> = sources
        .iter()
        .filter_map(|File { path, text }| {
            ratchet(LONG_FUNCTIONS, 0, path, text.matches(mark).count(), "functions excused from their length")
        })
        .collect();
    report(sources.len(), &complaints);
}

#[test]
fn names_say_what_is_inside() {
    let sources = sources();
    let mut complaints = Vec::new();
    for File { path, .. } in &sources {
        let stem = path.strip_suffix(".rs").unwrap_or(path);
        complaints.extend(stem.split('/').filter(|name| BANNED_NAMES.contains(name)).map(|name| format!("{path}: `{name}` says nothing")));
    }
    report(sources.len(), &complaints);
}

#[test]
fn each_file_says_what_it_is_for() {
    let sources = sources();
    let complaints: Vec<String> = sources
        .iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| format!("{}: begins without `//!`, one line that says what it is for", file.path))
        .collect();
    report(sources.len(), &complaints);
}

#[test]
fn exceptions_from_lints_say_why() {
    let sources = sources();
    let mark = concat!("#[", "allow(");
    let complaints: Vec<String> = sources
        .iter()
        .filter(|file| file.text.contains(mark))
        .map(|file| format!("{}: use #[expect(…, reason = \"…\")], which fails once it is not needed", file.path))
        .collect();
    report(sources.len(), &complaints);
}

#[test]
fn a_room_has_no_logic_in_its_door() {
    let doors: Vec<File> = files(&["src"], &["/mod.rs", "mod.rs"]).into_iter().filter(|file| file.path.ends_with("/mod.rs")).collect();
    // A room that is one idea may keep its type in the door; what it may not have there is length.
    let complaints: Vec<String> = doors
        .iter()
        .map(|file| (file, file.text.lines().take_while(|line| *line != "#[cfg(test)]").count()))
        .filter(|(_, lines)| *lines > 200)
        .map(|(file, lines)| format!("{}: {lines} lines; a door holds the doc, the children and what they share", file.path))
        .collect();
    report(doors.len(), &complaints);
}

#[test]
fn no_test_file_is_forgotten() {
    let main = read("tests/it/main.rs");
    let mut looked_at = 0;
    let mut complaints = Vec::new();
    for File { path, .. } in files(&["tests/it"], &[".rs"]) {
        let inside = path.trim_start_matches("tests/it/");
        if inside == "main.rs" {
            continue;
        }
        looked_at += 1;
        let (parent, name) = match inside.rsplit_once('/') {
            None => (main.clone(), inside),
            Some((folder, name)) => {
                let door = [format!("tests/it/{folder}.rs"), format!("tests/it/{folder}/mod.rs")].into_iter().find(|door| exists(door));
                let Some(door) = door else {
                    complaints.push(format!("{path}: its folder has no module"));
                    continue;
                };
                if name == "mod.rs" { (main.clone(), folder) } else { (read(&door), name) }
            }
        };
        let module = name.trim_end_matches(".rs");
        if !parent.lines().any(|line| line.trim().trim_start_matches("pub ").trim_start_matches("pub(crate) ") == format!("mod {module};"))
        {
            complaints.push(format!("{path}: no `mod {module};` names it, so it never runs"));
        }
    }
    report(looked_at, &complaints);
}
