//! `outgrow sign-off`.

use std::path::Path;

use serde::Serialize;

use super::args::SignOffArgs;
use super::plan::{Looked, look};
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, counted};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::gate::decisions;
use crate::journal::{MissingSignOff, SignOff, WorkDirectory, missing, sign_off, sign_offs, withdraw};
use crate::plan::{Decisions, Policy};

/// What `sign-off --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    /// The decisions as they are now; none where no source is named.
    decisions: Option<String>,
    roles: Vec<String>,
    sign_offs: Vec<Line>,
    missing: Option<Vec<MissingSignOff>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Line {
    role: String,
    by: String,
    note: Option<String>,
    at: String,
    decisions: String,
    withdrawn_at: Option<String>,
    standing: Standing,
    /// Why it is void.
    why: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Standing {
    Valid,
    Void,
    /// A later one of the same role takes its place.
    Replaced,
    /// Nothing to hold it against: no source is named.
    Unknown,
}

impl Standing {
    const fn shown(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Void => "VOID",
            Self::Replaced => "replaced",
            Self::Unknown => "unknown",
        }
    }
}

pub(super) async fn run(args: &SignOffArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let policy = settings.policy()?;
    let now = match &args.source {
        Some(source) if !args.withdraw => Some(decided(source, args.target.as_deref(), &policy, settings, screen).await?),
        Some(_) | None => None,
    };
    if !args.list {
        let role = role(args, &policy)?;
        let directory = WorkDirectory::hold(&settings.work_dir)?;
        if args.withdraw {
            if !withdraw(&directory, role)? {
                let detail = format!("nobody has signed as {role}, or it was taken back already");
                return Err(Error::new(ErrorKind::Usage, "withdraw a sign-off", detail));
            }
        } else {
            give(role, args, now.as_ref(), &directory)?;
        }
    }
    let given = sign_offs(&settings.work_dir)?;
    let missing = now.as_ref().map(|now| missing(&policy.sign_offs.roles, &given, now));
    let lines = lines(&given, now.as_ref())?;
    let id = now.as_ref().map(Decisions::id).transpose()?;
    if screen.is_json() {
        let decisions = id.as_ref().map(|id| id.as_str().to_owned());
        screen.document(&Document { decisions, roles: policy.sign_offs.roles.clone(), sign_offs: lines, missing: missing.clone() })?;
    } else {
        if let Some(id) = &id {
            screen.line(format!("decisions {id}"));
        }
        page(&lines, missing.as_deref(), screen);
    }
    Ok(if args.list && missing.is_some_and(|missing| !missing.is_empty()) { Outcome::Blocked } else { Outcome::Done })
}

/// The role that is meant, which has to be one of the policy's.
fn role<'a>(args: &'a SignOffArgs, policy: &Policy) -> Result<&'a str> {
    let doing = "sign off";
    let roles = &policy.sign_offs.roles;
    let role =
        args.role.as_deref().ok_or_else(|| Error::new(ErrorKind::Usage, doing, "no role is named").hint("name it: --role tech-lead"))?;
    if roles.iter().any(|known| known == role) {
        return Ok(role);
    }
    let error = Error::new(ErrorKind::Usage, doing, format!("the policy knows no role `{role}`"));
    Err(if roles.is_empty() {
        error.hint("name those who have to agree under [sign-offs]: roles = [\"tech-lead\", \"qa\"]")
    } else {
        error.hint(format!("its roles are {}", roles.join(", ")))
    })
}

fn give(role: &str, args: &SignOffArgs, now: Option<&Decisions>, directory: &WorkDirectory) -> Result<SignOff> {
    let usage = |detail: &str, hint: &str| Error::new(ErrorKind::Usage, "sign off", detail).hint(hint);
    let by = args.by.as_deref().map(str::trim).filter(|by| !by.is_empty());
    let by = by.ok_or_else(|| usage("nobody is named who signs", "name them: --by \"Ada Lovelace\""))?;
    let now = now.ok_or_else(|| {
        usage("no source is named, and a sign-off is for what was decided about one", "name it: outgrow sign-off --role … --by … app.db")
    })?;
    sign_off(directory, role, by, args.note.as_deref(), now)
}

/// What is decided now.
async fn decided(source: &Path, target: Option<&str>, policy: &Policy, settings: &Settings, screen: &Screen) -> Result<Decisions> {
    let Looked { plan, review, .. } = look(settings.source(source)?, target, policy, settings, screen).await?;
    if review.approved.is_none() {
        let open = u64::try_from(review.findings.iter().filter(|finding| finding.blocks()).count()).unwrap_or(u64::MAX);
        screen.remark(&format!(
            "{} not settled yet; settling them makes today's sign-offs void",
            if open == 1 { "1 finding is".to_owned() } else { format!("{} are", counted(open, "finding")) }
        ));
    }
    decisions(&plan, policy, &review.findings)
}

fn lines(given: &[SignOff], now: Option<&Decisions>) -> Result<Vec<Line>> {
    let of_one = |(place, one): (usize, &SignOff)| -> Result<Line> {
        let is_last = !given.iter().skip(place + 1).any(|later| later.role == one.role);
        let (standing, why) = match (is_last, now) {
            (false, _) => (Standing::Replaced, None),
            (true, Some(now)) => one.void(now).map_or((Standing::Valid, None), |why| (Standing::Void, Some(why))),
            (true, None) if one.withdrawn_at.is_some() => (Standing::Void, Some(format!("{} withdrew it", one.by))),
            (true, None) => (Standing::Unknown, None),
        };
        Ok(Line {
            role: one.role.clone(),
            by: one.by.clone(),
            note: one.note.clone(),
            at: one.at.clone(),
            decisions: one.decisions.id()?.as_str().to_owned(),
            withdrawn_at: one.withdrawn_at.clone(),
            standing,
            why,
        })
    };
    given.iter().enumerate().map(of_one).collect()
}

fn page(lines: &[Line], missing: Option<&[MissingSignOff]>, screen: &Screen) {
    for line in lines {
        let note = line.note.as_deref().map(|note| format!("  {}", clean(note))).unwrap_or_default();
        let at = line.at.get(..19).unwrap_or(&line.at);
        screen.line(format!("  {:<8} {:<18} {at}Z  {}{note}", line.standing.shown(), clean(&line.role), clean(&line.by)));
        if let Some(why) = &line.why {
            screen.line(format!("           {}", clean(why)));
        }
    }
    match missing {
        None => screen.line("Name the source to see which of them hold: outgrow sign-off --list app.db"),
        Some([]) => screen.line("Everybody has signed."),
        Some(missing) => {
            for one in missing {
                screen.line(format!("  missing  {:<18} {}", clean(&one.role), clean(&one.why)));
            }
        }
    }
}
