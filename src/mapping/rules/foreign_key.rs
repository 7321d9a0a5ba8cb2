//! `foreign-key`: the two sides of a foreign key, which need one type.

use crate::mapping::MappingRule;

pub(super) const RULE: MappingRule = MappingRule {
    id: "foreign-key",
    explain: "PostgreSQL wants one type on both sides of a foreign key. Once every column has its type, the planner agrees them: a side \
              without a single value takes the type of the other, and two sides of text that are written in different forms stay `text`. \
              Sides whose values have no type in common keep their own, and the foreign key is left out (see `foreign-key-mismatch`).",
    // It takes both columns to decide, and a rule is asked about one: the planner applies it when all others have spoken.
    propose: |_| None,
};
