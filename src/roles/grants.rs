//! Which rights a role gets, as statements, and how one sees that it has them.

use crate::catalog::quoted;
use crate::dialect::{HELPER_SCHEMA, text_sql};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::RolesPolicy;

/// What a role is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Purpose {
    Application,
    Reporting,
}

impl Purpose {
    fn of_tables(self) -> &'static [&'static str] {
        match self {
            Self::Application => &["SELECT", "INSERT", "UPDATE", "DELETE"],
            Self::Reporting => &["SELECT"],
        }
    }

    fn of_sequences(self) -> &'static [&'static str] {
        match self {
            Self::Application => &["USAGE", "SELECT"],
            Self::Reporting => &["SELECT"],
        }
    }
}

/// One statement, and the question whether it is needed.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) sql: String,
    pub(super) place: Place,
    pub(super) rights: &'static [&'static str],
}

/// Where a right holds.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Database,
    Schema(String),
    /// Tables, views and what else is read like one.
    Tables(String),
    Sequences(String),
    /// Tables that whoever runs this makes later.
    LaterTables(String),
    LaterSequences(String),
}

impl Place {
    /// Whether a right is missing: `$1` is the role, `$2` the schema and `$3` the rights.
    pub(super) const fn question(&self) -> &'static str {
        match self {
            Self::Database => {
                "select not exists (select from pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a \
                 where d.datname = pg_catalog.current_database() and $2::text is not null and a.privilege_type = any($3::text[]) \
                 and a.grantee = (select oid from pg_catalog.pg_roles where rolname = $1::text))"
            }
            Self::Schema(_) => {
                "select exists (select from pg_catalog.pg_namespace n where n.nspname = $2::text and not exists \
                 (select from pg_catalog.aclexplode(n.nspacl) a where a.privilege_type = any($3::text[]) \
                 and a.grantee = (select oid from pg_catalog.pg_roles where rolname = $1::text)))"
            }
            Self::Tables(_) => {
                "select exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                 where n.nspname = $2::text and c.relkind in ('r', 'p', 'v', 'm', 'f') and (select count(*) from pg_catalog.aclexplode(c.relacl) a \
                 where a.privilege_type = any($3::text[]) and a.grantee = (select oid from pg_catalog.pg_roles where rolname = $1::text)) \
                 < pg_catalog.cardinality($3::text[]))"
            }
            Self::Sequences(_) => {
                "select exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                 where n.nspname = $2::text and c.relkind = 'S' and (select count(*) from pg_catalog.aclexplode(c.relacl) a \
                 where a.privilege_type = any($3::text[]) and a.grantee = (select oid from pg_catalog.pg_roles where rolname = $1::text)) \
                 < pg_catalog.cardinality($3::text[]))"
            }
            Self::LaterTables(_) => {
                "select (select count(*) from pg_catalog.pg_default_acl d join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace, \
                 pg_catalog.aclexplode(d.defaclacl) a where n.nspname = $2::text and d.defaclobjtype = 'r' \
                 and d.defaclrole = (select oid from pg_catalog.pg_roles where rolname = current_user) and a.privilege_type = any($3::text[]) \
                 and a.grantee = (select oid from pg_catalog.pg_roles where rolname = $1::text)) < pg_catalog.cardinality($3::text[])"
            }
            Self::LaterSequences(_) => {
                "select (select count(*) from pg_catalog.pg_default_acl d join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace, \
                 pg_catalog.aclexplode(d.defaclacl) a where n.nspname = $2::text and d.defaclobjtype = 'S' \
                 and d.defaclrole = (select oid from pg_catalog.pg_roles where rolname = current_user) and a.privilege_type = any($3::text[]) \
                 and a.grantee = (select oid from pg_catalog.pg_roles where rolname = $1::text)) < pg_catalog.cardinality($3::text[])"
            }
        }
    }

    /// The schema; empty for the database.
    pub(super) fn schema(&self) -> &str {
        match self {
            Self::Database => "",
            Self::Schema(name) | Self::Tables(name) | Self::Sequences(name) | Self::LaterTables(name) | Self::LaterSequences(name) => name,
        }
    }
}

/// The rights of a role.
pub(super) fn grants(purpose: Purpose, role: &str, schema: &str, database: Option<&str>, helpers: bool) -> Vec<Grant> {
    let (to, inside) = (quoted(role), quoted(schema));
    // Without a name, which database that will be is known when it is run.
    let here = || {
        let name = text_sql(role);
        let body = format!("BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), {name}); END");
        format!("DO {}", text_sql(&body))
    };
    let connect = database.map_or_else(here, |database| format!("GRANT CONNECT ON DATABASE {} TO {to}", quoted(database)));
    let (tables, sequences) = (purpose.of_tables(), purpose.of_sequences());
    let (of_tables, of_sequences) = (tables.join(", "), sequences.join(", "));
    let own = || schema.to_owned();
    let mut all = vec![
        Grant { sql: connect, place: Place::Database, rights: &["CONNECT"] },
        Grant { sql: format!("GRANT USAGE ON SCHEMA {inside} TO {to}"), place: Place::Schema(own()), rights: &["USAGE"] },
        Grant { sql: format!("GRANT {of_tables} ON ALL TABLES IN SCHEMA {inside} TO {to}"), place: Place::Tables(own()), rights: tables },
        Grant {
            sql: format!("GRANT {of_sequences} ON ALL SEQUENCES IN SCHEMA {inside} TO {to}"),
            place: Place::Sequences(own()),
            rights: sequences,
        },
        Grant {
            sql: format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {inside} GRANT {of_tables} ON TABLES TO {to}"),
            place: Place::LaterTables(own()),
            rights: tables,
        },
        Grant {
            sql: format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {inside} GRANT {of_sequences} ON SEQUENCES TO {to}"),
            place: Place::LaterSequences(own()),
            rights: sequences,
        },
    ];
    if helpers {
        let sql = format!("GRANT USAGE ON SCHEMA {} TO {to}", quoted(HELPER_SCHEMA));
        all.push(Grant { sql, place: Place::Schema(HELPER_SCHEMA.to_owned()), rights: &["USAGE"] });
    }
    all
}

/// The statement that makes a role, without its password.
pub(super) fn create(role: &str) -> String {
    format!("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION", quoted(role))
}

/// The roles of a policy with what they are for; an error where there is none.
pub(super) fn of_policy(policy: &RolesPolicy) -> Result<Vec<(Purpose, &str)>> {
    let named = [(Purpose::Application, &policy.application), (Purpose::Reporting, &policy.reporting)];
    let roles: Vec<_> = named.into_iter().filter_map(|(purpose, role)| role.as_deref().map(|role| (purpose, role))).collect();
    if roles.is_empty() {
        return Err(Error::new(ErrorKind::Policy, "make the roles", "the policy names none")
            .hint("name them under [roles]: application = \"app\", reporting = \"app_ro\""));
    }
    Ok(roles)
}

/// Every statement that makes the roles of a policy and gives them their rights. Passwords are not among them.
/// `helpers`: whether the plan installs functions of outgrow's.
pub fn role_statements(policy: &RolesPolicy, schema: &str, database: Option<&str>, helpers: bool) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for (purpose, role) in of_policy(policy)? {
        all.push(create(role));
        all.extend(grants(purpose, role, schema, database, helpers).into_iter().map(|grant| grant.sql));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reporting_role_only_reads_and_names_are_quoted() {
        let policy = RolesPolicy { application: Some("a\"pp".to_owned()), reporting: Some("app_ro".to_owned()), ..RolesPolicy::default() };
        let all = role_statements(&policy, "sch\"ema", Some("d b"), true).unwrap();
        assert_eq!(all.len(), 16);
        for part in ["\"a\"\"pp\"", "\"sch\"\"ema\"", "\"d b\""] {
            assert!(all.iter().any(|sql| sql.contains(part)), "{part} in {all:?}");
        }
        for sql in all.iter().filter(|sql| sql.contains("app_ro")) {
            for right in ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "ALL PRIVILEGES"] {
                assert!(!sql.contains(right), "{sql}");
            }
        }
        assert!(all.iter().all(|sql| !sql.contains("SCHEMA \"outgrow\"") && !sql.contains("PASSWORD")));
        assert!(role_statements(&RolesPolicy::default(), "public", None, false).is_err());
    }
}
