//! The profile of many cells, joined of the profiles of its parts.
//!
//! Gives what observing all of the cells one after the other gives, samples included: so a table can be read by several
//! readers at once. Each part is taken apart by name, so that a field that is new can't be forgotten.

use super::profile::SAMPLE_KEYS;
use super::{BlobProfile, ColumnProfile, EpochFit, Evidence, IntegerProfile, RealProfile, TextProfile};

impl ColumnProfile {
    /// Takes in the profile of the cells that stand behind those of this one.
    pub fn append(&mut self, behind: Self) {
        let Self { nulls, integers, reals, texts, blobs } = behind;
        self.nulls += nulls;
        self.integers.append(integers);
        self.reals.append(reals);
        self.texts.append(texts);
        self.blobs.append(blobs);
    }
}

impl Evidence {
    /// Takes in what was seen in the rows that stand behind those of this one.
    pub fn append(&mut self, behind: Self) {
        let Self { count, samples } = behind;
        self.count += count;
        let room = SAMPLE_KEYS.saturating_sub(self.samples.len());
        self.samples.extend(samples.into_iter().take(room));
    }
}

impl IntegerProfile {
    fn append(&mut self, behind: Self) {
        let Self { seen, min, max, not_boolean, beyond_double, zeros, as_seconds, as_milliseconds, as_microseconds } = behind;
        self.seen.append(seen);
        self.min = self.min.into_iter().chain(min).min();
        self.max = self.max.max(max);
        self.not_boolean.append(not_boolean);
        self.beyond_double.append(beyond_double);
        self.zeros += zeros;
        self.as_seconds.append(as_seconds);
        self.as_milliseconds.append(as_milliseconds);
        self.as_microseconds.append(as_microseconds);
    }
}

impl EpochFit {
    fn append(&mut self, behind: Self) {
        let Self { plausible, implausible } = behind;
        self.plausible += plausible;
        self.implausible.append(implausible);
    }
}

impl RealProfile {
    fn append(&mut self, behind: Self) {
        let Self { seen, min, max, non_finite, integral, singles, digits_before_point, digits_behind_point } = behind;
        self.seen.append(seen);
        self.min = self.min.into_iter().chain(min).min_by(f64::total_cmp);
        self.max = self.max.into_iter().chain(max).max_by(f64::total_cmp);
        self.non_finite.append(non_finite);
        self.integral.append(integral);
        self.singles += singles;
        self.digits_before_point = self.digits_before_point.max(digits_before_point);
        self.digits_behind_point = self.digits_behind_point.max(digits_behind_point);
    }
}

impl TextProfile {
    fn append(&mut self, behind: Self) {
        let Self { seen, max_bytes, max_chars, shapes, moments, json, booleans, json_nul_escapes, json_lone_surrogates } = behind;
        self.seen.append(seen);
        self.max_bytes = self.max_bytes.max(max_bytes);
        self.max_chars = self.max_chars.max(max_chars);
        for (shape, evidence) in shapes {
            self.shapes.entry(shape).or_default().append(evidence);
        }
        for (written, evidence) in moments {
            self.moments.entry(written).or_default().append(evidence);
        }
        self.json += json;
        for (form, count) in booleans {
            *self.booleans.entry(form).or_default() += count;
        }
        self.json_nul_escapes.append(json_nul_escapes);
        self.json_lone_surrogates.append(json_lone_surrogates);
    }
}

impl BlobProfile {
    fn append(&mut self, behind: Self) {
        let Self { seen, max_bytes, not_text, not_16_bytes } = behind;
        self.seen.append(seen);
        self.max_bytes = self.max_bytes.max(max_bytes);
        self.not_text.append(not_text);
        self.not_16_bytes.append(not_16_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RowKey, ValueRef};
    use super::*;

    #[test]
    fn joined_parts_are_what_the_whole_is() {
        let cells = [
            ValueRef::Null,
            ValueRef::Integer(-7),
            ValueRef::Integer(1_700_000_000),
            ValueRef::Integer(0),
            ValueRef::Integer(1 << 60),
            ValueRef::Real(0.0),
            ValueRef::Real(-0.0),
            ValueRef::Real(1.25),
            ValueRef::Real(f64::NEG_INFINITY),
            ValueRef::Real(1e300),
            ValueRef::Text(b"plain"),
            ValueRef::Text(b"yes"),
            ValueRef::Text(b"{\"a\": \"\\u0000\\ud800\"}"),
            ValueRef::Text(b"01.02.2024"),
            ValueRef::Text(b"2024-01-02"),
            ValueRef::Text("жжжжжж".as_bytes()),
            ValueRef::Text(b"\xff"),
            ValueRef::Blob(b"\0"),
            ValueRef::Blob(b"0123456789abcdef"),
        ];
        let cells: Vec<ValueRef<'_>> = cells.into_iter().cycle().take(120).collect();
        let of = |from: usize, to: usize| {
            let mut profile = ColumnProfile::default();
            for (row, cell) in cells.iter().enumerate().take(to).skip(from) {
                profile.observe(*cell, &|| RowKey::of(&[ValueRef::Integer(i64::try_from(row).unwrap())]));
            }
            profile
        };
        // As JSON, which tells the two zeros apart.
        let shown = |profile: &ColumnProfile| serde_json::to_string(profile).unwrap();
        let whole = shown(&of(0, cells.len()));
        for cut in 0..=cells.len() {
            let mut joined = of(0, cut);
            joined.append(of(cut, cells.len()));
            assert_eq!(shown(&joined), whole, "cut at {cut}");
        }
    }
}
