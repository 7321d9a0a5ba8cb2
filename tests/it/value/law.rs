//! The law of conversions, without a server: what is settled comes back.

use outgrow::value::{
    Conversion, Epoch, Fate, Fraction, Offset, PgType, Separator, TextShape, TimeForm, TimestampForm, Value, ValueFault, ValueRef, decode,
    encode, settle,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::generate::{cell, cell_for, draw, runner, timestamp};
use super::{body, budget, decoded, encoded, settled, shown};

/// Fails unless the cell keeps the law under the conversion.
fn judge(conversion: Conversion, cell: &Value) -> Fate {
    let what = || format!("{conversion:?}: {}", shown(cell.as_ref()));
    let (fate, value) = settled(conversion, cell);
    assert_eq!(fate == Fate::Exact, value == *cell, "{} settles as {fate:?} {}", what(), shown(value.as_ref()));
    let back = decoded(conversion, body(&encoded(conversion, &value)));
    assert!(back == value, "{} settles as {} and comes back as {}", what(), shown(value.as_ref()), shown(back.as_ref()));
    let (again, same) = settled(conversion, &value);
    assert!(again == Fate::Exact && same == value, "{}: the substitute {} settles as {again:?}", what(), shown(value.as_ref()));
    fate
}

#[test]
fn every_cell_keeps_the_law_under_every_conversion() {
    let samples = Conversion::samples();
    runner(budget(400))
        .run(&cell(), |cell| {
            for conversion in &samples {
                judge(*conversion, &cell);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_cells_that_a_conversion_is_made_for_are_exact() {
    let mut runner = runner(1);
    for conversion in Conversion::samples() {
        let cells = cell_for(conversion);
        let fates: Vec<Fate> = (0..budget(100)).map(|_| judge(conversion, &draw(&mut runner, &cells))).collect();
        let exact = fates.iter().filter(|fate| **fate == Fate::Exact).count();
        assert!(exact > fates.len() / 4, "{conversion:?}: only {exact} of {} cells are exact", fates.len());
    }
}

#[test]
fn a_column_of_united_form_gives_back_each_of_its_texts() {
    let fractions = prop_oneof![
        Just(Fraction::None),
        (1..=6_u8).prop_map(Fraction::Fixed),
        (1..=6_u8).prop_map(|count| Fraction::DigitsOrNone { count, trailing_zero: true }),
        Just(Fraction::Trimmed),
    ];
    let texts = vec(fractions, 1..3).prop_flat_map(|fractions| {
        let texts: Vec<_> = fractions
            .into_iter()
            .map(|fraction| {
                timestamp(TimestampForm { separator: Separator::T, time: TimeForm { seconds: true, fraction }, offset: Offset::Z })
            })
            .map(|text| vec(text, 1..4))
            .collect();
        texts.prop_map(|texts| texts.concat())
    });
    let united = std::cell::Cell::new(0);
    runner(budget(2_000))
        .run(&texts, |texts| {
            let forms = texts.iter().map(|text| {
                let shape = TextShape::of(text.as_bytes());
                let TextShape::Timestamp(form) = shape else { panic!("{text} has the shape {shape:?}") };
                form
            });
            let form = forms.map(Some).reduce(|one, two| one?.unite(two?)).flatten();
            if let Some(form) = form {
                united.set(united.get() + 1);
                for text in texts {
                    let cell = Value::Text(text.into_bytes());
                    prop_assert_eq!(judge(Conversion::TextToTimestamptz(form), &cell), Fate::Exact, "{:?}", form);
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(united.get() > budget(300), "only {} columns had one form", united.get());
}

#[test]
fn a_cell_beyond_the_largest_field_is_quarantined() {
    // Never written to, so that the pages stay unmapped.
    let huge = vec![0; 0x3fff_fffc];
    for conversion in Conversion::samples() {
        let mut scratch = Vec::new();
        for cell in [ValueRef::Text(&huge), ValueRef::Blob(&huge)] {
            let settled = settle(conversion, cell, &mut scratch);
            assert!(matches!(settled.fate, Fate::Quarantined(_)), "{conversion:?}");
            assert_eq!(settled.value, ValueRef::Null, "{conversion:?}");
        }
    }
}

/// A field of some other program's making must be a fault where the source has no exact form for it.
#[test]
fn what_the_source_has_no_form_for_is_a_fault() {
    let micros = |micros: i64| micros.to_be_bytes().to_vec();
    let mut cases = vec![
        (Conversion::IntegerToTimestamptz(Epoch::Seconds), micros(1)),
        (Conversion::IntegerToTimestamptz(Epoch::Microseconds), micros(i64::MAX)),
        (Conversion::IntegerToTimestamptz(Epoch::Microseconds), micros(i64::MIN)),
        (Conversion::RealToDouble, f64::NAN.to_be_bytes().to_vec()),
        (Conversion::NumberToDouble, f64::NAN.to_be_bytes().to_vec()),
        (Conversion::NumberToNumeric, vec![0, 0, 0, 0, 0xC0, 0, 0, 0]),
        (Conversion::TextToDate, i32::MAX.to_be_bytes().to_vec()),
        (Conversion::TextToDate, i32::MIN.to_be_bytes().to_vec()),
        (Conversion::TextToDate, (-730_120_i32).to_be_bytes().to_vec()),
        (Conversion::TextToDate, 2_921_940_i32.to_be_bytes().to_vec()),
    ];
    cases.extend(super::fitted::without_form());
    for conversion in Conversion::samples() {
        if let Conversion::TextToTime(form) = conversion {
            cases.push((conversion, micros(if form.seconds { 86_400_000_000 } else { 1_000_000 })));
            // One microsecond, where the form has no sixth digit.
            match form.fraction {
                Fraction::Trimmed | Fraction::Fixed(6) | Fraction::Digits { count: 6, .. } | Fraction::DigitsOrNone { count: 6, .. } => {}
                Fraction::None | Fraction::Fixed(_) | Fraction::Digits { .. } | Fraction::DigitsOrNone { .. } => {
                    cases.push((conversion, micros(1)));
                }
            }
        }
        if let Conversion::TextToTimestamp(_) | Conversion::TextToTimestamptz(_) = conversion {
            // PostgreSQL's infinities, and a day in 1 BC.
            cases.extend([i64::MAX, i64::MIN, -63_082_281_600_000_001 - 86_400_000_000].map(|moment| (conversion, micros(moment))));
        }
    }
    for (conversion, field) in cases {
        let mut scratch = Vec::new();
        let unrepresentable = ValueFault::Unrepresentable { pg_type: conversion.pg_type() };
        assert_eq!(decode(conversion, Some(&field), &mut scratch), Err(unrepresentable), "{conversion:?}");
    }
}

#[test]
fn a_field_that_is_not_of_the_type_is_a_fault() {
    for conversion in Conversion::samples() {
        let malformed = ValueFault::Malformed { pg_type: conversion.pg_type(), bytes: 3 };
        let expected = match conversion.pg_type() {
            PgType::Text | PgType::Json | PgType::Bytea | PgType::Citext | PgType::Varchar { .. } | PgType::Char { .. } => continue,
            PgType::Bigint
            | PgType::Boolean
            | PgType::DoublePrecision
            | PgType::Numeric
            | PgType::Decimal { .. }
            | PgType::Uuid
            | PgType::Date
            | PgType::Time
            | PgType::Timestamp
            | PgType::Timestamptz
            | PgType::Smallint
            | PgType::Integer
            | PgType::Real
            | PgType::Jsonb
            | PgType::Inet
            | PgType::Cidr
            | PgType::Macaddr
            | PgType::Array(_) => Err(malformed),
        };
        assert_eq!(decode(conversion, Some(&[9, 9, 9]), &mut Vec::new()), expected, "{conversion:?}");
    }
}

#[test]
fn a_cell_that_was_not_settled_is_a_fault_and_leaves_nothing_behind() {
    let mut refused = 0;
    for conversion in Conversion::samples() {
        for cell in [ValueRef::Integer(2), ValueRef::Real(0.5), ValueRef::Text(b"x"), ValueRef::Blob(b"x")] {
            let mut out = b"before".to_vec();
            if encode(conversion, cell, &mut out).is_err() {
                refused += 1;
                assert_eq!(out, b"before");
            }
        }
    }
    assert!(refused > 100);
}
