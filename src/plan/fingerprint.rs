//! What a plan was made for, and its own name.

use std::fmt;

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

fn hash<T: Serialize>(content: &T) -> Result<String> {
    let json = serde_json::to_vec(content).map_err(|error| Error::bug("hash a plan", error.to_string()))?;
    Ok(Sha256::digest(json).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}
