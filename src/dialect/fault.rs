//! Why something could not be translated.

use std::fmt;

/// A construct that PostgreSQL can't be made to give the same result for, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Untranslatable {
    /// The construct, as in the documentation's table: `strftime('%W')`, `INSERT OR REPLACE` …
    pub construct: String,
    /// Why, as a lower-case fragment.
    pub reason: String,
}

impl Untranslatable {
    pub(super) fn new(construct: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { construct: construct.into(), reason: reason.into() }
    }
}

impl fmt::Display for Untranslatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.construct, self.reason)
    }
}

impl std::error::Error for Untranslatable {}

/// The result of translating.
pub(super) type Translated<T> = Result<T, Untranslatable>;

/// Shorthand for a refusal.
pub(super) fn refuse<T>(construct: impl Into<String>, reason: impl Into<String>) -> Translated<T> {
    Err(Untranslatable::new(construct, reason))
}
