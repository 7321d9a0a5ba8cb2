//! What the policy says of a name, and where in the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::nearest::did_you_mean;
use crate::error::{Error, ErrorKind};

/// What the policy says of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<T> {
    /// The name as written.
    pub name: String,
    /// The line of the policy file.
    pub line: usize,
    /// What is said.
    pub what: T,
}

impl<T> Said<T> {
    /// An error about it.
    pub(in crate::plan) fn error(&self, detail: impl std::fmt::Display) -> Error {
        Error::new(ErrorKind::Policy, "follow the policy", format!("line {}, `{}`: {detail}", self.line, self.name))
    }
}

/// Reads a table of names. Until [`number`] has seen the text, `line` is the place of the name in bytes.
pub(super) fn read<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<Said<T>>, D::Error> {
    let named = BTreeMap::<Spanned<String>, T>::deserialize(deserializer)?;
    Ok(named.into_iter().map(|(name, what)| Said { line: name.span().start, name: name.into_inner(), what }).collect())
}

/// Reads a name that stands as a value. Until [`number`] has seen the text, `line` is its place in bytes.
pub(super) fn placed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Said<()>, D::Error> {
    let name = Spanned::<String>::deserialize(deserializer)?;
    Ok(Said { line: name.span().start, name: name.into_inner(), what: () })
}

/// Makes lines of places.
pub(super) fn number<T>(text: &str, said: &mut [Said<T>]) {
    for said in said {
        said.line = line(text, said.line);
    }
}

/// The line that a byte of a text stands in, from 1.
pub(super) fn line(text: &str, place: usize) -> usize {
    text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1
}

/// What TOML or a key of it is refused for, with the line and the key that was probably meant.
pub(super) fn unreadable(text: &str, error: &toml::de::Error) -> Error {
    let message = error.message();
    let place = error.span().map_or(0, |span| span.start);
    let read = Error::new(ErrorKind::Policy, "read the policy", message.to_owned())
        .hint(format!("the place is line {} of the policy file", line(text, place)));
    // The message puts names in backticks: the unknown one, then those that it could be.
    let mut names = message.split('`').skip(1).step_by(2);
    match names.next().filter(|_| message.starts_with("unknown")).map(|unknown| did_you_mean(unknown, names, "")) {
        Some(meant) if !meant.is_empty() => read.hint(meant),
        Some(_) | None => read,
    }
}
