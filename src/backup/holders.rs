//! Who has a file open, by process, as `/proc` shows it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Who has files open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Holders {
    /// `123 (php-fpm)`.
    pub(super) processes: Vec<String>,
    /// How many processes of other accounts could not be looked into.
    pub(super) hidden: usize,
    /// Whether this system shows processes at all.
    pub(super) known: bool,
}

/// Looks through all processes but this one.
pub(super) fn holders(files: &[PathBuf]) -> Holders {
    let wanted: Vec<(u64, u64)> = files.iter().filter_map(|file| identity(file)).collect();
    let mut found = Holders::default();
    let Ok(entries) = fs::read_dir("/proc") else { return found };
    let own = std::process::id();
    for entry in entries.filter_map(Result::ok) {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()).filter(|pid| *pid != own) else { continue };
        found.known = true;
        let Ok(handles) = fs::read_dir(entry.path().join("fd")) else {
            // One that has ended meanwhile is gone with its handles.
            found.hidden += usize::from(entry.path().exists());
            continue;
        };
        let mut handles = handles.filter_map(Result::ok).filter_map(|handle| identity(&handle.path()));
        if handles.any(|handle| wanted.contains(&handle)) {
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            found.processes.push(format!("{pid} ({})", name.trim()));
        }
    }
    found
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}
