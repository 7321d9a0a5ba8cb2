//! What a mapping rule sees and what it proposes.

use serde::{Deserialize, Serialize};

use super::Intent;
use crate::catalog::{Affinity, Column};
use crate::value::{ColumnProfile, Conversion, Epoch, Evidence, StorageClass, TextRules, TextShape, UuidForm, Zone};

/// All that a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The column's declaration.
    pub column: &'a Column,
    /// What its declared type means to say.
    pub intent: Intent,
    /// What its cells are.
    pub profile: &'a ColumnProfile,
    /// What the policy wants done with text that PostgreSQL can't hold.
    pub text_rules: TextRules,
    /// Whether the column is part of a key or an index, and so needs a type with equality and order.
    pub keyed: bool,
    /// Whether the server's `numeric` holds infinities (PostgreSQL 14 and newer).
    pub numeric_infinity: bool,
    /// The zone of times that say none, for a target that is there already.
    pub zone: Zone,
    /// What the column's numbers count since 1970 (or as durations), where the policy says it.
    pub unit: Option<Epoch>,
}

/// A conversion, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The conversion.
    pub conversion: Conversion,
    /// Why, with counts: `1,204,113 integers in the epoch-milliseconds range, 0 exceptions`.
    pub because: String,
    /// Cells that break what the column's declaration intends; empty where all is as declared.
    pub counter_examples: Vec<CounterExample>,
}

/// Cells that are not what the column's declaration intends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CounterExample {
    /// What they are: `2 texts`.
    pub what: String,
    /// How many, and in which rows first.
    pub evidence: Evidence,
}

/// A rule: its id is its file's name, its golden case and what reports show.
#[derive(Debug)]
pub struct MappingRule {
    /// Stable id in kebab case.
    pub id: &'static str,
    /// What the rule does and when, for the documentation.
    pub explain: &'static str,
    /// Proposes a conversion where the rule fits.
    pub propose: fn(&Facts<'_>) -> Option<Proposal>,
}

impl Proposal {
    /// A proposal without counter-examples.
    pub fn new(conversion: Conversion, because: impl Into<String>) -> Self {
        Self { conversion, because: because.into(), counter_examples: Vec::new() }
    }

    /// Names cells that break the declared intent, where there are any.
    #[must_use]
    pub fn against(mut self, what: impl Into<String>, evidence: &Evidence) -> Self {
        if evidence.count > 0 {
            self.counter_examples.push(CounterExample { what: what.into(), evidence: evidence.clone() });
        }
        self
    }
}

impl Facts<'_> {
    /// How many cells there are of a storage class.
    pub fn count(&self, class: StorageClass) -> u64 {
        match class {
            StorageClass::Null => self.profile.nulls,
            StorageClass::Integer => self.profile.integers.seen.count,
            StorageClass::Real => self.profile.reals.seen.count,
            StorageClass::Text => self.profile.texts.seen.count,
            StorageClass::Blob => self.profile.blobs.seen.count,
        }
    }

    /// How many cells are not NULL.
    pub fn filled(&self) -> u64 {
        [StorageClass::Integer, StorageClass::Real, StorageClass::Text, StorageClass::Blob].map(|class| self.count(class)).iter().sum()
    }

    /// Whether there is at least one cell that is not NULL and all such cells are of these classes.
    pub fn only(&self, classes: &[StorageClass]) -> bool {
        let of_classes: u64 = classes.iter().map(|class| self.count(*class)).sum();
        of_classes > 0 && of_classes == self.filled()
    }

    /// Whether affinity makes an integer of every integral real (and text that looks like a number a number).
    pub fn numeric_affinity(&self) -> bool {
        matches!(self.column.affinity, Affinity::Integer | Affinity::Numeric)
    }

    /// Whether the server's `numeric` holds every number of the column.
    pub fn numeric_holds(&self) -> bool {
        self.numeric_infinity || self.profile.reals.non_finite.count == 0
    }

    /// The one form that all texts have, where they have one.
    pub fn only_shape(&self) -> Option<TextShape> {
        let mut shapes = self.profile.texts.shapes.iter().filter(|(_, evidence)| evidence.count > 0);
        let (shape, _) = shapes.next()?;
        shapes.next().is_none().then_some(*shape)
    }

    /// The commonest form of UUID among the texts.
    pub fn commonest_uuid(&self) -> Option<UuidForm> {
        let forms = self.profile.texts.shapes.iter().filter_map(|(shape, evidence)| match shape {
            TextShape::Uuid(form) => Some((*form, evidence.count)),
            TextShape::Empty
            | TextShape::Date
            | TextShape::Time(_)
            | TextShape::Timestamp(_)
            | TextShape::Number(_)
            | TextShape::HexBytes
            | TextShape::Json
            | TextShape::Plain
            | TextShape::Nul
            | TextShape::InvalidUtf8 => None,
        });
        // What has no letters is written alike in both cases, and so goes with either.
        let digits = |form: UuidForm| matches!(form, UuidForm::HyphenatedDigits | UuidForm::SimpleDigits);
        forms.max_by_key(|(form, count)| (!digits(*form), *count, std::cmp::Reverse(*form))).map(|(form, _)| form)
    }

    /// `1,204,113 integers, 2 texts`: the cells by class, for a reason.
    pub fn summary(&self) -> String {
        let classes = [StorageClass::Integer, StorageClass::Real, StorageClass::Text, StorageClass::Blob];
        let parts: Vec<String> =
            classes.iter().filter(|class| self.count(**class) > 0).map(|class| counted(self.count(*class), class.name())).collect();
        if parts.is_empty() { "no values".to_owned() } else { parts.join(", ") }
    }
}

/// `1 text`, `2 texts`, `1,204,113 integers`.
pub fn counted(count: u64, noun: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {noun}{}", if count == 1 { "" } else { "s" })
}
