//! Whether everything around the plan is ready for a cutover; one file a gate.
//!
//! Like the gates of a plan these are pure: what is known ([`Readiness`]) in, how each stands ([`Judgement`]) out. What
//! could not be found out stands in the way as what is not right does: no gate passes what nobody has looked at.

mod backup_missing;
mod evidence;
mod foreign_volume;
mod judgement;
mod migrations_behind;
mod orphans_unsettled;
mod other_server;
mod rehearsal_stale;
mod schema_changed;
mod sign_offs;
mod sqlite_override;
mod target_not_as_expected;
#[cfg(test)]
mod tests;
mod undecided;
mod user_checks;
mod writers;

pub use evidence::{
    BackupFacts, CheckFacts, HolderFact, HolderFacts, Known, OtherDatabase, OverrideFacts, PlanFacts, Point, Readiness, RehearsalFacts,
    ServerIdentity, SignOffFacts, TargetFacts,
};
pub use judgement::{Answer, Judgement, ReadinessGate, Standing};

/// Every readiness gate, in the order in which they are asked.
pub const READINESS: &[&ReadinessGate] = &[
    &rehearsal_stale::GATE,
    &schema_changed::GATE,
    &undecided::GATE,
    &orphans_unsettled::GATE,
    &migrations_behind::GATE,
    &backup_missing::GATE,
    &other_server::GATE,
    &foreign_volume::GATE,
    &target_not_as_expected::GATE,
    &writers::GATE,
    &sqlite_override::GATE,
    &sign_offs::GATE,
    &user_checks::GATE,
];

/// The readiness gate of this id.
pub fn find_readiness(id: &str) -> Option<&'static ReadinessGate> {
    READINESS.iter().copied().find(|gate| gate.id == id)
}

/// Asks every gate, and applies the waivers of the policy.
pub fn ready(evidence: &Readiness<'_>) -> Vec<Judgement> {
    READINESS.iter().map(|gate| judgement::judge(gate, evidence)).collect()
}
