//! What the gates ask of backups, of the application's settings and of approvals.

use crate::backup::{Backups, FileState, Side, inventory};
use crate::error::Result;
use crate::gate::{BackupFacts, Known, OverrideFacts, SignOffFacts};
use crate::journal;
use crate::plan::{Decisions, Switch};
use crate::switch::{self, Pointing};

use super::evidence::Look;

fn known<T>(found: Result<T>) -> Known<T> {
    found.map_or_else(|error| Known::Unseen(error.to_string()), Known::Seen)
}

/// The newest backup of the source. Its file is read, so that a damaged one is no backup.
pub(super) fn backup(look: Look<'_>) -> Known<Option<BackupFacts>> {
    let real = std::fs::canonicalize(look.source).unwrap_or_else(|_| look.source.to_owned()).display().to_string();
    let directory = look.sides.directory.unwrap_or_else(|| std::path::Path::new("."));
    let found = inventory(&Backups::of(&look.policy.backup, directory), true);
    known(found.map(|inventory| {
        let of_source = inventory.backups.into_iter().filter(|line| line.backup.side == Side::Source && line.backup.of == real);
        let newest = of_source.max_by_key(|line| line.backup.taken_at)?;
        let is_whole = |file: FileState| matches!(file, FileState::There | FileState::Intact);
        let second = newest.second.as_ref().filter(|second| is_whole(second.file));
        Some(BackupFacts {
            at: newest.backup.taken_at,
            tested: newest.backup.test.as_ref().is_some_and(|test| test.verdict == crate::verify::Verdict::Match),
            other_disk: newest.backup.other_disk == Some(true) || second.is_some_and(|second| second.other_disk),
            intact: is_whole(newest.file) || second.is_some(),
        })
    }))
}

/// What would still lead the application to SQLite once the policy's switches are made.
pub(super) fn overrides(look: Look<'_>) -> Known<Vec<OverrideFacts>> {
    let switches = &look.policy.switches;
    if !switches.iter().any(|switch| matches!(switch.what, Switch::File(_)) || !switch.also.is_empty()) {
        let why = "no [[switch]] of the policy names a file, so that nobody knows where the application's settings stand";
        return Known::Unseen(why.to_owned());
    }
    let what = |to: Pointing| match to {
        Pointing::Sqlite => "its value names a SQLite database",
        Pointing::Fallback => "it allows the application to go back to SQLite",
        Pointing::Elsewhere => "it has another value than the switch gives it",
    };
    known(switch::overrides(switches, &look.sides).map(|found| {
        let facts = found.into_iter().map(|one| OverrideFacts {
            name: one.key,
            place: format!("{}:{}", one.file.display(), one.line),
            what: what(one.to).to_owned(),
        });
        facts.collect()
    }))
}

/// The approvals that the policy asks for, held against what is decided now.
pub(super) fn sign_offs(look: Look<'_>, decisions: Option<&Decisions>) -> Known<Vec<SignOffFacts>> {
    let roles = &look.policy.sign_offs.roles;
    if roles.is_empty() {
        return Known::Seen(Vec::new());
    }
    let Some(decisions) = decisions else {
        return Known::Unseen("without a plan, nobody can tell what was agreed to".to_owned());
    };
    known(journal::sign_offs(look.work).map(|given| {
        let facts = roles.iter().map(|role| {
            let last = given.iter().rev().find(|one| one.role == *role);
            SignOffFacts {
                role: role.clone(),
                given: last.map(|one| format!("{} at {}", one.by, one.at)),
                void: last.and_then(|one| one.void(decisions)),
            }
        });
        facts.collect()
    }))
}
