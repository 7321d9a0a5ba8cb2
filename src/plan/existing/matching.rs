//! Which table or column of the target is meant by a name of the source.

use crate::catalog::{TargetCatalog, TargetTable};
use crate::plan::{NameRule, Policy};

/// The target's table for a table of the source.
pub(super) fn table<'a>(policy: &Policy, name: &str, target: &'a TargetCatalog) -> Option<&'a TargetTable> {
    if let Some(chosen) = policy.table(name).and_then(|decided| decided.name.as_deref()) {
        return target.table(chosen);
    }
    let names: Vec<&str> = target.tables.iter().map(|table| table.name.as_str()).collect();
    let position = matching(policy.target.names, name, &names)?;
    target.tables.get(position)
}

/// The place among `names` of the one that is meant by `name`: the same; else the only one that differs in case alone;
/// else, where the policy says so, the only one that differs in case and underscores alone.
pub(in crate::plan) fn matching(rule: NameRule, name: &str, names: &[&str]) -> Option<usize> {
    let only = |is_meant: &dyn Fn(&str) -> bool| {
        let mut places = names.iter().enumerate().filter(|(_, other)| is_meant(other)).map(|(place, _)| place);
        places.next().filter(|_| places.next().is_none())
    };
    let folded = |name: &str| name.to_lowercase();
    let plain = |name: &str| folded(name).replace('_', "");
    names
        .iter()
        .position(|other| *other == name)
        .or_else(|| only(&|other| folded(other) == folded(name)))
        .or_else(|| (rule == NameRule::SnakeCase).then(|| only(&|other| plain(other) == plain(name))).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_name_comes_first_and_what_is_not_unique_matches_nothing() {
        let names = ["Users", "users", "created_at", "createdat", "Role", "user_id"];
        for (rule, name, place) in [
            (NameRule::Exact, "users", Some(1)),
            (NameRule::Exact, "Users", Some(0)),
            (NameRule::Exact, "USERS", None),
            (NameRule::Exact, "role", Some(4)),
            (NameRule::Exact, "userId", None),
            (NameRule::SnakeCase, "userId", Some(5)),
            (NameRule::SnakeCase, "createdAt", Some(3)),
            (NameRule::SnakeCase, "created_At", Some(2)),
            (NameRule::SnakeCase, "nothing", None),
        ] {
            assert_eq!(matching(rule, name, &names), place, "{name}");
        }
    }
}
