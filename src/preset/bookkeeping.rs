//! The tables that a framework keeps for itself.

/// A table that a framework keeps for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bookkeeping {
    /// Its name.
    pub table: &'static str,
    /// What it is for.
    pub role: Role,
}

/// What a bookkeeping table is for, and so what becomes of it where the target's schema was made by the framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Says which migrations were applied: compared, and left alone.
    Ledger,
    /// Keeps two runs of the migrations apart, or describes the schema itself: left alone.
    Lock,
    /// Holds data of the application, under a name that the framework gave it: moves as any other.
    Data,
}

impl Bookkeeping {
    pub(super) const fn ledger(table: &'static str) -> Self {
        Self { table, role: Role::Ledger }
    }

    pub(super) const fn lock(table: &'static str) -> Self {
        Self { table, role: Role::Lock }
    }

    pub(super) const fn data(table: &'static str) -> Self {
        Self { table, role: Role::Data }
    }
}

impl Role {
    /// Whether the table is left alone in a target whose schema the framework made.
    pub const fn is_left_alone(self) -> bool {
        match self {
            Self::Ledger | Self::Lock => true,
            Self::Data => false,
        }
    }

    /// What becomes of such a table, in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ledger => "the ledger of its migrations",
            Self::Lock => "of no meaning elsewhere",
            Self::Data => "data",
        }
    }
}
