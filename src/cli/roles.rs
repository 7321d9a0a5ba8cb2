//! `outgrow roles`.

use secrecy::SecretString;

use super::args::RolesArgs;
use super::screen::Screen;
use super::settings::Settings;
use super::text::clean;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::journal::WorkDirectory;
use crate::postgres::Session;
use crate::roles::{PasswordState, RolesReport, Wanted, make_roles};

pub(super) async fn run(args: &RolesArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let policy = settings.policy()?;
    let target = settings.target(args.target.as_deref())?;
    for note in target.notes() {
        screen.remark(note);
    }
    let directory = WorkDirectory::hold(&settings.work_dir)?;
    let file = args.credentials.clone().unwrap_or_else(|| directory.path().join("credentials.pgpass"));
    let wanted = Wanted {
        policy: &policy.roles,
        schema: &policy.target.schema,
        credentials: &file,
        new_passwords: args.new_passwords,
        application_password: password(policy.roles.application_password_from.as_deref(), settings)?,
        reporting_password: password(policy.roles.reporting_password_from.as_deref(), settings)?,
    };
    let mut session = Session::connect(&target).await?;
    let report = make_roles(&mut session, &target, &wanted).await?;
    if screen.is_json() {
        screen.document(&report)?;
    } else {
        page(&report, screen);
    }
    Ok(Outcome::Done)
}

fn password(variable: Option<&str>, settings: &Settings) -> Result<Option<SecretString>> {
    let Some(variable) = variable else { return Ok(None) };
    match settings.variable(variable) {
        Some(password) => Ok(Some(SecretString::from(password))),
        None => Err(Error::new(
            ErrorKind::Usage,
            "make the roles",
            format!("the variable {variable} is not set, and the policy says that it holds a password"),
        )),
    }
}

fn page(report: &RolesReport, screen: &Screen) {
    screen.line(format!("{} · schema {}", clean(&report.database), clean(&report.schema)));
    for role in &report.roles {
        let made = if role.made { "made" } else { "there" };
        let password = match role.password {
            PasswordState::Made => "password made",
            PasswordState::Given => "password from the environment",
            PasswordState::Left => "password left as it is",
        };
        screen.line(format!("  {made:<8} {:<24} {:<12} {password}", clean(&role.role), role.purpose));
    }
    for grant in &report.grants {
        screen.line(format!("  {:<8} {}", if grant.made { "granted" } else { "there" }, clean(&grant.sql)));
    }
    if let Some(file) = &report.credentials {
        screen
            .line(format!("Passwords are in {}, readable by you alone; libpq reads it as PGPASSFILE.", clean(&file.display().to_string())));
    }
    for note in &report.notes {
        screen.line(format!("  note     {}", clean(note)));
    }
}
