//! Makes the roles and gives them their rights, where they lack them.

use std::path::{Path, PathBuf};

use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio_postgres::{Client, Transaction};

use super::credentials::{Credentials, new_password};
use super::grants::{Purpose, create, grants, of_policy};
use crate::catalog::quoted;
use crate::dialect::HELPER_SCHEMA;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::RolesPolicy;
use crate::postgres::{Address, ConnectionSettings, Endpoint, Session, failed};

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The roles.
    pub policy: &'a RolesPolicy,
    /// The schema that holds the application's tables.
    pub schema: &'a str,
    /// The file that keeps passwords.
    pub credentials: &'a Path,
    /// Whether roles that are there get new passwords.
    pub new_passwords: bool,
    /// The application's password, where the policy says that the environment holds it.
    pub application_password: Option<SecretString>,
    /// The reporting role's password, the same.
    pub reporting_password: Option<SecretString>,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RolesReport {
    /// The database.
    pub database: String,
    /// The schema that they have rights in.
    pub schema: String,
    /// The roles.
    pub roles: Vec<MadeRole>,
    /// Their rights.
    pub grants: Vec<GrantLine>,
    /// The file with the passwords, where one was made.
    pub credentials: Option<PathBuf>,
    /// What is worth knowing.
    pub notes: Vec<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MadeRole {
    /// Its name.
    pub role: String,
    /// `application` or `reporting`.
    pub purpose: String,
    /// Whether it was made now.
    pub made: bool,
    /// What became of its password.
    pub password: PasswordState,
}

/// What became of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordState {
    /// It was made, and stands in the file.
    Made,
    /// It came from the environment.
    Given,
    /// It is what it was.
    Left,
}

/// A right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GrantLine {
    /// The statement.
    pub sql: String,
    /// Whether it was run; else the right was there.
    pub made: bool,
}

/// Makes what is missing, in one transaction; what is there stays as it is.
pub async fn make_roles(session: &mut Session, settings: &ConnectionSettings, wanted: &Wanted<'_>) -> Result<RolesReport> {
    let roles = of_policy(wanted.policy)?;
    let doing = "make the roles";
    let asked = |error| failed(doing, error);
    let transaction = session.client_mut().transaction().await.map_err(asked)?;
    let database: String = transaction.query_one("select current_database()", &[]).await.and_then(|row| row.try_get(0)).map_err(asked)?;
    let is_schema = "select exists (select from pg_catalog.pg_namespace where nspname = $1::text)";
    let has_schema =
        async |name: &str| transaction.query_one(is_schema, &[&name]).await.and_then(|row| row.try_get::<_, bool>(0)).map_err(asked);
    if !has_schema(wanted.schema).await? {
        let detail = format!("the schema {} is not there yet, and the rights hold in it", wanted.schema);
        return Err(Error::new(ErrorKind::TargetUnfit, doing, detail).hint("move the database first, or make the schema"));
    }
    let helpers = has_schema(HELPER_SCHEMA).await?;
    let mut report = RolesReport {
        database: database.clone(),
        schema: wanted.schema.to_owned(),
        roles: Vec::new(),
        grants: Vec::new(),
        credentials: None,
        notes: Vec::new(),
    };
    for (purpose, role) in roles {
        let made = role_of(&transaction, settings, wanted, purpose, role, &database).await?;
        if made.password == PasswordState::Made {
            report.credentials = Some(wanted.credentials.to_owned());
        }
        report.roles.push(made);
        for grant in grants(purpose, role, wanted.schema, Some(&database), helpers) {
            let rights: Vec<&str> = grant.rights.to_vec();
            let missing = transaction.query_one(grant.place.question(), &[&role, &grant.place.schema(), &rights]).await;
            let missing: bool = missing.and_then(|row| row.try_get(0)).map_err(asked)?;
            if missing {
                transaction.batch_execute(&grant.sql).await.map_err(asked)?;
            }
            report.grants.push(GrantLine { sql: grant.sql, made: missing });
        }
        report.notes.extend(notes(transaction.client(), purpose, role, wanted.schema).await?);
    }
    transaction.commit().await.map_err(asked)?;
    Ok(report)
}

/// Makes a role, or finds it made. Its password is in the file before the server has it: a run that is killed in between
/// finds it there.
async fn role_of(
    transaction: &Transaction<'_>,
    settings: &ConnectionSettings,
    wanted: &Wanted<'_>,
    purpose: Purpose,
    role: &str,
    database: &str,
) -> Result<MadeRole> {
    let doing = "make the roles";
    let asked = |error| failed(doing, error);
    let known = "select exists (select from pg_catalog.pg_roles where rolname = $1::text)";
    let is_there: bool = transaction.query_one(known, &[&role]).await.and_then(|row| row.try_get(0)).map_err(asked)?;
    let (name, given) = match purpose {
        Purpose::Application => ("application", &wanted.application_password),
        Purpose::Reporting => ("reporting", &wanted.reporting_password),
    };
    let made = |password| MadeRole { role: role.to_owned(), purpose: name.to_owned(), made: !is_there, password };
    if is_there && !wanted.new_passwords {
        return Ok(made(PasswordState::Left));
    }
    if !is_there {
        transaction.batch_execute(&create(role)).await.map_err(asked)?;
    }
    let (password, state) = match given {
        Some(given) => (given.clone(), PasswordState::Given),
        None => (kept(settings, wanted, role, database, is_there)?, PasswordState::Made),
    };
    // The server never sees the password: only what it needs to recognise it.
    let verifier = scram_sha_256(password.expose_secret().as_bytes()).replace('\'', "''");
    let sql = format!("ALTER ROLE {} PASSWORD '{verifier}'", quoted(role));
    transaction.batch_execute(&sql).await.map_err(asked)?;
    Ok(made(state))
}

/// A password that stands in the file: the one of a run that was killed, or a new one.
fn kept(settings: &ConnectionSettings, wanted: &Wanted<'_>, role: &str, database: &str, anew: bool) -> Result<SecretString> {
    let mut credentials = Credentials::read(wanted.credentials)?;
    let places: Vec<(String, u16)> = settings.endpoints().iter().map(place).collect();
    let (host, port) = places.first().ok_or_else(|| Error::bug("keep a password", "the settings name no server"))?;
    let known = credentials.password(host, *port, database, role).filter(|_| !anew);
    let password = match known {
        Some(password) => password,
        None => new_password()?,
    };
    for (host, port) in &places {
        credentials.keep(host, *port, database, role, &password)?;
    }
    Ok(password)
}

/// How libpq calls a server in its file of passwords.
fn place(endpoint: &Endpoint) -> (String, u16) {
    let host = match &endpoint.address {
        // What a socket is called there.
        Address::Socket(_) => "localhost".to_owned(),
        Address::Tcp { host, address } => match address {
            Some(address) if host.is_empty() => address.to_string(),
            Some(_) | None => host.clone(),
        },
    };
    (host, endpoint.port)
}

/// What a role can do besides, by ways that are not ours to close.
async fn notes(client: &Client, purpose: Purpose, role: &str, schema: &str) -> Result<Vec<String>> {
    let question = "select (select rolsuper from pg_catalog.pg_roles where rolname = $1::text), \
         pg_catalog.has_schema_privilege($1::text, $2::text, 'CREATE'), \
         (select count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $2::text \
          and c.relkind in ('r', 'p') and pg_catalog.has_table_privilege($1::text, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')), \
         (select count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $2::text \
          and c.relkind in ('r', 'p') and c.relowner <> (select oid from pg_catalog.pg_roles where rolname = current_user))";
    let read = |error| failed("see what a role may do", error);
    let row = client.query_one(question, &[&role, &schema]).await.map_err(read)?;
    let (is_super, creates): (bool, bool) = (row.try_get(0).map_err(read)?, row.try_get(1).map_err(read)?);
    let (writable, of_others): (i64, i64) = (row.try_get(2).map_err(read)?, row.try_get(3).map_err(read)?);
    let mut notes = Vec::new();
    if is_super {
        notes.push(format!("{role} is a superuser, and may do everything: take that from it (ALTER ROLE … NOSUPERUSER)"));
    } else {
        if creates {
            notes.push(format!(
                "{role} may make tables in the schema {schema}: everybody may (REVOKE CREATE ON SCHEMA … FROM PUBLIC), or it was told so"
            ));
        }
        if purpose == Purpose::Reporting && writable > 0 {
            notes.push(format!("{role} may write to {writable} tables: it was told so before, or is a member of a role that may"));
        }
    }
    if of_others > 0 {
        notes.push(format!(
            "{of_others} tables belong to other roles: what those make later, {role} has no rights in until this is run again"
        ));
    }
    Ok(notes)
}
