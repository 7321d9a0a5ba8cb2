//! Who has to agree before the application is moved.

use serde::Deserialize;

/// The roles whose word a cutover needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct SignOffsPolicy {
    /// Their names, as one likes: `tech-lead`, `qa`. None: nobody's word is needed.
    pub roles: Vec<String>,
}

impl SignOffsPolicy {
    /// A role without a name, or named twice, would be a slip.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut names: Vec<&str> = self.roles.iter().map(String::as_str).collect();
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err("a role under [sign-offs] has no name".to_owned());
        }
        names.sort_unstable();
        match names.iter().zip(names.iter().skip(1)).find(|(one, other)| one == other) {
            Some((name, _)) => Err(format!("the role `{name}` stands twice under [sign-offs]")),
            None => Ok(()),
        }
    }
}
