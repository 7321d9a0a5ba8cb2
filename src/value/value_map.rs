//! A map of a column's values to other values: of the policy (`"aktiv" = "active"`), or the labels of an enumeration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Conversion, Fate, Reason, Rule, Settled, StorageClass, ValueFault, ValueRef, decode, encode, settle};

/// What some cells of a column are called in the target. Stands before the column's conversion, and behind its inverse.
///
/// Where two cells become one value, that value comes back as the first of them (in the order of bytes), and the others
/// are normalised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ValueMap {
    /// The storage class of the cells that are mapped: text or integer.
    pub class: StorageClass,
    /// Cells (integers in decimal) and the texts that they become.
    pub pairs: BTreeMap<String, String>,
    /// Whether a cell that is not mapped has no place in the column; otherwise it stays as it is.
    pub closed: bool,
}

impl ValueMap {
    /// The map of an enumeration's labels to themselves, which has a place for nothing else.
    pub fn of_labels(labels: &[String]) -> Self {
        let pairs = labels.iter().map(|label| (label.clone(), label.clone())).collect();
        Self { class: StorageClass::Text, pairs, closed: true }
    }

    /// Settles a cell as [`settle`] does, through the map.
    pub fn settle<'a>(&'a self, conversion: Conversion, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
        let stands_for = |text: &[u8], otherwise: Settled<'a>| match self.source_of(text) {
            Some(source) if source == value => Settled { fate: Fate::Exact, value },
            Some(source) => Settled { fate: Fate::Normalised(Rule::ValueMap), value: source },
            None => otherwise,
        };
        if matches!(value, ValueRef::Null) {
            return Settled { fate: Fate::Exact, value };
        }
        match self.target_of(value) {
            Some(target) => {
                let settled = settle(conversion, ValueRef::Text(target.as_bytes()), scratch);
                if settled.fate == Fate::Exact { stands_for(target.as_bytes(), settled) } else { settled }
            }
            None if self.closed => Settled { fate: Fate::Quarantined(Reason::Unmapped), value: ValueRef::Null },
            None => {
                let settled = settle(conversion, value, scratch);
                match settled.value {
                    ValueRef::Text(text) if settled.fate == Fate::Exact => stands_for(text, settled),
                    ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => settled,
                }
            }
        }
    }

    /// Encodes a settled value as [`encode`] does, through the map.
    pub fn encode(&self, conversion: Conversion, settled_value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), ValueFault> {
        let mapped = self.target_of(settled_value).map(|target| ValueRef::Text(target.as_bytes()));
        encode(conversion, mapped.unwrap_or(settled_value), out)
    }

    /// Decodes a field as [`decode`] does, and goes back through the map.
    pub fn decode<'a>(
        &'a self,
        conversion: Conversion,
        field: Option<&'a [u8]>,
        scratch: &'a mut Vec<u8>,
    ) -> Result<ValueRef<'a>, ValueFault> {
        let value = decode(conversion, field, scratch)?;
        Ok(match value {
            ValueRef::Text(text) => self.source_of(text).unwrap_or(value),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => value,
        })
    }

    /// The key of the pair that maps a cell, where one does.
    pub fn key_of(&self, value: ValueRef<'_>) -> Option<&str> {
        self.pair_of(value).map(|(source, _)| source.as_str())
    }

    /// Whether no two cells become one value, as far as the pairs say.
    pub fn is_one_to_one(&self) -> bool {
        self.pairs.values().collect::<std::collections::BTreeSet<_>>().len() == self.pairs.len()
    }

    /// What a cell becomes, where it is mapped.
    fn target_of(&self, value: ValueRef<'_>) -> Option<&str> {
        self.pair_of(value).map(|(_, target)| target.as_str())
    }

    fn pair_of(&self, value: ValueRef<'_>) -> Option<(&String, &String)> {
        match (self.class, value) {
            (StorageClass::Text, ValueRef::Text(text)) => self.pairs.get_key_value(std::str::from_utf8(text).ok()?),
            (StorageClass::Integer, ValueRef::Integer(number)) => self.pairs.get_key_value(&number.to_string()),
            (StorageClass::Null | StorageClass::Integer | StorageClass::Real | StorageClass::Text | StorageClass::Blob, _) => None,
        }
    }

    /// The cell that a value of the target stands for, where it is a mapped one.
    fn source_of(&self, target: &[u8]) -> Option<ValueRef<'_>> {
        let (source, _) = self.pairs.iter().find(|(_, to)| to.as_bytes() == target)?;
        match self.class {
            StorageClass::Integer => source.parse().ok().map(ValueRef::Integer),
            StorageClass::Null | StorageClass::Real | StorageClass::Text | StorageClass::Blob => Some(ValueRef::Text(source.as_bytes())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::TextRules;
    use super::*;

    const TEXT: Conversion =
        Conversion::TextToText(TextRules { nul: super::super::TextFault::Quarantine, invalid_utf8: super::super::TextFault::Quarantine });

    fn map(class: StorageClass, closed: bool, pairs: &[(&str, &str)]) -> ValueMap {
        ValueMap { class, closed, pairs: pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect() }
    }

    #[test]
    fn a_cell_comes_back_as_it_settled() {
        let german = map(StorageClass::Text, false, &[("aktiv", "active"), ("an", "active"), ("aus", "off")]);
        let codes = map(StorageClass::Integer, true, &[("0", "new"), ("1", "paid")]);
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        for (map, cell, fate, value) in [
            (&german, text("aktiv"), Fate::Exact, text("aktiv")),
            (&german, text("an"), Fate::Normalised(Rule::ValueMap), text("aktiv")),
            (&german, text("aus"), Fate::Exact, text("aus")),
            (&german, text("active"), Fate::Normalised(Rule::ValueMap), text("aktiv")),
            (&german, text("other"), Fate::Exact, text("other")),
            (&german, ValueRef::Null, Fate::Exact, ValueRef::Null),
            (&codes, ValueRef::Integer(1), Fate::Exact, ValueRef::Integer(1)),
            (&codes, ValueRef::Integer(2), Fate::Quarantined(Reason::Unmapped), ValueRef::Null),
            (&codes, text("paid"), Fate::Quarantined(Reason::Unmapped), ValueRef::Null),
        ] {
            let mut scratch = Vec::new();
            let settled = map.settle(TEXT, cell, &mut scratch);
            assert_eq!(settled.fate, fate, "{cell:?}");
            assert!(settled.value == value, "{cell:?} → {:?}", settled.value);
            let mut field = Vec::new();
            map.encode(TEXT, settled.value, &mut field).unwrap();
            let back = field.get(4..).filter(|_| settled.value != ValueRef::Null);
            let mut scratch = Vec::new();
            assert!(map.decode(TEXT, back, &mut scratch).unwrap() == value, "{cell:?}");
        }
    }
}
