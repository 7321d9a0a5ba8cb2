//! The house's rules as tests: layers, sizes, names, pages and hygiene. Each says where to look when it fails.
//!
//! Reads the working tree only. Every rule asserts that it looked at something: a check of nothing is no check.

mod hygiene;
mod layers;
mod pages;
mod shape;

use std::path::{Path, PathBuf};

/// A file of the tree, its path relative to the root with `/` between names.
struct File {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below these folders (or these files themselves) with one of these endings, in order of their path; every
/// file when no ending is named. Files that are not UTF-8 are left out, as are build results and git's own.
fn files(below: &[&str], endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = below.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = open.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if [".git", "target", ".outgrow"].contains(&name.as_str()) || !path.exists() {
            continue;
        }
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending)) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let path = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            found.push(File { path, text });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn read(path: &str) -> String {
    assert!(exists(path), "{path} is not there");
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn exists(path: &str) -> bool {
    root().join(path).exists()
}

/// Fails with every complaint at once, and when nothing was looked at.
fn report(looked_at: usize, complaints: &[String]) {
    assert!(looked_at > 0, "this rule looked at nothing: has a folder moved?");
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}
