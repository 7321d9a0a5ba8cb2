//! Sequences that stand free: made as the policy names them, and compared like those of identity columns.

use super::build::Draft;
use super::existing::SequencePlan;
use super::step::Phase;
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};

/// Plans the sequences of the policy, and gives what is to be proven of them.
pub(super) fn plan_sequences(draft: &mut Draft<'_>) -> Result<Vec<SequencePlan>> {
    let policy = draft.inputs.policy;
    let mut planned = Vec::new();
    for (place, sequence) in policy.sequences.iter().enumerate() {
        let refused =
            |detail: String| Error::new(ErrorKind::Policy, "follow the policy", format!("[[sequence]] {}: {detail}", sequence.name));
        let counted = match sequence.start {
            Some(start) => vec![(String::new(), start)],
            None => draft.inputs.profile.counters.get(place).cloned().unwrap_or_default(),
        };
        if counted.is_empty() {
            return Err(refused("its counter's table has no row with a number to go on from".to_owned())
                .hint("give it `start`, or see whether `next` under `counter` is the right column"));
        }
        for (counter, next) in counted {
            let name = sequence.name.replace("{}", &counter);
            if !draft.relations.take_exactly(&name) {
                return Err(refused(format!("something else is called {name} already, or PostgreSQL takes no such name"))
                    .hint("choose another name: tables, views, indexes and sequences share theirs"));
            }
            let least = next.min(1);
            let sql =
                format!("CREATE SEQUENCE {}.{} AS bigint MINVALUE {least} START WITH {next}", quoted(&policy.target.schema), quoted(&name));
            draft.required(Phase::Tables, format!("free-sequence:{name}"), format!("sequence {name}, next is {next}"), vec![sql]);
            planned.push(SequencePlan { feeds: None, schema: policy.target.schema.clone(), name, next, max: i64::MAX });
        }
    }
    Ok(planned)
}
