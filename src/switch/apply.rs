//! Makes a switch.
//!
//! The old file is kept, and the change written down, before anything is changed. Run again after a death at any instant,
//! it does what is not done; run again when all is done, it changes nothing.

use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::change::{Change, FileChange, program};
use super::file::{self, sha256};
use super::kept::{CommandEntry, CommandState, Entry, FileEntry, Keep, KeptCommand};
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::plan::{CommandSwitch, FileSwitch, Switch, SwitchPolicy};
use crate::probe::{Given, Sides, run};

/// What was switched.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// Each change, in the policy's order; one that was made already has no lines.
    pub changes: Vec<Change>,
    /// How long it took.
    pub seconds: f64,
}

/// Switches to the target, and keeps in this directory what it takes to go back.
///
/// Where one change fails, those before it stay made: [`super::revert()`] takes them back.
pub async fn apply(switches: &[SwitchPolicy], sides: &Sides<'_>, keep: &Path) -> Result<Applied> {
    let began = Instant::now();
    let mut keep = Keep::open(keep)?;
    let mut changes = Vec::new();
    for switch in switches {
        changes.push(match &switch.what {
            Switch::File(switch) => apply_file(switch, sides, &mut keep)?,
            Switch::Command(switch) => apply_command(switch, sides, &mut keep).await?,
        });
    }
    Ok(Applied { changes, seconds: began.elapsed().as_secs_f64() })
}

fn apply_file(switch: &FileSwitch, sides: &Sides<'_>, keep: &mut Keep) -> Result<Change> {
    let FileChange { now, becomes, mut change } = FileChange::of(switch, sides)?;
    file::clear_draft(&now.real);
    let known = keep.entries.iter().position(|entry| matches!(entry, Entry::File(entry) if entry.file == now.real));
    let mut entry = match known.map(|index| &keep.entries[index]) {
        Some(Entry::File(entry)) if !entry.is_reverted => entry.clone(),
        Some(Entry::File(_) | Entry::Command(_)) | None => FileEntry {
            file: now.real.clone(),
            owner: now.owner,
            keys: Vec::new(),
            old: keep.keep(&now.real, &now.bytes)?,
            written: Vec::new(),
            is_reverted: false,
        },
    };
    let is = sha256(&now.bytes);
    let is_ours = is == entry.old || entry.written.contains(&is);
    if !change.is_done {
        if is_ours {
            entry.written.push(sha256(&becomes));
        } else {
            // What is made of somebody's edit is not ours alone: it is not written down, so that no way back takes it for ours.
            keep.keep(&now.real, &now.bytes)?;
            let place = keep.place(&now.real, &is);
            change
                .notes
                .push(format!("somebody has edited the file since it was switched; as they left it, it is kept as {}", place.display()));
        }
    }
    let new_keys: Vec<String> = switch.keys().filter(|key| !entry.keys.iter().any(|known| known == key)).map(ToOwned::to_owned).collect();
    entry.keys.extend(new_keys);
    match known {
        Some(index) => keep.entries[index] = Entry::File(entry),
        None => keep.entries.push(Entry::File(entry)),
    }
    keep.save()?;
    failpoint::pass("switch.kept")?;
    if !change.is_done {
        file::replace(&now.real, Some(&now.bytes), &becomes, now.owner)?;
        failpoint::pass("switch.written")?;
    }
    Ok(change)
}

async fn apply_command(switch: &CommandSwitch, sides: &Sides<'_>, keep: &mut Keep) -> Result<Change> {
    let mut change = Change { place: program(&switch.run.words), lines: Vec::new(), is_done: true, notes: Vec::new(), shown: None };
    let known = keep.entries.iter().position(|entry| matches!(entry, Entry::Command(entry) if entry.run == switch.run.words));
    let state = known.and_then(|index| match &keep.entries[index] {
        Entry::Command(entry) => Some(entry.state),
        Entry::File(_) => None,
    });
    if state == Some(CommandState::Done) {
        return Ok(change);
    }
    change.is_done = false;
    let revert = KeptCommand::of(&switch.revert, sides.directory);
    let mut entry = CommandEntry { run: switch.run.words.clone(), revert, state: CommandState::Begun };
    let index = known.unwrap_or(keep.entries.len());
    keep.entries.splice(index..(index + 1).min(keep.entries.len()), [Entry::Command(entry.clone())]);
    keep.save()?;
    failpoint::pass("switch.kept")?;
    let ended = run(&switch.run, Given { directory: sides.directory, environment: sides.environment(), ..Given::default() }).await?;
    if !ended.is_success() {
        let detail = format!("it {}; what it has changed, `revert` takes back", ended.ending());
        return Err(Error::new(ErrorKind::Unforeseen, format!("switch by {}", change.place), detail));
    }
    failpoint::pass("switch.written")?;
    entry.state = CommandState::Done;
    keep.entries[index] = Entry::Command(entry);
    keep.save()?;
    Ok(change)
}
