//! The steps of a cutover and of a rollback, in their order: pure, so that a dry run shows the very same.

use crate::plan::{Freeze, Moment, Notice, Policy, Side, TargetAfter};

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Tells people.
    Tell(Notice),
    /// Runs one of the policy's hooks, by its place in the policy.
    Hook(usize, Moment),
    /// Measures what is asked for, on the side that the application is on.
    Measure(Side),
    /// Keeps the source from being written to, and proves that nobody writes.
    Freeze(Freeze),
    /// Makes the final copy of the source.
    Backup,
    /// Loads the target, compares it, and runs the policy's SQL migrations.
    Migrate,
    /// Notes where the target stands, so that what is written later is known.
    Mark,
    /// Switches the application's environment.
    Switch,
    /// Asks the smoke tests.
    Smoke(Side),
    /// Keeps the target from being written to.
    FreezeTarget,
    /// Counts and exports what was written to the target since it was loaded.
    Export,
    /// Puts the application's environment back.
    Revert,
    /// Gives the source back to its writers.
    Thaw,
    /// Does with the target what the policy says.
    Clear(TargetAfter),
}

/// A step of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its id, unique in the course.
    pub id: String,
    /// What it is called in reports.
    pub title: String,
    /// What it does.
    pub act: Act,
    /// Whether a failure of it ends the course; what only tells or measures doesn't.
    pub matters: bool,
}

impl Step {
    fn of(id: &str, title: &str, act: Act) -> Self {
        Self { id: id.to_owned(), title: title.to_owned(), act, matters: true }
    }

    fn aside(id: &str, title: &str, act: Act) -> Self {
        Self { matters: false, ..Self::of(id, title, act) }
    }
}

/// The steps of the policy's hooks of a moment.
fn hooks(policy: &Policy, moment: Moment, name: &str) -> Vec<Step> {
    let of_moment = policy.hooks.iter().enumerate().filter(|(_, hook)| hook.at == moment);
    of_moment
        .enumerate()
        .map(|(number, (place, hook))| {
            let command = hook.command.words.first().map_or("", String::as_str);
            let matters = moment != Moment::Finish;
            Step { id: format!("{name}:{}", number + 1), title: format!("{name}: {command}"), act: Act::Hook(place, moment), matters }
        })
        .collect()
}

/// The steps of a cutover, after its gates have passed and it was said to go.
pub fn cutover_steps(policy: &Policy) -> Vec<Step> {
    let mut steps = vec![Step::aside("notice-start", "say that it begins", Act::Tell(Notice::Start))];
    steps.extend(hooks(policy, Moment::Prepare, "prepare"));
    if !policy.baseline.is_empty() {
        steps.push(Step::aside("baseline-before", "measure on SQLite", Act::Measure(Side::Source)));
    }
    steps.extend(hooks(policy, Moment::Stop, "stop"));
    steps.push(Step::of("freeze", "freeze the source", Act::Freeze(policy.cutover.freeze)));
    steps.push(Step::of("backup", "final copy of the source", Act::Backup));
    steps.push(Step::of("migrate", "load and compare", Act::Migrate));
    steps.extend(hooks(policy, Moment::Loaded, "loaded"));
    steps.push(Step::of("mark", "note where the target stands", Act::Mark));
    steps.push(Step::of("switch", "switch the environment", Act::Switch));
    steps.extend(hooks(policy, Moment::Start, "start"));
    if !policy.smoke.is_empty() {
        steps.push(Step::of("smoke", "smoke tests on PostgreSQL", Act::Smoke(Side::Target)));
    }
    if !policy.baseline.is_empty() {
        steps.push(Step::aside("baseline-after", "measure on PostgreSQL", Act::Measure(Side::Target)));
    }
    steps.push(Step::aside("notice-completion", "say that it is done", Act::Tell(Notice::Completion)));
    steps.extend(hooks(policy, Moment::Finish, "finish"));
    steps
}

/// What a rollback does about the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfTarget {
    /// Whether the application may have written to it.
    pub written: bool,
    /// Whether the rollback stops where it can't be frozen and asked; otherwise it goes on without, and says so.
    pub needed: bool,
    /// What becomes of its tables.
    pub after: TargetAfter,
}

/// The steps of a rollback.
pub fn rollback_steps(policy: &Policy, target: OfTarget) -> Vec<Step> {
    let mut steps = Vec::new();
    if target.written {
        // An application that was never on the target is stopped already, or was not to be stopped.
        steps.extend(hooks(policy, Moment::Stop, "stop"));
        let freeze = Step::of("freeze-target", "freeze the target", Act::FreezeTarget);
        let export = Step::of("export", "export what was written to PostgreSQL", Act::Export);
        steps.extend([freeze, export].map(|step| Step { matters: target.needed, ..step }));
    }
    steps.push(Step::of("revert", "put the environment back", Act::Revert));
    steps.push(Step::of("thaw", "give the source back", Act::Thaw));
    steps.extend(hooks(policy, Moment::Restored, "restored"));
    steps.extend(hooks(policy, Moment::Start, "start"));
    if !policy.smoke.is_empty() {
        steps.push(Step::of("smoke", "smoke tests on SQLite", Act::Smoke(Side::Source)));
    }
    steps.push(Step::aside("notice-rollback", "say that it was taken back", Act::Tell(Notice::Rollback)));
    if target.after != TargetAfter::Keep {
        steps.push(Step::aside("target", "make room in the target", Act::Clear(target.after)));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(steps: &[Step]) -> Vec<&str> {
        steps.iter().map(|step| step.id.as_str()).collect()
    }

    #[test]
    fn hooks_stand_at_their_moments() {
        let policy = Policy::parse(
            "[[hook]]\nat = \"start\"\nrun = [\"up\"]\n[[hook]]\nat = \"stop\"\nrun = [\"down\"]\n[[hook]]\nat = \"stop\"\nrun = [\"cron-off\"]\n\
             [[smoke]]\nname = \"health\"\nhttp = \"http://localhost/\"\n",
        )
        .unwrap();
        let steps = cutover_steps(&policy);
        assert_eq!(
            ids(&steps),
            ["notice-start", "stop:1", "stop:2", "freeze", "backup", "migrate", "mark", "switch", "start:1", "smoke", "notice-completion"]
        );
        assert_eq!(steps[2].act, Act::Hook(2, Moment::Stop));
        let back = rollback_steps(&policy, OfTarget { written: true, needed: true, after: TargetAfter::Drop });
        assert_eq!(
            ids(&back),
            ["stop:1", "stop:2", "freeze-target", "export", "revert", "thaw", "start:1", "smoke", "notice-rollback", "target"]
        );
    }
}
