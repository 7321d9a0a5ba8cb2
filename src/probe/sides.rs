//! Whom questions are put to.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use crate::plan::{Probe, Question, Side};
use crate::postgres::ConnectionSettings;

/// Both sides of the move and what else a question needs; a side that is not there can't be asked.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// The SQLite file.
    pub source: Option<&'a Path>,
    /// The server.
    pub target: Option<&'a ConnectionSettings>,
    /// The schema of the target in which names without one are looked up, before `public`.
    pub schema: Option<&'a str>,
    /// The policy's directory, from which relative ones are taken.
    pub directory: Option<&'a Path>,
    /// A variable of the environment: where secrets come from.
    pub variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Variables that commands get besides those of the target.
    pub environment: &'a [(String, Option<OsString>)],
}

impl<'a> Sides<'a> {
    /// Nobody yet; the fields say who.
    pub fn new(variable: &'a (dyn Fn(&str) -> Option<String> + Sync)) -> Self {
        Self { source: None, target: None, schema: None, directory: None, variable, environment: &[] }
    }

    /// What a command gets: where the target is, for drivers that read `DATABASE_URL` (without the password) or libpq's
    /// variables, and what else is given.
    pub fn environment(&self) -> Vec<(String, Option<OsString>)> {
        let mut variables = Vec::new();
        if let Some(target) = self.target {
            variables.push(("DATABASE_URL".to_owned(), Some(target.url_without_password().into())));
            variables.extend(target.child_environment().into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        variables.extend_from_slice(self.environment);
        variables
    }

    /// Whether everybody whom a probe asks is there.
    pub(super) fn can_answer(&self, probe: &Probe) -> bool {
        match &probe.question {
            Question::Http(_) | Question::Run(_) => true,
            Question::Sql(question) => {
                let (source, target) = (self.source.is_some(), self.target.is_some());
                match (question.same, question.on) {
                    (true, Side::Source | Side::Target) => source && target,
                    (false, Side::Source) => source,
                    (false, Side::Target) => target,
                }
            }
        }
    }
}

impl fmt::Debug for Sides<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The variables may hold secrets.
        f.debug_struct("Sides").field("source", &self.source).field("schema", &self.schema).finish_non_exhaustive()
    }
}
