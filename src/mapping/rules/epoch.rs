//! `epoch`: integers that count seconds, milliseconds or microseconds, in a column declared as a date and time.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, Epoch, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "epoch",
    explain: "A column declared DATETIME, TIMESTAMP or DATE that holds nothing but integers, all of which (zero apart) lie between \
              the years 1990 and 2100 when counted in one and the same unit from 1970-01-01 UTC, becomes `timestamptz`. The unit is \
              decided for the whole column, never cell by cell. Where no unit fits all of them, the integers stay integers.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if !matches!(facts.intent, Intent::Timestamp | Intent::Date) || !facts.only(&[StorageClass::Integer]) {
        return None;
    }
    let unit = plausible_unit(facts)?;
    let name = match unit {
        Epoch::Seconds => "seconds",
        Epoch::Milliseconds => "milliseconds",
        Epoch::Microseconds => "microseconds",
    };
    let count = counted(facts.count(StorageClass::Integer), "integer");
    Some(Proposal::new(Conversion::IntegerToTimestamptz(unit), format!("{count} in the epoch-{name} range, 0 exceptions")))
}

/// The unit under which every integer but zero is a plausible time. The plausible ranges of the units don't overlap.
fn plausible_unit(facts: &Facts<'_>) -> Option<Epoch> {
    let integers = &facts.profile.integers;
    let non_zero = integers.seen.count.checked_sub(integers.zeros).filter(|count| *count > 0)?;
    Epoch::ALL.into_iter().find(|unit| integers.as_epoch(*unit).plausible == non_zero)
}
