//! What a plan was made for, and its own name.

use std::fmt;
use std::io::{self, BufWriter};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalog::SourceCatalog;
use crate::error::{Error, Result};
use crate::value::SourceProfile;

/// The source that a plan was made for: its schema and every cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFingerprint {
    /// SHA-256 of the schema.
    pub schema: String,
    /// SHA-256 of the digests of all tables' cells.
    pub content: String,
}

impl SourceFingerprint {
    /// The fingerprint of a schema alone.
    pub fn schema_of(catalog: &SourceCatalog) -> Result<String> {
        hash(&(&catalog.tables, &catalog.views, &catalog.triggers, &catalog.virtual_tables))
    }

    /// The fingerprint of what was inspected.
    pub fn of(catalog: &SourceCatalog, profile: &SourceProfile) -> Result<Self> {
        let content: (Vec<_>, _) =
            (profile.tables.iter().map(|(name, table)| (name, &table.digest, table.rows)).collect(), &catalog.sequences);
        Ok(Self { schema: Self::schema_of(catalog)?, content: hash(&content)? })
    }
}

/// The name of a plan: the hash of everything in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(String);

impl PlanId {
    /// The id of a plan's content.
    pub(super) fn of<T: Serialize>(content: &T) -> Result<Self> {
        Ok(Self(hash(content)?))
    }

    /// All of it: 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

/// The SHA-256 of a document's JSON, piece by piece: that of a plan of thousands of tables is large.
fn hash<T: Serialize>(content: &T) -> Result<String> {
    let mut out = BufWriter::new(Hashing(Sha256::new()));
    let failed = |error: io::Error| Error::bug("hash a plan", error.to_string());
    serde_json::to_writer(&mut out, content).map_err(io::Error::from).map_err(failed)?;
    let Hashing(hash) = out.into_inner().map_err(|error| failed(error.into_error()))?;
    Ok(hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}

struct Hashing(Sha256);

impl io::Write for Hashing {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
