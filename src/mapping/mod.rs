//! Rules that choose a column's type and conversion, and say why; one file a rule.
//!
//! [`choose`] walks [`RULES`] in order; the first rule that has a proposal wins, and the last one always has. A rule
//! sees what the column declares and what every one of its cells is; it never guesses from a sample.
//!
//! Never does I/O and never proposes a conversion whose exceptions it has not counted.

mod fit;
mod intent;
mod proposal;
mod rules;

pub use fit::{Demand, Fit, Unfit, fit};
pub use intent::Intent;
pub use proposal::{CounterExample, Facts, MappingRule, Proposal, counted};
pub use rules::RULES;

use crate::error::{Error, Result};

/// Chooses how a column comes across: the first rule that fits.
pub fn choose(facts: &Facts<'_>) -> Result<(&'static MappingRule, Proposal)> {
    RULES
        .iter()
        .find_map(|rule| (rule.propose)(facts).map(|proposal| (*rule, proposal)))
        .ok_or_else(|| Error::bug("choose a type", "no mapping rule fits, though the last one takes every column"))
}
