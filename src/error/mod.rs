//! The one error type, and the table from each kind to exit code, retry and advice.
//!
//! An [`Error`] says what was being done, what went wrong, and what to do next. Results that are not
//! failures (a blocked gate, a mismatch, an inconclusive comparison) are never errors: they are an [`Outcome`].
//!
//! Never holds a cell value or a secret.

pub mod failpoint;
mod kind;
mod outcome;

pub use kind::{ErrorKind, Policy, Retry};
pub use outcome::{ExitCode, Outcome};

use std::error::Error as StdError;
use std::fmt;

/// The result of everything in this library that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, while doing what, and what to do about it.
///
/// `Display` reads "failed to {doing}: {detail}"; the cause is attached as `source()`, never pasted in.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    doing: String,
    detail: String,
    hints: Vec<String>,
    line: Option<u64>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Makes an error. `doing` completes "failed to …"; `detail` is a lower-case fragment that says what happened.
    pub fn new(kind: ErrorKind, doing: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, doing: doing.into(), detail: detail.into(), hints: Vec::new(), line: None, source: None }
    }

    /// Makes the error for something that can only happen through a mistake in this program.
    pub fn bug(doing: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Bug, doing, detail)
    }

    /// Adds what the operator can do next; each hint is shown on a line of its own.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says more exactly what happened.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Says which line of a COPY the server stumbled over.
    #[must_use]
    pub fn at_line(mut self, line: Option<u64>) -> Self {
        self.line = line;
        self
    }

    /// Attaches the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What class of failure this is; decides the exit code and whether trying again may help.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What was being done, as completes "failed to …".
    pub fn doing(&self) -> &str {
        &self.doing
    }

    /// What happened.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The line of a COPY that the server stumbled over, where it was one.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// What the operator can do next: this error's own hints, then the advice of its kind.
    pub fn hints(&self) -> impl Iterator<Item = &str> {
        self.hints.iter().map(String::as_str).chain(self.kind.policy().advice)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to {}: {}", self.doing, self.detail)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| {
            let source: &(dyn StdError + 'static) = source;
            source
        })
    }
}
