//! The application's framework, as the policy names it.

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::catalog::SourceCatalog;
use crate::error::{Error, ErrorKind, Result};
use crate::preset::{self, PRESETS, Preset};

/// What is known of the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct SourcePolicy {
    /// The id of the application's framework, or `none`; unless said, it is recognised by its bookkeeping tables.
    pub framework: Option<String>,
}

/// Which types columns get in a schema of outgrow's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypeRule {
    /// The narrowest that the declaration intends and every value fits exactly.
    #[default]
    Faithful,
    /// As under `faithful`, and beyond that those that every value of a column proves, whatever it declares.
    Refined,
    /// Those that the application's framework makes on PostgreSQL, where every value fits them exactly; the rest as under
    /// `faithful`.
    Framework,
}

impl Policy {
    /// The application's framework: the one that is named, or the one that is recognised.
    pub fn framework(&self, catalog: &SourceCatalog) -> Option<&'static Preset> {
        match &self.source.framework {
            Some(named) => preset::find(named),
            None => preset::recognise(catalog),
        }
    }
}

impl SourcePolicy {
    pub(super) fn check(&self) -> Result<()> {
        let Some(named) = &self.framework else { return Ok(()) };
        if named == "none" || preset::find(named).is_some() {
            return Ok(());
        }
        let known: Vec<&str> = PRESETS.iter().map(|preset| preset.id).collect();
        let detail = format!("no framework is called `{named}`");
        let hint = format!("under [source], `framework` is one of {}, or none; without it, the framework is recognised", known.join(", "));
        Err(Error::new(ErrorKind::Policy, "read the policy", detail).hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framework_is_named_or_ruled_out() {
        assert_eq!(Policy::parse("[source]\nframework = \"django\"\n").unwrap().source.framework.as_deref(), Some("django"));
        assert_eq!(Policy::parse("[source]\nframework = \"none\"\n").unwrap().source.framework.as_deref(), Some("none"));
        let unknown = Policy::parse("[source]\nframework = \"cobol\"\n").unwrap_err();
        assert!(unknown.hints().any(|hint| hint.contains("django, rails")), "{:?}", unknown.hints().collect::<Vec<_>>());
    }
}
