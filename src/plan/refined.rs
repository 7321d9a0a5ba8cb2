//! Types that the values prove, where the policy asks for them: `types = "refined"` and `refine`.
//!
//! A text that is a UUID, a date, a time or a JSON document in every row says so without a declaration. Such a type is
//! taken only where every cell comes back exactly, or, for `jsonb`, in the form in which `jsonb` keeps it, counted as
//! normalised by `jsonb-form`. Columns that foreign keys tie together get such a type together or not at all.

use super::build::{Draft, Inputs};
use super::columns::keyed_columns;
use super::decided::decided;
use super::policy::{Policy, TypeRule};
use super::report::Inexact;
use super::tied_columns::{Place, tied_columns};
use crate::catalog::{Column, SourceCatalog, Table, TargetColumn, TargetType};
use crate::error::Result;
use crate::mapping::{self, Demand, Facts, Intent, counted, fit};
use crate::value::{
    BooleanForm, ColumnProfile, ColumnTrial, Conversion, Fate, NumberForm, PgType, Rule, SourceProfile, StorageClass, TextRules, TextShape,
    UuidLayout, Zone,
};

/// The id that stands in the place of a mapping rule's where the type is one that the values prove.
pub const REFINED_TYPE: &str = "refined-type";

/// What a column's values prove.
struct Candidate {
    conversion: Conversion,
    /// Whether every cell has to be tried before it is known.
    tried: bool,
    because: String,
}

/// The conversions that have to be tried on every cell before the plan is made.
pub(super) fn trials(policy: &Policy, catalog: &SourceCatalog, profile: &SourceProfile) -> Result<Vec<ColumnTrial>> {
    let mut trials = Vec::new();
    for table in &catalog.tables {
        let Some(cells) = profile.tables.get(&table.name) else { continue };
        for column in table.columns.iter().filter(|column| policy.refines(&table.name, &column.name)) {
            let Some(cells) = cells.columns.get(&column.name) else { continue };
            if decided(policy, table, column, cells)?.is_some() {
                continue;
            }
            if let Some(Candidate { conversion, tried: true, .. }) = candidate(policy, table, column, cells) {
                let (table, column) = (table.name.clone(), column.name.clone());
                trials.push(ColumnTrial { table, column, conversion, values: None, empty_is_null: false });
            }
        }
    }
    Ok(trials)
}

/// Gives the columns of the draft the types that their values prove, where the policy asks for it.
pub(super) fn refine(draft: &mut Draft<'_>) {
    let inputs = draft.inputs;
    for tied in tied_columns(inputs.catalog) {
        let filled: Vec<&Place<'_>> = tied.iter().filter(|place| !is_empty(inputs, place)).collect();
        let found: Option<Vec<(&Place<'_>, Candidate, Vec<Inexact>)>> =
            filled.iter().map(|place| proven(draft, place).map(|(candidate, inexact)| (*place, candidate, inexact))).collect();
        let Some(found) = found.filter(|found| !found.is_empty()) else { continue };
        let mut types = found.iter().map(|(_, candidate, _)| candidate.conversion.pg_type());
        let first = types.next();
        if types.any(|other| Some(other) != first) {
            continue;
        }
        for (place, candidate, inexact) in found {
            draft.convert(place, candidate.conversion, REFINED_TYPE, candidate.because, inexact);
        }
    }
}

fn is_empty(inputs: Inputs<'_>, (table, column): &Place<'_>) -> bool {
    let cells = inputs.profile.tables.get(&table.name).and_then(|cells| cells.columns.get(&column.name));
    cells.is_none_or(|cells| cells.integers.seen.count + cells.reals.seen.count + cells.texts.seen.count + cells.blobs.seen.count == 0)
}

/// What the values of a column prove, where no cell speaks against it; with the cells that `jsonb` writes otherwise.
fn proven(draft: &mut Draft<'_>, (table, column): &Place<'_>) -> Option<(Candidate, Vec<Inexact>)> {
    let inputs = draft.inputs;
    if !inputs.policy.refines(&table.name, &column.name) {
        return None;
    }
    let plain = draft.column(table, column)?;
    // What the declaration has settled, a person has, or an identity needs is not touched.
    if !matches!(plain.conversion, Conversion::TextToText(_) | Conversion::IntegerToBigint) || plain.identity.is_some() {
        return None;
    }
    if draft.decision(&table.name, &column.name).is_some_and(|decision| decision.rule == "policy") {
        return None;
    }
    let cells = inputs.profile.tables.get(&table.name)?.columns.get(&column.name)?;
    let candidate = candidate(inputs.policy, table, column, cells)?;
    if !candidate.tried {
        return Some((candidate, Vec::new()));
    }
    let tried = inputs.profile.tried(&table.name, &column.name)?;
    let inexact = Inexact::of_trial(tried);
    let but: u64 = inexact.iter().filter(|cells| cells.fate != Fate::Normalised(Rule::JsonbForm)).map(|cells| cells.evidence.count).sum();
    if but > 0 {
        let pg_type = candidate.conversion.pg_type();
        let why = format!("; not {pg_type}: {} would not come back as they are", counted(but, "cell"));
        draft.decision(&table.name, &column.name)?.because.push_str(&why);
        return None;
    }
    Some((candidate, inexact))
}

fn candidate(policy: &Policy, table: &Table, column: &Column, cells: &ColumnProfile) -> Option<Candidate> {
    if column.generated.is_some() || !column.collation.eq_ignore_ascii_case("binary") {
        return None;
    }
    let keyed = keyed_columns(table).contains(&column.name.to_ascii_lowercase());
    let facts = Facts {
        column,
        intent: Intent::of_declared(&column.declared),
        profile: cells,
        text_rules: TextRules::default(),
        keyed,
        numeric_infinity: false,
        zone: Zone::UTC,
        unit: None,
    };
    if facts.only(&[StorageClass::Integer]) {
        return boolean_of_integers(facts);
    }
    if !facts.only(&[StorageClass::Text]) || !matches!(facts.intent, Intent::Text | Intent::Any) {
        return None;
    }
    let declared = [Intent::Uuid, Intent::Timestamp, Intent::Date, Intent::Time].into_iter().find_map(|intent| by_intent(facts, intent));
    declared.or_else(|| by_trial(policy, table, facts))
}

/// Both values occur, and no other: a column of nothing but ones may count something.
fn boolean_of_integers(facts: Facts<'_>) -> Option<Candidate> {
    let integers = &facts.profile.integers;
    let both = integers.not_boolean.count == 0 && integers.min == Some(0) && integers.max == Some(1);
    if !both || facts.keyed || !matches!(facts.intent, Intent::Integer | Intent::Any) {
        return None;
    }
    let because = format!("{}, all 0 or 1, and both occur: boolean, because the values prove it", facts.summary());
    Some(Candidate { conversion: Conversion::IntegerToBoolean, tried: false, because })
}

/// What the rules for a declared type make of the column, as if it declared that.
fn by_intent(facts: Facts<'_>, intent: Intent) -> Option<Candidate> {
    let (_, proposal) = mapping::choose(&Facts { intent, ..facts }).ok()?;
    let pg_type = proposal.conversion.pg_type();
    let is_it = matches!(pg_type, PgType::Uuid | PgType::Timestamp | PgType::Timestamptz | PgType::Date | PgType::Time);
    let because = format!("{}: {pg_type}, because the values prove it", proposal.because);
    (is_it && proposal.counter_examples.is_empty()).then_some(Candidate { conversion: proposal.conversion, tried: false, because })
}

/// JSON documents, numbers with a fraction and words for true and false: what each cell comes to has to be tried.
fn by_trial(policy: &Policy, table: &Table, facts: Facts<'_>) -> Option<Candidate> {
    let texts = &facts.profile.texts;
    let all_of =
        |is_it: &dyn Fn(TextShape) -> bool| texts.shapes.iter().filter(|(_, evidence)| evidence.count > 0).all(|(shape, _)| is_it(*shape));
    let words = [BooleanForm::Word, BooleanForm::WordTitle, BooleanForm::WordUpper];
    let (pg_type, written) = if all_of(&|shape| shape == TextShape::Json) && texts.json == texts.seen.count && !facts.keyed {
        (TargetType::Jsonb, "jsonb")
    } else if all_of(&|shape| shape == TextShape::Number(NumberForm::Real)) {
        (TargetType::Numeric { limits: None }, "numeric")
    } else if words.iter().any(|form| texts.booleans.get(form) == Some(&texts.seen.count)) && !facts.keyed {
        (TargetType::Boolean, "boolean")
    } else {
        return None;
    };
    let target = TargetColumn {
        name: facts.column.name.clone(),
        pg_type,
        written: written.to_owned(),
        not_null: false,
        has_default: false,
        identity: None,
        sequence: None,
        generated: false,
    };
    let facts = Facts { text_rules: policy.text_rules(&table.name, &facts.column.name), ..facts };
    let found = fit(&Demand { facts, target: &target, uuid_layout: UuidLayout::default(), empty_is_null: false }).ok()?;
    let because = format!("{}, 0 exceptions: {written}, because the values prove it", facts.summary());
    found.values.is_none().then_some(Candidate { conversion: found.conversion, tried: true, because })
}

impl Policy {
    /// Whether a column gets the type that its values prove.
    fn refines(&self, table: &str, column: &str) -> bool {
        let of_column = self.column(table, column).and_then(|decided| decided.refine);
        let of_table = || self.table(table).and_then(|decided| decided.refine);
        of_column.or_else(of_table).unwrap_or(self.rules.types == TypeRule::Refined)
    }
}
