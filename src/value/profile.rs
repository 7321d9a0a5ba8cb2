//! What the cells of a column are: counts, ranges and forms, with the keys of a few rows as evidence.
//!
//! Filled by a full scan (`inspect`), read by the mapping rules; holds counts, bounds and keys, and no cell but the
//! numeric bounds. Every cell passes through [`ColumnProfile::observe`], so it names a row only while fewer than
//! `SAMPLE_KEYS` are named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decimal::{ShortestDecimal, is_integral_below_limit};
use super::moment::shape as moment_shape;
use super::recognise::recognise;
use super::{BooleanForm, Epoch, RowKey, TextShape, ValueRef, Written, single};

/// How many keys of rows are kept as evidence for each form.
pub(super) const SAMPLE_KEYS: usize = 5;

/// What the cells of one column are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// NULLs.
    pub nulls: u64,
    /// The integers.
    pub integers: IntegerProfile,
    /// The reals.
    pub reals: RealProfile,
    /// The texts.
    pub texts: TextProfile,
    /// The blobs.
    pub blobs: BlobProfile,
}

/// How often something was seen, and in which rows first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// How many cells.
    pub count: u64,
    /// Keys of the first few rows.
    pub samples: Vec<RowKey>,
}

/// The integers of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct IntegerProfile {
    /// All of them.
    pub seen: Evidence,
    /// The least.
    pub min: Option<i64>,
    /// The greatest.
    pub max: Option<i64>,
    /// Those other than 0 and 1.
    pub not_boolean: Evidence,
    /// Those of magnitude 2^51 or more, which `double precision` and an integer's affinity can't carry both ways.
    pub beyond_double: Evidence,
    /// Those that are 0, which applications write for "never" whatever the unit.
    pub zeros: u64,
    /// The others, taken as seconds since 1970.
    pub as_seconds: EpochFit,
    /// The others, taken as milliseconds since 1970.
    pub as_milliseconds: EpochFit,
    /// The others, taken as microseconds since 1970.
    pub as_microseconds: EpochFit,
}

/// How well the integers other than 0 fit one unit of an epoch. Each is counted in exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochFit {
    /// Those that are [`Epoch::plausible`].
    pub plausible: u64,
    /// Those that are not.
    pub implausible: Evidence,
}

/// The reals of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RealProfile {
    /// All of them.
    pub seen: Evidence,
    /// The least finite one.
    pub min: Option<f64>,
    /// The greatest finite one.
    pub max: Option<f64>,
    /// Infinities (and NaN, which only a damaged file can hold).
    pub non_finite: Evidence,
    /// Integral ones below 2^51 (negative zero included), which come back as integers from a column of numeric affinity.
    pub integral: Evidence,
    /// Those that are numbers of single precision, widened bit for bit.
    pub singles: u64,
    /// Most digits before the point of any finite one, in its shortest decimal form; 0 for |x| < 1.
    pub digits_before_point: u32,
    /// Most digits behind the point of any finite one, in its shortest decimal form.
    pub digits_behind_point: u32,
}

/// The texts of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TextProfile {
    /// All of them.
    pub seen: Evidence,
    /// Length of the longest in bytes.
    pub max_bytes: u64,
    /// Length of the longest in characters (of those that are UTF-8).
    pub max_chars: u64,
    /// Each form that was seen.
    #[serde(with = "pairs")]
    pub shapes: BTreeMap<TextShape, Evidence>,
    /// Each form of a date, time or duration that no shape is made of, of texts that are plain or numbers by their shape.
    #[serde(with = "pairs")]
    pub moments: BTreeMap<Written, Evidence>,
    /// Texts of any shape that PostgreSQL's `json` takes, scalars included: all of them if equal to `seen.count`.
    pub json: u64,
    /// Texts that read as true or false, by their form.
    #[serde(with = "pairs")]
    pub booleans: BTreeMap<BooleanForm, u64>,
    /// JSON texts with an escaped NUL (`\u0000`), which `json` takes but no later `->>` can read.
    pub json_nul_escapes: Evidence,
    /// JSON texts with an escaped lone surrogate.
    pub json_lone_surrogates: Evidence,
}

/// The blobs of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BlobProfile {
    /// All of them.
    pub seen: Evidence,
    /// Length of the longest in bytes.
    pub max_bytes: u64,
    /// Those that are not UTF-8, or hold a NUL byte.
    pub not_text: Evidence,
    /// Those of another length than 16 bytes.
    pub not_16_bytes: Evidence,
}

impl ColumnProfile {
    /// Takes in one cell; `key` names its row and is only called where the row becomes evidence.
    pub fn observe(&mut self, value: ValueRef<'_>, key: &dyn Fn() -> RowKey) {
        match value {
            ValueRef::Null => self.nulls += 1,
            ValueRef::Integer(number) => self.integers.observe(number, key),
            ValueRef::Real(number) => self.reals.observe(number, key),
            ValueRef::Text(bytes) => self.texts.observe(bytes, key),
            ValueRef::Blob(bytes) => self.blobs.observe(bytes, key),
        }
    }

    /// How many cells were taken in.
    pub const fn cells(&self) -> u64 {
        self.nulls + self.integers.seen.count + self.reals.seen.count + self.texts.seen.count + self.blobs.seen.count
    }
}

impl Evidence {
    /// Counts one; `key` names the row and is only called where it is kept.
    pub fn add(&mut self, key: &dyn Fn() -> RowKey) {
        self.count += 1;
        if self.samples.len() < SAMPLE_KEYS {
            self.samples.push(key());
        }
    }
}

impl IntegerProfile {
    /// How well the integers other than 0 fit this unit.
    pub const fn as_epoch(&self, unit: Epoch) -> &EpochFit {
        match unit {
            Epoch::Seconds => &self.as_seconds,
            Epoch::Milliseconds => &self.as_milliseconds,
            Epoch::Microseconds => &self.as_microseconds,
        }
    }

    fn observe(&mut self, number: i64, key: &dyn Fn() -> RowKey) {
        self.seen.add(key);
        self.min = Some(self.min.map_or(number, |min| min.min(number)));
        self.max = Some(self.max.map_or(number, |max| max.max(number)));
        if !matches!(number, 0 | 1) {
            self.not_boolean.add(key);
        }
        if !is_integral_below_limit(number) {
            self.beyond_double.add(key);
        }
        if number == 0 {
            self.zeros += 1;
            return;
        }
        for unit in Epoch::ALL {
            let fit = match unit {
                Epoch::Seconds => &mut self.as_seconds,
                Epoch::Milliseconds => &mut self.as_milliseconds,
                Epoch::Microseconds => &mut self.as_microseconds,
            };
            if unit.plausible(number) {
                fit.plausible += 1;
            } else {
                fit.implausible.add(key);
            }
        }
    }
}

impl RealProfile {
    fn observe(&mut self, number: f64, key: &dyn Fn() -> RowKey) {
        self.seen.add(key);
        if single::is_widened(number) {
            self.singles += 1;
        }
        let Some(decimal) = ShortestDecimal::of(number) else {
            self.non_finite.add(key);
            return;
        };
        // In the order that tells the two zeros apart, so that it is all the same which cell comes first.
        self.min = self.min.filter(|min| min.total_cmp(&number).is_le()).or(Some(number));
        self.max = self.max.filter(|max| max.total_cmp(&number).is_ge()).or(Some(number));
        if decimal.to_integer().is_some_and(is_integral_below_limit) {
            self.integral.add(key);
        }
        self.digits_before_point = self.digits_before_point.max(decimal.digits_before_point());
        self.digits_behind_point = self.digits_behind_point.max(decimal.digits_behind_point());
    }
}

impl TextProfile {
    fn observe(&mut self, bytes: &[u8], key: &dyn Fn() -> RowKey) {
        self.seen.add(key);
        let (shape, json) = recognise(bytes);
        self.shapes.entry(shape).or_default().add(key);
        // Those that the shape tells are dates and times too, but the others are looked at again.
        if matches!(shape, TextShape::Plain | TextShape::Number(_))
            && let Some(written) = moment_shape(bytes)
        {
            self.moments.entry(written).or_default().add(key);
        }
        self.max_bytes = self.max_bytes.max(length(bytes));
        // Characters are never more than bytes: most texts are not counted at all.
        if length(bytes) > self.max_chars
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            self.max_chars = self.max_chars.max(u64::try_from(text.chars().count()).unwrap_or(u64::MAX));
        }
        if let Some((form, _)) = BooleanForm::read(bytes) {
            *self.booleans.entry(form).or_default() += 1;
        }
        if let Some(facts) = json {
            self.json += 1;
            if facts.nul_escape {
                self.json_nul_escapes.add(key);
            }
            if facts.lone_surrogate {
                self.json_lone_surrogates.add(key);
            }
        }
    }
}

impl BlobProfile {
    fn observe(&mut self, bytes: &[u8], key: &dyn Fn() -> RowKey) {
        self.seen.add(key);
        self.max_bytes = self.max_bytes.max(length(bytes));
        // The cheap look decides for nearly all real blobs.
        if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() {
            self.not_text.add(key);
        }
        if bytes.len() != 16 {
            self.not_16_bytes.add(key);
        }
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// JSON has no maps with structured keys: they are kept as a list of pairs.
mod pairs {
    use super::BTreeMap;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<impl Serialize, impl Serialize>, serializer: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, K: Deserialize<'de> + Ord, V: Deserialize<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::NumberForm;
    use super::*;

    fn profile_of(cells: &[ValueRef<'_>]) -> ColumnProfile {
        let mut profile = ColumnProfile::default();
        for (row, cell) in (1..).zip(cells) {
            profile.observe(*cell, &|| RowKey::of(&[ValueRef::Integer(row)]));
        }
        profile
    }

    fn evidence(count: u64, rows: &[i64]) -> Evidence {
        Evidence { count, samples: rows.iter().map(|row| RowKey::of(&[ValueRef::Integer(*row)])).collect() }
    }

    #[test]
    fn counts_every_cell_once() {
        let profile = profile_of(&[ValueRef::Null, ValueRef::Integer(3), ValueRef::Real(1.0), ValueRef::Text(b"x"), ValueRef::Blob(b"x")]);
        assert_eq!(profile.cells(), 5);
        assert_eq!((profile.nulls, profile.integers.seen.count, profile.reals.seen.count), (1, 1, 1));
        assert_eq!((profile.texts.seen.clone(), profile.blobs.seen.clone()), (evidence(1, &[4]), evidence(1, &[5])));
    }

    #[test]
    fn weighs_integers() {
        let cells = [0, 1, 1_700_000_000, 1_700_000_000_000, 1 << 51, -(1 << 51), (1 << 51) - 1].map(ValueRef::Integer);
        let integers = profile_of(&cells).integers;
        assert_eq!((integers.min, integers.max), (Some(-(1 << 51)), Some(1 << 51)));
        assert_eq!(integers.not_boolean, evidence(5, &[3, 4, 5, 6, 7]));
        assert_eq!(integers.beyond_double, evidence(2, &[5, 6]));
        assert_eq!(integers.zeros, 1);
        assert_eq!(*integers.as_epoch(Epoch::Seconds), EpochFit { plausible: 1, implausible: evidence(5, &[2, 4, 5, 6, 7]) });
        assert_eq!(*integers.as_epoch(Epoch::Milliseconds), EpochFit { plausible: 1, implausible: evidence(5, &[2, 3, 5, 6, 7]) });
        assert_eq!(integers.as_epoch(Epoch::Microseconds).plausible, 2);
    }

    #[test]
    fn weighs_reals() {
        let reals = profile_of(&[12.25, -0.0, 1e3, f64::INFINITY, 2_251_799_813_685_248.0, 0.001].map(ValueRef::Real)).reals;
        assert_eq!((reals.min, reals.max), (Some(-0.0), Some(2_251_799_813_685_248.0)));
        assert_eq!(reals.non_finite, evidence(1, &[4]));
        assert_eq!(reals.singles, 5);
        assert_eq!(reals.integral, evidence(2, &[2, 3]));
        assert_eq!((reals.digits_before_point, reals.digits_behind_point), (16, 3));
    }

    #[test]
    fn weighs_texts() {
        let texts = [&b"{}"[..], b"[\"\\u0000\"]", b"12", "ğğğ".as_bytes(), b"\xff\xff\xff\xff\xff\xff\xff", b"\"\\ud800\""];
        let profile = profile_of(&texts.map(ValueRef::Text)).texts;
        assert_eq!((profile.max_bytes, profile.max_chars), (10, 10));
        assert_eq!(profile.json, 4);
        let booleans = profile_of(&[&b"t"[..], b"f", b"Yes"].map(ValueRef::Text)).texts.booleans;
        assert_eq!(booleans, BTreeMap::from([(BooleanForm::Initial, 2), (BooleanForm::AnswerTitle, 1)]));
        assert_eq!(profile.json_nul_escapes, evidence(1, &[2]));
        assert_eq!(profile.json_lone_surrogates, evidence(1, &[6]));
        let shapes = [
            (TextShape::Number(NumberForm::Integer), evidence(1, &[3])),
            (TextShape::Json, evidence(2, &[1, 2])),
            (TextShape::Plain, evidence(2, &[4, 6])),
            (TextShape::InvalidUtf8, evidence(1, &[5])),
        ];
        assert_eq!(profile.shapes, BTreeMap::from(shapes));
    }

    #[test]
    fn weighs_blobs_and_keeps_few_keys() {
        let blobs = profile_of(&[&b"0123456789abcdef"[..], b"\0", b"\xff", b"", b"a", b"b", b"c", b"d"].map(ValueRef::Blob)).blobs;
        assert_eq!(blobs.max_bytes, 16);
        assert_eq!(blobs.not_text, evidence(2, &[2, 3]));
        assert_eq!(blobs.not_16_bytes, evidence(7, &[2, 3, 4, 5, 6]));
    }

    #[test]
    fn survives_the_journal() {
        let profile = profile_of(&[ValueRef::Text(b"2024-01-02 03:04:05.100"), ValueRef::Real(1.5), ValueRef::Integer(7)]);
        let stored = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<ColumnProfile>(&stored).unwrap(), profile);
    }
}
