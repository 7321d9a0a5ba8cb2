//! What people decide: the policy file `outgrow.toml`.
//!
//! Everything in it is optional. Unknown keys are errors, so that a misspelt rule can't be ignored silently. Secrets
//! never stand in it.

use serde::{Deserialize, Serialize};

use crate::dialect::HELPER_SCHEMA;
use crate::error::{Error, ErrorKind, Result};
use crate::value::TextRules;

/// The policy: what people write; the planner's third input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    /// Where to load.
    pub target: TargetPolicy,
    /// Rules for values and constraints.
    pub rules: Rules,
    /// Findings that somebody answers for.
    #[serde(rename = "waiver")]
    pub waivers: Vec<Waiver>,
}

/// Where to load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct TargetPolicy {
    /// The PostgreSQL schema that gets the tables; made when it is not there.
    pub schema: String,
}

impl Default for TargetPolicy {
    fn default() -> Self {
        Self { schema: "public".to_owned() }
    }
}

/// Rules for values and constraints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rules {
    /// What becomes of text that PostgreSQL can't hold.
    pub text: TextRules,
    /// What becomes of rows whose parent is missing.
    pub orphans: OrphanRule,
}

/// What becomes of rows whose parent is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrphanRule {
    /// Somebody has to decide before the move.
    #[default]
    Stop,
    /// The rows come across; the foreign key is made `NOT VALID`: it binds new rows and leaves the old ones.
    NotValid,
}

/// A finding that somebody answers for, with the reason; shown in every report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Waiver {
    /// The finding's id.
    pub finding: String,
    /// Its place (`grades.student_id`), or `*` for every place.
    pub at: String,
    /// Why it is no obstacle.
    pub reason: String,
    /// Who says so.
    pub by: String,
}

impl Policy {
    /// Reads a policy file's text.
    pub fn parse(text: &str) -> Result<Self> {
        let policy: Self = toml::from_str(text).map_err(|error| {
            Error::new(ErrorKind::Policy, "read the policy", error.message().to_owned()).hint(position(text, error.span()))
        })?;
        let schema = &policy.target.schema;
        if schema.is_empty()
            || schema == "outgrow"
            || schema == HELPER_SCHEMA
            || schema == "information_schema"
            || schema.starts_with("pg_")
        {
            let detail = format!("the schema `{schema}` can't get the tables: outgrow or PostgreSQL keeps things of its own there");
            return Err(Error::new(ErrorKind::Policy, "read the policy", detail).hint("name another schema under [target]"));
        }
        for waiver in &policy.waivers {
            if waiver.reason.trim().is_empty() || waiver.by.trim().is_empty() {
                let detail = format!("the waiver of `{}` at `{}` names no reason or nobody who answers for it", waiver.finding, waiver.at);
                return Err(Error::new(ErrorKind::Policy, "read the policy", detail));
            }
        }
        Ok(policy)
    }
}

fn position(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("the place is line {} of the policy file", before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::TextFault;

    #[test]
    fn an_empty_policy_is_the_default() {
        assert_eq!(Policy::parse("").unwrap(), Policy::default());
    }

    #[test]
    fn rules_and_waivers_are_read() {
        let policy = Policy::parse(
            "[rules]\norphans = \"not-valid\"\ntext = { nul = \"strip\" }\n\
             [[waiver]]\nfinding = \"mixed-types\"\nat = \"*\"\nreason = \"read as text\"\nby = \"Ada\"\n",
        )
        .unwrap();
        assert_eq!(policy.rules.orphans, OrphanRule::NotValid);
        assert_eq!(policy.rules.text, TextRules { nul: TextFault::Strip, invalid_utf8: TextFault::Quarantine });
        assert_eq!(policy.waivers.len(), 1);
    }

    #[test]
    fn a_misspelt_key_and_an_empty_reason_are_refused() {
        let misspelt = Policy::parse("[rules]\norphan = \"stop\"\n").unwrap_err();
        assert_eq!(misspelt.kind(), ErrorKind::Policy);
        assert!(misspelt.hints().any(|hint| hint.contains("line 2")), "{:?}", misspelt.hints().collect::<Vec<_>>());
        let nameless = Policy::parse("[[waiver]]\nfinding = \"x\"\nat = \"*\"\nreason = \" \"\nby = \"Ada\"\n");
        assert!(nameless.is_err());
    }
}
