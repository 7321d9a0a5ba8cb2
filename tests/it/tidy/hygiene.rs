//! What must not be in the tree: traces of somebody's machine, crates that can't be built everywhere, a stale changelog.

use super::{files, read, report};

/// The one index that the lock file may name.
const INDEX: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Each needs a second crypto stack, a system library or libclang.
const FORBIDDEN_CRATES: &[&str] = &["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls", "bindgen"];

#[test]
fn no_file_knows_a_machine() {
    // In pieces, so that this file does not trip over itself.
    let traces = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/Us", "ers/"),
        concat!("replace-", "with"),
        concat!("sparse", "+http"),
        concat!("index-", "url"),
    ];
    let all = files(&["."], &[]);
    let mut complaints = Vec::new();
    for file in &all {
        for (number, line) in file.text.lines().enumerate() {
            complaints.extend(
                traces.iter().filter(|trace| line.contains(*trace)).map(|trace| format!("{}:{}: `{trace}`", file.path, number + 1)),
            );
        }
    }
    report(all.len(), &complaints);
}

#[test]
fn the_lock_file_names_only_the_canonical_index() {
    let lock = read("Cargo.lock");
    let sources: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    let complaints: Vec<String> =
        sources.iter().filter(|source| source.trim_matches('"') != INDEX).map(|&source| source.to_owned()).collect();
    report(sources.len(), &complaints);
}

#[test]
fn no_crate_needs_more_than_a_c_compiler() {
    let lock = read("Cargo.lock");
    let names: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("name = ")).map(|name| name.trim_matches('"')).collect();
    let complaints: Vec<String> =
        names.iter().filter(|name| FORBIDDEN_CRATES.contains(name)).map(|name| format!("Cargo.lock holds {name}")).collect();
    report(names.len(), &complaints);
}

#[test]
fn the_changelog_is_at_the_version_of_the_package() {
    let changelog = read("CHANGELOG.md");
    let top = changelog.lines().find_map(|line| line.strip_prefix("## [")).and_then(|rest| rest.split(']').next());
    assert_eq!(top, Some(env!("CARGO_PKG_VERSION")), "the topmost `## [version]` of CHANGELOG.md");
}

#[test]
fn no_toolchain_is_fetched() {
    for name in ["rust-toolchain", "rust-toolchain.toml"] {
        assert!(!super::exists(name), "{name} would make rustup fetch a toolchain; `rust-version` in Cargo.toml says what is needed");
    }
    assert!(read("Cargo.toml").contains("rust-version"), "Cargo.toml says which Rust is needed");
}
