//! The roles that the application and its readers log in as.

use serde::Deserialize;

/// The roles of the target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct RolesPolicy {
    /// The role that the application works as: it reads and writes every table, and makes none.
    pub application: Option<String>,
    /// The role that reports are made as: it reads.
    pub reporting: Option<String>,
    /// The variable that holds the application's password; without it, one is made.
    pub application_password_from: Option<String>,
    /// The variable that holds the reporting role's password; without it, one is made.
    pub reporting_password_from: Option<String>,
}

impl RolesPolicy {
    /// The names are those of two roles that PostgreSQL can have.
    pub(super) fn check(&self) -> Result<(), String> {
        for name in [&self.application, &self.reporting].into_iter().flatten() {
            let is_kept = name.starts_with("pg_") || ["public", "none", "postgres"].contains(&name.as_str());
            if name.is_empty() || name.len() > 63 || name.contains('\0') || is_kept {
                return Err(format!("`{name}` under [roles] is no name for a role of an application"));
            }
        }
        if self.application.is_some() && self.application == self.reporting {
            return Err("`application` and `reporting` under [roles] are the same role".to_owned());
        }
        let lonely = |role: &Option<String>, password: &Option<String>| role.is_none() && password.is_some();
        if lonely(&self.application, &self.application_password_from) || lonely(&self.reporting, &self.reporting_password_from) {
            return Err("a password under [roles] has no role".to_owned());
        }
        Ok(())
    }
}
