//! How the move of the running application is made, and how it is taken back.

use serde::{Deserialize, Serialize};

use super::period::Period;

/// What holds for a cutover.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct CutoverPolicy {
    /// What keeps the source from being written to while it is moved, and afterwards.
    pub freeze: Freeze,
    /// How long the application may stand still; a cutover that takes longer is taken back.
    pub budget: Period,
    /// How long to wait for those who still write to the source.
    pub wait: Period,
    /// How old the last rehearsal may be.
    pub rehearsed_within: Period,
    /// How old the last tested backup of the source may be.
    pub backed_up_within: Period,
    /// The word that is typed to begin; the name of the target's database where none is said.
    pub word: Option<String>,
}

impl Default for CutoverPolicy {
    fn default() -> Self {
        Self {
            freeze: Freeze::default(),
            budget: Period::seconds(3600),
            wait: Period::seconds(30),
            rehearsed_within: Period::days(7),
            backed_up_within: Period::days(1),
            word: None,
        }
    }
}

/// What keeps the source from being written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Freeze {
    /// Triggers in the source refuse every write, also of programs that nobody has thought of. They are made in one
    /// transaction, and taken away by a rollback.
    #[default]
    Guard,
    /// Nothing but the hooks that stop the application. The source is not touched; a write that comes all the same is noticed
    /// behind the move, and makes it inconclusive.
    Stop,
}

/// What holds for a rollback.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct RollbackPolicy {
    /// What becomes of what was loaded into the target.
    pub target: TargetAfter,
}

/// What becomes of the target's tables when the application has gone back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetAfter {
    /// They stay as they are, to be looked at. The next cutover needs an empty place.
    #[default]
    Keep,
    /// Their schema gets another name, with the time in it, and so makes room.
    Rename,
    /// What outgrow made or loaded is taken away.
    Drop,
}
