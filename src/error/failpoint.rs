//! Named points at which a test makes the program die or fail. Armed only in builds with debug assertions.
//!
//! A point is armed once, at start, with the text of `OUTGROW_FAILPOINT`: `name` dies there at the first pass,
//! `name:3` at the third, `name=error` fails there instead of dying, `name=bug` fails there as a mistake in the program does.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Error, ErrorKind, Result};

/// What the armed point does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Kills the process as `kill -9` does.
    Die,
    /// Fails with [`ErrorKind::Interrupted`].
    Fail,
    /// Fails with [`ErrorKind::Bug`].
    Bug,
}

#[derive(Debug)]
struct Armed {
    name: String,
    effect: Effect,
    passes_left: AtomicU64,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Arms one point for the life of the process; `spec` is `name`, `name:pass` or either followed by `=error` or `=bug`.
pub fn arm(spec: &str) -> Result<()> {
    if !cfg!(debug_assertions) {
        return Ok(());
    }
    let bad = || Error::new(ErrorKind::Usage, "arm a failpoint", format!("`{spec}` is not of the form name[:pass][=error|=bug]"));
    let (point, effect) = match spec.split_once('=') {
        None => (spec, Effect::Die),
        Some((point, "error")) => (point, Effect::Fail),
        Some((point, "bug")) => (point, Effect::Bug),
        Some(_) => return Err(bad()),
    };
    let (name, pass) = point.split_once(':').unwrap_or((point, "1"));
    let passes_left = pass.parse::<u64>().ok().filter(|pass| *pass > 0).ok_or_else(bad)?;
    let armed = Armed { name: name.to_owned(), effect, passes_left: AtomicU64::new(passes_left) };
    ARMED.set(armed).map_err(|_| Error::bug("arm a failpoint", "one is armed already"))
}

/// Passes the point `name`: nothing happens unless a test armed it and this is the pass it waits for.
pub fn pass(name: &str) -> Result<()> {
    if !cfg!(debug_assertions) {
        return Ok(());
    }
    let Some(armed) = ARMED.get().filter(|armed| armed.name == name) else { return Ok(()) };
    let before = armed.passes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    if before != Ok(1) {
        return Ok(());
    }
    match armed.effect {
        Effect::Fail => Err(Error::new(ErrorKind::Interrupted, "go on", format!("the failpoint `{name}` is armed"))),
        Effect::Bug => Err(Error::bug("go on", format!("the failpoint `{name}` is armed"))),
        Effect::Die => {
            let own = rustix::process::getpid();
            match rustix::process::kill_process(own, rustix::process::Signal::KILL) {
                Ok(()) => Ok(()),
                Err(errno) => Err(Error::bug("die at a failpoint", "the signal could not be sent").because(errno)),
            }
        }
    }
}
