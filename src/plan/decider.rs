//! Who chose a column's conversion, where it was no mapping rule.

/// What `rule` of a column's decision says where no mapping rule chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decider {
    /// Its name in plans and reports.
    pub id: &'static str,
    /// What it means and what the choices are.
    pub explain: &'static str,
}

/// The policy named the type.
pub(super) const POLICY: Decider = Decider {
    id: "policy",
    explain: "The policy says what becomes of the column: its type, its map of values, or what its numbers and texts stand for. No mapping rule is asked.\n\n\
              Every cell was tried under it before the plan was made; those that it does not carry exactly are listed with the column.\n\n\
              **Choices.** It stands under `[columns]` of outgrow.toml; without it the mapping rules decide.",
};

/// The framework's own type.
pub(super) const FRAMEWORK: Decider = Decider {
    id: super::as_framework::FRAMEWORK_TYPE,
    explain: "The type is the one that the application's framework gives such a column on PostgreSQL, and every cell is exact in it.\n\n\
              Where one cell were not, the mapping rules would decide by what the cells are, and the finding `framework-schema` would say so.\n\n\
              **Choices.** Name another type under `[columns]`, or another way of choosing under `[rules]`.",
};

/// The values prove the type.
pub(super) const REFINED: Decider = Decider {
    id: super::refined::REFINED_TYPE,
    explain: "Every value of the column is of this type, and the policy asks for the type that the values prove (`types = \"refined\"`, or `refine`). \
              Each cell comes across exactly or by a rule that is named.\n\n\
              One value of another form is enough for the mapping rules to decide instead.\n\n\
              **Choices.** Leave `refine` away, for all or for this column, or name another type under `[columns]`. A later value of another form would be \
              refused by PostgreSQL.",
};

/// The policy asks for narrow integers.
pub(super) const NARROW: Decider = Decider {
    id: super::narrow::NARROW_TYPE,
    explain: "All integers of the column fit a narrower type than `bigint`, and the policy asks for narrow types (`narrow = true`). A column that the database \
              numbers keeps room for most of its type's numbers.\n\n\
              Columns that refer to each other get the same type.\n\n\
              **Choices.** Leave `narrow` away, for all or for this column, or name a type under `[columns]`. A later number beyond the type would be refused by \
              PostgreSQL.",
};

/// The type that stands in the target.
pub(super) const TARGET: Decider = Decider {
    id: "target-type",
    explain: "The application's own tables are loaded, so the type of the target's column rules. The conversion is the one that carries the most \
              of the source's cells into that type exactly; every cell was settled under it before a row is loaded.\n\n\
              What a rule changes and what goes into the quarantine is listed with the column, and by the findings `normalised-cells` and \
              `quarantined-cells`; what has no way into the type at all, by `no-place-in-target`.\n\n\
              **Choices.** Mend the cells in the application, map them (`values` under `[columns]`), or change the column by a migration \
              of the application.",
};

/// All of them.
pub const DECIDERS: [Decider; 5] = [POLICY, FRAMEWORK, REFINED, NARROW, TARGET];
