//! What can go wrong in encoding and decoding. Never holds the content of a cell.

use super::{PgType, StorageClass};

/// Why a cell could not be encoded or a field not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueFault {
    /// The value is not one that [`super::settle`] makes for this conversion: a mistake of the caller.
    #[error("a cell of class {class} was to be encoded as {pg_type} without being settled first")]
    Unsettled {
        /// The type it was to become.
        pg_type: PgType,
        /// The class it is of.
        class: StorageClass,
    },
    /// The bytes are not a value of the type.
    #[error("a field of {bytes} bytes is not a value of type {pg_type}")]
    Malformed {
        /// The type of the column.
        pg_type: PgType,
        /// Length of the field.
        bytes: usize,
    },
    /// A value that the source's column, as it is converted, has no form for: written by another program.
    #[error("a value of type {pg_type} has no exact form in the source's column")]
    Unrepresentable {
        /// The type of the column.
        pg_type: PgType,
    },
}
