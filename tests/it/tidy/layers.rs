//! Which room may use which. ARCHITECTURE.md gives the reasons.

use super::{File, exists, files, read, report};

/// A room and what it may use.
struct Room {
    name: &'static str,
    uses: Uses,
}

enum Uses {
    /// These rooms.
    Only(&'static [&'static str]),
    /// Every room but these.
    AllBut(&'static [&'static str]),
}

const fn only(name: &'static str, uses: &'static [&'static str]) -> Room {
    Room { name, uses: Uses::Only(uses) }
}

/// In the order of the workflow. A new room gets its row here and in ARCHITECTURE.md.
const ROOMS: &[Room] = &[
    only("error", &[]),
    only("budget", &[]),
    only("catalog", &["error"]),
    only("value", &["error"]),
    only("dialect", &["error", "catalog", "value"]),
    only("mapping", &["error", "catalog", "value"]),
    only("preset", &["error", "catalog", "value", "mapping"]),
    only("plan", &["error", "catalog", "value", "dialect", "mapping", "preset"]),
    only("gate", &["error", "catalog", "value", "dialect", "mapping", "preset", "plan"]),
    only("journal", &["error", "catalog", "value", "plan", "gate"]),
    only("sqlite", &["error", "catalog", "value"]),
    only("postgres", &["error", "catalog", "value"]),
    only("inspect", &["error", "budget", "catalog", "value", "dialect", "preset", "sqlite", "postgres"]),
    only("copy", &["error", "budget", "catalog", "value", "dialect", "mapping", "plan", "gate", "journal", "sqlite", "postgres"]),
    // The comparison keeps the load's books of the quarantine, and asks for each of its cells.
    only(
        "verify",
        &["error", "budget", "catalog", "value", "dialect", "mapping", "preset", "plan", "gate", "journal", "sqlite", "postgres", "copy"],
    ),
    only("backup", &["error", "budget", "catalog", "value", "plan", "gate", "journal", "sqlite", "postgres", "verify"]),
    only("migrations", &["error", "catalog", "mapping", "plan", "postgres", "copy"]),
    only(
        "report",
        &[
            "error",
            "catalog",
            "value",
            "dialect",
            "mapping",
            "preset",
            "plan",
            "gate",
            "journal",
            "inspect",
            "copy",
            "verify",
            "migrations",
            "runbook",
        ],
    ),
    only("runbook", &["error", "plan", "journal"]),
    only("probe", &["error", "catalog", "value", "plan", "sqlite", "postgres"]),
    only("roles", &["error", "catalog", "dialect", "plan", "postgres"]),
    only("notify", &["error", "plan", "journal", "probe"]),
    only("switch", &["error", "plan", "postgres", "probe"]),
    Room { name: "migrate", uses: Uses::AllBut(&["cli", "rehearse", "cutover", "demo"]) },
    Room { name: "rehearse", uses: Uses::AllBut(&["cli", "cutover", "demo"]) },
    Room { name: "rollback", uses: Uses::AllBut(&["cli", "rehearse", "demo", "cutover"]) },
    Room { name: "cutover", uses: Uses::AllBut(&["cli", "demo"]) },
    only("demo", &["error", "catalog"]),
    Room { name: "cli", uses: Uses::AllBut(&[]) },
];

/// Rooms that decide and describe: neither files nor sockets nor clocks.
const PURE: &[&str] = &["catalog", "value", "dialect", "mapping", "preset", "plan", "gate"];

fn room_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("src/")?;
    let first = rest.split('/').next()?;
    let room = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "main"].contains(&room)).then_some(room)
}

fn row(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

fn may_use(room: &Room, other: &str) -> bool {
    room.name == other
        || match room.uses {
            Uses::Only(list) => list.contains(&other),
            Uses::AllBut(list) => !list.contains(&other),
        }
}

/// The code without its line comments.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first name of every path that begins at the crate's root: `crate::name`, and each of `crate::{name::…, name}`.
fn rooms_used(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            used.extend(first_names(group));
        } else {
            used.push(name_at_start(rest));
        }
    }
    used
}

/// The first name of each item of a `{…}` group whose opening brace is already read.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut item, mut names) = (1, String::new(), Vec::new());
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && letter == ',') {
            names.push(name_at_start(item.trim_start()));
            item.clear();
        } else {
            item.push(letter);
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn name_at_start(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let code = "use crate::{error::{Error, Result}, value,\n catalog::quoted};\nlet x = crate::plan::Plan; $crate::no; mycrate::no;";
    assert_eq!(rooms_used(code), ["error", "value", "catalog", "plan"]);
}

#[test]
fn no_room_uses_one_above_it() {
    let (mut paths, mut complaints) = (0, Vec::new());
    for File { path, text } in files(&["src"], &[".rs"]) {
        let Some(room) = room_of(&path) else { continue };
        let Some(row) = row(room) else {
            complaints.push(format!("{path}: the room `{room}` stands in no row of the layer table (tests/it/tidy/layers.rs)"));
            continue;
        };
        let code = code(&text);
        for used in rooms_used(&code) {
            paths += 1;
            if !may_use(row, &used) {
                complaints.push(format!("{path}: `{room}` may not use `{used}`"));
            }
        }
        let is_door = path == format!("src/{room}/mod.rs") || path == format!("src/{room}.rs");
        let before_tests = code.split("#[cfg(test)]").next().unwrap_or_default();
        if is_door && before_tests.contains("super::") {
            complaints.push(format!("{path}: `super::` leads out of the room; say `crate::…`"));
        }
    }
    complaints.sort();
    complaints.dedup();
    report(paths, &complaints);
}

#[test]
fn each_room_of_the_library_is_in_the_table_and_in_the_architecture() {
    let architecture = read("ARCHITECTURE.md");
    let (mut rooms, mut complaints) = (0, Vec::new());
    for line in read("src/lib.rs").lines() {
        let Some(room) = line.trim().trim_start_matches("pub ").strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) else {
            continue;
        };
        rooms += 1;
        if row(room).is_none() {
            complaints.push(format!("`{room}` stands in no row of the layer table (tests/it/tidy/layers.rs)"));
        }
        if !architecture.contains(&format!("| `{room}` |")) {
            complaints.push(format!("`{room}` stands in no row of ARCHITECTURE.md's table of rooms"));
        }
    }
    report(rooms, &complaints);
}

#[test]
fn pure_rooms_touch_nothing() {
    let doors =
        ["std::fs", "std::net", "std::process", "std::env", "std::thread", "io::std", "rusqlite::", "tokio", "SystemTime", "Instant::now"];
    let (mut looked_at, mut complaints) = (0, Vec::new());
    for room in PURE.iter().filter(|room| exists(&format!("src/{room}"))) {
        for File { path, text } in files(&[&format!("src/{room}")], &[".rs"]) {
            looked_at += 1;
            let code = code(&text);
            let before_tests = code.split("#[cfg(test)]").next().unwrap_or_default();
            complaints
                .extend(doors.iter().filter(|door| before_tests.contains(*door)).map(|door| format!("{path}: `{door}` in a pure room")));
        }
    }
    report(looked_at, &complaints);
}

#[test]
fn only_the_cli_reads_the_environment() {
    let (mut looked_at, mut complaints) = (0, Vec::new());
    for File { path, text } in files(&["src"], &[".rs"]) {
        looked_at += 1;
        let code = code(&text);
        let before_tests = code.split("#[cfg(test)]").next().unwrap_or_default();
        let is_allowed = path.starts_with("src/cli/");
        if !is_allowed && (before_tests.contains("env::var") || before_tests.contains("env!(\"HOME")) {
            complaints.push(format!("{path}: reads the environment; take what you need as an argument"));
        }
    }
    report(looked_at, &complaints);
}
