//! Which server answered at an address when somebody looked at it: `servers.json` in the work directory.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::gate::ServerIdentity;
use crate::postgres::Surroundings;

/// Who a server says it is.
pub fn server_of(around: &Surroundings) -> ServerIdentity {
    ServerIdentity {
        system_identifier: around.system_identifier.clone(),
        data_directory: around.data_directory.clone(),
        major: around.major,
    }
}

/// Who answered at this place (`user@host:port/database`) when it was noted last.
pub fn seen_server(work: &Path, place: &str) -> Option<ServerIdentity> {
    read(work).remove(place)
}

/// Notes who answers at this place, whole or not at all. Does nothing where there is no work directory.
pub fn note_server(work: &Path, place: &str, identity: &ServerIdentity) -> Result<()> {
    if !work.is_dir() {
        return Ok(());
    }
    let mut all = read(work);
    all.insert(place.to_owned(), identity.clone());
    let text = serde_json::to_vec_pretty(&all).map_err(|error| Error::bug("note who the server is", error.to_string()))?;
    let (partial, file) = (work.join("servers.partial"), work.join("servers.json"));
    let write = || {
        let mut written = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&partial)?;
        written.write_all(&text)?;
        written.sync_all()?;
        fs::rename(&partial, &file)
    };
    write().map_err(|error| Error::new(ErrorKind::WorkDirectory, format!("keep {}", file.display()), error.to_string()).because(error))
}

/// What was noted; a file that can't be read counts as none, and is written anew.
fn read(work: &Path) -> BTreeMap<String, ServerIdentity> {
    fs::read(work.join("servers.json")).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}
