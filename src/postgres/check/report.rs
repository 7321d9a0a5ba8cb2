//! What the check of a target found.
//!
//! Never holds a secret.

use serde::Serialize;

/// What the check of a target found, item by item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "an unread report is not actionable"]
pub struct CheckReport {
    /// The target: `user@host:port/database`.
    pub target: String,
    /// The schema that is to be loaded.
    pub schema: String,
    /// What was checked.
    pub items: Vec<CheckItem>,
    /// What the connection settings have to say.
    pub notes: Vec<String>,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckItem {
    /// Its stable name.
    pub id: &'static str,
    /// How it stands.
    pub state: CheckState,
    /// What was found and what it means, in a sentence.
    pub meaning: String,
}

/// How an item stands, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// It could not be found out.
    Unknown,
    /// It will do, but should be known.
    Warning,
    /// A move can't be made like this.
    Failed,
}

impl CheckReport {
    /// The worst state of any item.
    pub fn worst(&self) -> CheckState {
        self.items.iter().map(|item| item.state).max().unwrap_or(CheckState::Unknown)
    }
}

impl CheckItem {
    pub(super) fn ok(id: &'static str, meaning: impl Into<String>) -> Self {
        Self { id, state: CheckState::Ok, meaning: meaning.into() }
    }

    pub(super) fn unknown(id: &'static str, meaning: impl Into<String>) -> Self {
        Self { id, state: CheckState::Unknown, meaning: meaning.into() }
    }

    pub(super) fn warning(id: &'static str, meaning: impl Into<String>) -> Self {
        Self { id, state: CheckState::Warning, meaning: meaning.into() }
    }

    pub(super) fn failed(id: &'static str, meaning: impl Into<String>) -> Self {
        Self { id, state: CheckState::Failed, meaning: meaning.into() }
    }
}
