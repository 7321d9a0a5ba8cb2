//! SQLite's rule from a declared type to a column affinity (<https://sqlite.org/datatype3.html>, §3.1).

use serde::{Deserialize, Serialize};

/// What SQLite tries to turn a value into when it is stored in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Affinity {
    /// Numbers become text.
    Text,
    /// Text that looks like a number becomes one; integral reals become integers.
    Numeric,
    /// As numeric (the two differ only in CAST).
    Integer,
    /// Text that looks like a number becomes a real; integers become reals.
    Real,
    /// Nothing is converted (also called NONE).
    Blob,
}

impl Affinity {
    /// The affinity of a declared type in an ordinary (not STRICT) table.
    pub fn of_declared(declared: &str) -> Self {
        let upper = declared.to_ascii_uppercase();
        let has = |word: &str| upper.contains(word);
        if has("INT") {
            Self::Integer
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            Self::Text
        } else if has("BLOB") || upper.trim().is_empty() {
            Self::Blob
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Self::Real
        } else {
            Self::Numeric
        }
    }

    /// The affinity of a declared type in a STRICT table, where `ANY` keeps every value as it is.
    pub fn of_strict(declared: &str) -> Self {
        if declared.eq_ignore_ascii_case("any") { Self::Blob } else { Self::of_declared(declared) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_table_of_the_documentation() {
        for (declared, affinity) in [
            ("INT", Affinity::Integer),
            ("unsigned big int", Affinity::Integer),
            ("POINT", Affinity::Integer),
            ("CHARINT", Affinity::Integer),
            ("VARCHAR(255)", Affinity::Text),
            ("clob", Affinity::Text),
            ("", Affinity::Blob),
            ("BLOB", Affinity::Blob),
            ("DOUBLE PRECISION", Affinity::Real),
            ("FLOAT", Affinity::Real),
            ("STRING", Affinity::Numeric),
            ("DECIMAL(10,5)", Affinity::Numeric),
            ("BOOLEAN", Affinity::Numeric),
            ("DATETIME", Affinity::Numeric),
            ("ANY", Affinity::Numeric),
        ] {
            assert_eq!(Affinity::of_declared(declared), affinity, "{declared}");
        }
        assert_eq!(Affinity::of_strict("ANY"), Affinity::Blob);
    }
}
