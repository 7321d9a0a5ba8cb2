//! Whether both sides have the same migrations behind them.

use std::collections::BTreeSet;

/// How the applied migrations of the two sides stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level<'a> {
    /// Both have the same.
    InStep,
    /// The source has these, and the target has not.
    SourceAhead(Vec<&'a str>),
    /// The target has these, and the source has not.
    TargetAhead(Vec<&'a str>),
    /// Each has some that the other has not.
    Diverged {
        /// Those of the source alone.
        source_only: Vec<&'a str>,
        /// Those of the target alone.
        target_only: Vec<&'a str>,
    },
}

impl<'a> Level<'a> {
    /// Compares two lists of applied migrations. Their order says nothing: a merge of two branches changes it.
    pub fn of(source: &'a BTreeSet<String>, target: &'a BTreeSet<String>) -> Self {
        let source_only: Vec<&str> = source.difference(target).map(String::as_str).collect();
        let target_only: Vec<&str> = target.difference(source).map(String::as_str).collect();
        match (source_only.is_empty(), target_only.is_empty()) {
            (true, true) => Self::InStep,
            (false, true) => Self::SourceAhead(source_only),
            (true, false) => Self::TargetAhead(target_only),
            (false, false) => Self::Diverged { source_only, target_only },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lists_are_compared_as_sets() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let (one, two, other) = (list(&["a"]), list(&["b", "a"]), list(&["a", "c"]));
        assert_eq!(Level::of(&two, &two), Level::InStep);
        assert_eq!(Level::of(&list(&[]), &list(&[])), Level::InStep);
        assert_eq!(Level::of(&two, &one), Level::SourceAhead(vec!["b"]));
        assert_eq!(Level::of(&one, &two), Level::TargetAhead(vec!["b"]));
        assert_eq!(Level::of(&two, &list(&[])), Level::SourceAhead(vec!["a", "b"]));
        assert_eq!(Level::of(&two, &other), Level::Diverged { source_only: vec!["b"], target_only: vec!["c"] });
    }
}
