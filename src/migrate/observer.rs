//! Who is told what happens.

use crate::copy;
use crate::report::PhaseReport;

/// What happens.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Something that the operator should know: a sentence.
    Said(&'a str),
    /// A phase begins.
    Begins(&'a str),
    /// Part of a phase is done: so much, of so much where that is known, of which unit.
    Advanced {
        /// Done so far.
        done: u64,
        /// In all.
        of: u64,
        /// `bytes`, `rows`, `tables`.
        unit: &'static str,
        /// What is worked on.
        at: &'a str,
    },
    /// The load advances.
    Copy(&'a copy::Progress<'a>),
    /// A phase has ended.
    Ended(&'a PhaseReport),
}

/// Is told what happens. Must return at once.
pub trait Observer: Send + Sync {
    /// Is told.
    fn event(&self, event: Event<'_>);
}

/// The observer of the load, made of one of the whole road.
pub(super) struct OfCopy<'a>(pub(super) &'a dyn Observer);

impl copy::Observer for OfCopy<'_> {
    fn progress(&self, progress: &copy::Progress<'_>) {
        self.0.event(Event::Copy(progress));
    }
}
