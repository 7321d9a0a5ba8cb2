//! The first `outgrow.toml` of a source: every key with a comment, and what was found in its place.
//!
//! All of it is commented out: what a file decides is decided by the people who take the `#` away.

use std::fmt::Write as _;

use crate::catalog::SourceCatalog;
use crate::gate::{Finding, Severity};
use crate::mapping::counted;
use crate::value::SourceProfile;

/// The keys, each with what it means; the same as the reference page has them.
const KEYS: &str = include_str!("starter/keys.toml");

/// Frameworks whose models read an integer of one width only.
const TYPED: [&str; 3] = ["diesel", "sqlx", "ef-core"];

/// What was found in a source.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// What it contains.
    pub catalog: &'a SourceCatalog,
    /// What its cells are.
    pub profile: &'a SourceProfile,
    /// What the gates found of the plan without a policy.
    pub findings: &'a [Finding],
}

/// The text of a first policy; of none but the keys where no source is named.
pub fn starter_policy(found: Option<Found<'_>>) -> String {
    let mut text = KEYS.to_owned();
    let Some(found) = found else { return text };
    push(&mut text, "\n# What was found in the source\n# ----------------------------\n");
    let framework = crate::preset::recognise(found.catalog);
    let name = framework.map_or("of no framework that is known", |preset| preset.name);
    push(&mut text, &format!("# {} · {name}\n", counted(number(found.catalog.tables.len()), "table")));
    if framework.is_some_and(|preset| TYPED.contains(&preset.id)) {
        push(
            &mut text,
            &format!("# The models of {name} say how wide an integer is: `narrow` under [rules] is for those that say 32 bits.\n"),
        );
    }
    for table in &found.catalog.tables {
        let rows = found.profile.tables.get(&table.name).map_or(0, |profile| profile.rows);
        push(&mut text, &format!("#   {:<40} {}\n", shown(&table.name), counted(rows, "row")));
    }
    let open: Vec<&Finding> = found.findings.iter().filter(|finding| finding.severity != Severity::Note).collect();
    if open.is_empty() {
        push(&mut text, "#\n# Nothing has to be decided before the move.\n");
        return text;
    }
    push(
        &mut text,
        "\n# To decide before the move\n# -------------------------\n# Mend it in the source, decide it above, or waive it here with a reason.\n",
    );
    for finding in open {
        decision(&mut text, finding);
    }
    text
}

/// A finding, and the waiver of it, ready to be used.
fn decision(text: &mut String, finding: &Finding) {
    push(text, &format!("\n# {}: {}\n", finding.id, shown(&finding.message)));
    push(text, &format!("# {}\n", shown(&finding.action)));
    if !finding.rows.is_empty() {
        push(text, &format!("# rows {}\n", shown(&finding.rows.join(", "))));
    }
    if finding.severity == Severity::Stop {
        return push(text, &format!("# at {}: this can't be waived\n", shown(&finding.place)));
    }
    if let Some((key, _)) = finding.place.split_once(" → ").filter(|_| finding.id == "orphan-rows") {
        let key = toml::Value::String(key.to_owned()).to_string();
        push(text, &format!("# [foreign-keys.{}]\n# orphans = \"quarantine\"\n", shown(&key)));
    }
    let place = toml::Value::String(finding.place.clone()).to_string();
    let waiver = format!("[[waiver]]\nfinding = \"{}\"\nat = {place}\nreason = \"\"\nby = \"\"\n", finding.id);
    for line in waiver.lines() {
        push(text, &format!("# {line}\n"));
    }
}

/// Without what would end a comment.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '·' } else { letter }).collect()
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn push(text: &mut String, more: &str) {
    text.write_str(more).expect("a String takes everything that is written to it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Policy;

    /// With every `#` before a key or a table's head taken away, too: what the comments show is right.
    #[test]
    fn the_keys_parse_as_they_are_and_uncommented() {
        assert_eq!(Policy::parse(&starter_policy(None)).unwrap(), Policy::default());
        let is_key = |line: &str| {
            line.strip_prefix("# ")
                .is_some_and(|line| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')))
        };
        let lines = KEYS.lines().map(|line| if is_key(line) { line.trim_start_matches("# ") } else { line });
        let policy = Policy::parse(&lines.collect::<Vec<_>>().join("\n")).unwrap();
        assert_ne!(policy, Policy::default());
        assert_eq!((policy.tables.len(), policy.columns.len(), policy.types.len(), policy.waivers.len()), (3, 5, 1, 1));
    }
}
