//! What `outgrow explain` says of the rules that change a cell and of the reasons to quarantine one.

use crate::value::{Reason, Rule};

/// The page of a rule.
pub(super) fn of_rule(rule: Rule) -> String {
    format!(
        "{}\n\nSuch a cell counts as *normalised*: the change can't be undone, so the finding `normalised-cells` names its column, how many \
         cells there are and in which rows first. Nothing is changed by a rule that the plan does not name.\n\n**Choices.** {}",
        rule.meaning(),
        choices_of_rule(rule)
    )
}

const fn choices_of_rule(rule: Rule) -> &'static str {
    match rule {
        Rule::ReplaceNul | Rule::StripNul => {
            "`nul` under `[rules]` or of the column says what becomes of them: replaced, left out or quarantined."
        }
        Rule::ReplaceInvalidUtf8 | Rule::StripInvalidUtf8 => {
            "`invalid-utf8` under `[rules]` or of the column says what becomes of them. Where the bytes matter, quarantine them or keep the column as bytea."
        }
        Rule::MendNulAndUtf8 => "`nul` and `invalid-utf8` under `[rules]` or of the column say what becomes of each.",
        Rule::ValueMap => "Map each value to one of its own where they have to be told apart later (`values` of the column).",
        Rule::NumberForm | Rule::StorageClass => {
            "Usually none: the number or text is the same. Where the application looks at `typeof`, name a type that keeps both."
        }
        Rule::RoundToReal => "Make the target's column `double precision` by a migration of the application, which keeps every digit.",
        Rule::BooleanForm => "None: true stays true. Only an application that wrote 2 or 'yes' and reads it back as such would notice.",
        Rule::TrailingBlanks => "Make the target's column `text` or `varchar` where the blanks mean something.",
        Rule::JsonbForm => {
            "Make the target's column `json`, which keeps the text as it is, where order, repeated keys or white space mean something."
        }
        Rule::BinaryJson | Rule::ArrayForm => {
            "None: the document means the same. An application that reads the column itself has to expect text."
        }
        Rule::UuidForm | Rule::AddressForm => {
            "None: the type has one form. An application that compares the column as text has to compare it in that form."
        }
        Rule::EmptyToNull => {
            "`empty` of the column or under `[rules]`: let it become NULL, or have it quarantined where an empty text means something else."
        }
        Rule::MomentForm => "None where the application parses it. Keep the column as text where it is compared as text.",
        Rule::CutFraction => "Give the target's column six digits (`timestamp(6)`) by a migration of the application.",
        Rule::RoundReal => "None: PostgreSQL keeps microseconds. Keep the column as a number where more is needed.",
        Rule::AmbiguousTime => {
            "Name the zone's second showing by mending the cells in the application, or keep the column as it is written (`timestamp`)."
        }
    }
}

/// The page of a reason.
pub(super) fn of_reason(reason: Reason) -> String {
    format!(
        "{}\n\nSuch a cell is *quarantined*: the table `outgrow.quarantine` in the target keeps it byte for byte, with its table, column, row \
         and storage class, and the column gets the nearest value that it can hold, or NULL. The finding `quarantined-cells` names the \
         column, how many cells there are and in which rows first.\n\n**Choices.** {}",
        reason.meaning(),
        choices_of_reason(reason)
    )
}

const fn choices_of_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::WrongClass | Reason::NotANumber | Reason::NotBoolean | Reason::OtherForm => {
            "Mend the cells in the application, map them (`values` of the column), or give the column a type that holds them, such as `text`."
        }
        Reason::Ambiguous => "Mend the cells, or give the column a type in which they stay apart, such as `text`.",
        Reason::OutOfRange => "Mend the cells, or give the column a wider type: `bigint`, `numeric`, or `double precision`.",
        Reason::TooPrecise => "Give the column a type with more digits, or mend the cells in the application.",
        Reason::NotJson => "Mend the documents in the application, or keep the column as `text`.",
        Reason::Nul => "`nul` of the column or under `[rules]`: replace the NUL, leave it out, or keep the column as `bytea`.",
        Reason::InvalidUtf8 => {
            "`invalid-utf8` of the column or under `[rules]`: replace the bytes, leave them out, or keep the column as `bytea`."
        }
        Reason::TooLarge => "Keep such cells outside of the database, or cut them in the application.",
        Reason::Unmapped => "Enter the value into the column's map (`values`), or mend the cells in the application.",
        Reason::TooLong => "Widen the target's column by a migration of the application, or shorten the texts there.",
        Reason::UnlikelyMoment => "Mend the cells, say what the numbers count (`unit` of the column), or keep the column as a number.",
        Reason::TimeOfDay => "Make the column a `timestamp`, or mend the cells in the application.",
        Reason::NoParent | Reason::OrphanRow => {
            "Mend the rows in the application, or choose another fate for them: `orphans` under `[rules]`, of the table or of the foreign key."
        }
        Reason::SkippedTime => "Mend the cells, name another zone (`zone` of the column), or keep the column as it is written.",
    }
}
