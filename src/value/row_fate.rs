//! What becomes of a whole row.

/// What becomes of a row, apart from what becomes of each of its cells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RowFate {
    /// It comes across.
    #[default]
    Kept,
    /// It is kept out of its table, and every cell of it in the quarantine.
    HeldOut,
    /// It comes across with NULL where it refers to rows that are not there; these are the places of its table's
    /// foreign keys that lead nowhere, among those that are decided.
    Nulled(Vec<usize>),
}
