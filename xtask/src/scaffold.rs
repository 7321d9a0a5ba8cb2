//! Makes the files that a new rule, check, gate or preset consists of, and says what remains to be done.
//!
//! Never overwrites a file and never edits a list: where the new line goes is a decision.

use std::path::PathBuf;

use crate::cargo::root;

/// A thing that can be added as one file.
#[derive(Debug)]
pub(crate) struct Scaffold {
    /// What it is called in a sentence.
    noun: &'static str,
    /// The folder that holds its file.
    folder: &'static str,
    /// The file with the list that it must be entered in, and what it is entered as.
    list: (&'static str, &'static str),
    /// How its golden cases begin; none where its cases are tests beside it.
    golden: Option<&'static str>,
    /// Whether it has a case in which it has nothing to say.
    has_passing: bool,
    template: &'static str,
}

pub(crate) const MAPPING: Scaffold = Scaffold {
    noun: "mapping rule",
    folder: "src/mapping/rules",
    list: ("src/mapping/rules/mod.rs", "RULE"),
    golden: Some("mapping"),
    has_passing: false,
    template: include_str!("../templates/mapping.txt"),
};

pub(crate) const CHECK: Scaffold = Scaffold {
    noun: "check",
    folder: "src/verify",
    list: ("src/verify/checks.rs", "CHECK"),
    golden: Some("verify"),
    has_passing: false,
    template: include_str!("../templates/check.txt"),
};

pub(crate) const GATE: Scaffold = Scaffold {
    noun: "gate",
    folder: "src/gate/gates",
    list: ("src/gate/gates/mod.rs", "GATE"),
    golden: Some("gate"),
    has_passing: true,
    template: include_str!("../templates/gate.txt"),
};

pub(crate) const READINESS: Scaffold = Scaffold {
    noun: "readiness gate",
    folder: "src/gate/readiness",
    list: ("src/gate/readiness/mod.rs", "GATE"),
    golden: None,
    has_passing: false,
    template: include_str!("../templates/readiness.txt"),
};

pub(crate) const PRESET: Scaffold = Scaffold {
    noun: "preset",
    folder: "src/preset",
    list: ("src/preset/mod.rs", "PRESET"),
    golden: Some("preset"),
    has_passing: true,
    template: include_str!("../templates/preset.txt"),
};

/// Makes the files of one thing.
pub(crate) fn create(scaffold: &Scaffold, arguments: &[String]) -> Result<(), String> {
    let Scaffold { noun, folder, list: (list, entry), golden, has_passing, template } = scaffold;
    let [name] = arguments else { return Err(format!("name the {noun}: one argument, such as text-in-integer-column")) };
    let is_plain =
        name.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if !is_plain || name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(format!("`{name}`: use lower-case words joined by hyphens; the name is what the operator types"));
    }
    let module = name.replace('-', "_");
    let filled = |text: &str| text.replace("{name}", name).replace("{module}", &module).replace("{noun}", noun);
    let golden = golden.map(|golden| format!("tests/golden/{golden}-{name}"));
    let mut files = vec![(format!("{folder}/{module}.rs"), filled(template))];
    if let Some(golden) = &golden {
        files.push((
            format!("{golden}/source.sql"),
            filled("-- A database in which the {noun} {name} has something to say, and a column or table in which it has not.\n"),
        ));
    }
    if let Some(golden) = golden.as_ref().filter(|_| *has_passing) {
        files.push((
            format!("{golden}-passes/source.sql"),
            filled("-- A database that comes near to it, in which the {noun} {name} has nothing to say.\n"),
        ));
    }
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| root().join(path)).collect();
    if let Some(there) = paths.iter().find(|path| path.exists()) {
        return Err(format!("{} is there already; nothing was written", there.display()));
    }
    for (path, (_, text)) in paths.iter().zip(&files) {
        let folder = path.parent().ok_or("a path without a folder")?;
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(path, text))
            .map_err(|cause| format!("{}: {cause}", path.display()))?;
    }
    println!("made:");
    for (path, _) in &files {
        println!("  {path}");
    }
    println!("what remains:");
    println!("  1. write the {noun}, its `explain` and its unit tests");
    println!("  2. `mod {module};` in {folder}/mod.rs, and `&{module}::{entry},` in the list in {list} (its place is its priority)");
    match &golden {
        Some(golden) => {
            println!(
                "  3. fill {golden}/source.sql{}",
                if *has_passing { format!(" and {golden}-passes/source.sql") } else { String::new() }
            );
        }
        None => println!("  3. its cases in {folder}/tests.rs: one that passes, one that is blocked, one that is unknown"),
    }
    if scaffold.folder == CHECK.folder {
        println!("     and tamper with that database in tests/it/verify.rs: one case that it catches, one that it passes");
    }
    println!("  4. cargo x golden --update, and read what it wrote; cargo x docs; one line in CHANGELOG.md");
    println!("  5. cargo x check");
    Ok(())
}
