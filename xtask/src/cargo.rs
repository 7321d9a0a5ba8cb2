//! The commands that call cargo, with the flags of `.ci/run`. Never looks into what cargo builds.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// A call of the cargo that runs us, in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs to the end and fails when the child does.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(cause) => Err(format!("{shown} could not be started: {cause}")),
    }
}

/// What CI runs, in its order; the tests come last, so that their closing line is ours.
pub(crate) fn check() -> Result<(), String> {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(&mut cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    run(cargo(&["doc", "--locked", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))?;
    run(&mut cargo(&["test", "--locked", "--workspace"]))
}

pub(crate) fn test(arguments: &[String]) -> Result<(), String> {
    run(cargo(&["test", "--workspace"]).args(arguments))
}

pub(crate) fn golden(arguments: &[String]) -> Result<(), String> {
    match arguments {
        [] => run(&mut tests_of("golden::")),
        [flag] if flag == "--update" => run(tests_of("golden::").env("OUTGROW_UPDATE", "1")),
        _ => Err("golden takes no argument but --update".to_owned()),
    }
}

/// Writes the pages that are made of the program's own words.
pub(crate) fn docs() -> Result<(), String> {
    run(tests_of("tidy::pages::each_rule_check_gate_and_preset").env("OUTGROW_UPDATE", "1"))
}

fn tests_of(module: &str) -> Command {
    cargo(&["test", "--package", "outgrow", "--test", "it", module])
}

pub(crate) fn api(arguments: &[String]) -> Result<(), String> {
    run(cargo(&["doc", "--package", "outgrow", "--no-deps", "--document-private-items"]).args(arguments))
}

pub(crate) fn demo(arguments: &[String]) -> Result<(), String> {
    run(cargo(&["run", "--release", "--package", "outgrow", "--", "demo"]).args(arguments))
}
