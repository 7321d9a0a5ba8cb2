//! Dates, times, moments and durations.
//!
//! The column's form is that of most of its cells: they come back exactly, and the others in that form. What its numbers
//! count is told by all of them together, never by one.

use std::collections::BTreeMap;

use super::{Demand, Fit, Unfit};
use crate::catalog::TargetType;
use crate::mapping::counted;
use crate::value::{
    Conversion, Counting, DurationForm, Epoch, Fraction, MomentType, Moments, NumberClass, Offset, Separator, StorageClass, TextShape,
    TimeForm, TimestampForm, Written,
};

pub(super) fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    let target = target(demand)?;
    let facts = &demand.facts;
    if facts.count(StorageClass::Blob) > 0 && facts.only(&[StorageClass::Blob]) {
        return Err(Unfit::new(demand));
    }
    let forms = forms(demand, target);
    let numbers = numbers(demand, target)?;
    let counts = facts.count(StorageClass::Integer) + facts.count(StorageClass::Real);
    let texts = forms.iter().max_by_key(|(_, count)| **count).map(|(form, count)| (*form, *count));
    let written = match (texts, numbers) {
        (Some((form, count)), Some(_)) if count >= counts => form,
        (_, Some(_)) => Written::Number(class(demand)),
        (Some((form, _)), None) => form,
        (None, None) if facts.filled() == 0 => usual(target),
        (None, None) => return Err(unreadable(demand)),
    };
    if matches!((target, facts.zone.is_fixed()), (MomentType::Timetz(_), false)) {
        let advice = "Name a fixed offset for the column in the policy, such as zone = \"+04:00\".";
        return Err(Unfit::because(format!("a time of day has no offset in {}, where it changes", facts.zone), advice));
    }
    let moments = Moments { target, written, numbers, zone: facts.zone };
    Ok(because(demand, moments, &forms))
}

/// The type of the target's column.
fn target(demand: &Demand<'_>) -> Result<MomentType, Unfit> {
    match &demand.target.pg_type {
        TargetType::Date => Ok(MomentType::Date),
        TargetType::Time { digits } => Ok(MomentType::Time(*digits)),
        TargetType::Timetz { digits } => Ok(MomentType::Timetz(*digits)),
        TargetType::Timestamp { digits } => Ok(MomentType::Timestamp(*digits)),
        TargetType::Timestamptz { digits } => Ok(MomentType::Timestamptz(*digits)),
        TargetType::Interval => {
            let limits = demand.target.written.strip_prefix("interval").unwrap_or_default();
            let digits = limits.trim_start_matches('(').trim_end_matches(')');
            let digits = if digits.is_empty() { Some(6) } else { digits.parse().ok() };
            digits.map(MomentType::Interval).ok_or_else(|| Unfit::new(demand))
        }
        TargetType::Boolean
        | TargetType::Smallint
        | TargetType::Integer
        | TargetType::Bigint
        | TargetType::Real
        | TargetType::DoublePrecision
        | TargetType::Numeric { .. }
        | TargetType::Money
        | TargetType::Text
        | TargetType::Citext
        | TargetType::Varchar { .. }
        | TargetType::Char { .. }
        | TargetType::Bytea
        | TargetType::Json
        | TargetType::Jsonb
        | TargetType::Uuid
        | TargetType::Inet
        | TargetType::Cidr
        | TargetType::Macaddr
        | TargetType::Enum { .. }
        | TargetType::Array { .. }
        | TargetType::Other => Err(Unfit::new(demand)),
    }
}

/// The forms that the target's type can be read from, each with the number of its cells.
///
/// Texts that differ in nothing but their fractions are of one form, if one writes all of them just so; where none does,
/// of that of most of them.
fn forms(demand: &Demand<'_>, target: MomentType) -> BTreeMap<Written, u64> {
    let texts = &demand.facts.profile.texts;
    let shapes = texts.shapes.iter().filter_map(|(shape, evidence)| Some((of_shape(*shape)?, evidence.count)));
    let moments = texts.moments.iter().map(|(written, evidence)| (*written, evidence.count));
    let mut families: BTreeMap<Written, Vec<(Written, u64)>> = BTreeMap::new();
    for (written, count) in shapes.chain(moments).filter_map(|(written, count)| Some((taken_as(written, target)?, count))) {
        families.entry(with_fraction(written, Fraction::None)).or_default().push((written, count));
    }
    let one_form = |members: Vec<(Written, u64)>| -> Option<(Written, u64)> {
        let total = members.iter().map(|(_, count)| count).sum();
        let (most, _) = members.iter().max_by_key(|(_, count)| *count)?;
        let united = members.iter().map(|(written, _)| fraction(*written)).reduce(|one, two| one?.unite(two?)).flatten();
        Some((united.map_or(*most, |united| with_fraction(*most, united)), total))
    };
    let mut forms: BTreeMap<Written, u64> = families.into_values().filter_map(one_form).collect();
    // Python and Django write a length below a day as a clock does.
    let long = [DurationForm::Python, DurationForm::Django].map(Written::Duration).into_iter().find(|form| forms.contains_key(form));
    if let Some(long) = long {
        let is_clock = |form: &Written| matches!(form, Written::Duration(DurationForm::Clock(_)));
        let short: u64 = forms.iter().filter(|(form, _)| is_clock(form)).map(|(_, count)| count).sum();
        forms.retain(|form, _| !is_clock(form));
        *forms.entry(long).or_default() += short;
    }
    forms
}

/// The form of a text of this shape.
const fn of_shape(shape: TextShape) -> Option<Written> {
    match shape {
        TextShape::Date => Some(Written::Date),
        TextShape::Time(form) => Some(Written::Time(form)),
        TextShape::Timestamp(form) => Some(Written::Timestamp(form)),
        TextShape::Empty
        | TextShape::Uuid(_)
        | TextShape::Number(_)
        | TextShape::HexBytes
        | TextShape::Json
        | TextShape::Plain
        | TextShape::Nul
        | TextShape::InvalidUtf8 => None,
    }
}

/// What a text is for this type; nothing where it can't be read as one.
fn taken_as(written: Written, target: MomentType) -> Option<Written> {
    let fits = match (target, written) {
        (
            MomentType::Date | MomentType::Timestamp(_) | MomentType::Timestamptz(_),
            Written::Date | Written::CompactDate | Written::Timestamp(_) | Written::CompactTimestamp(_),
        )
        | (MomentType::Time(_), Written::Time(_) | Written::CompactTime)
        | (MomentType::Timetz(_), Written::Time(_) | Written::OffsetTime { .. })
        | (MomentType::Interval(_), Written::Duration(_)) => true,
        (MomentType::Interval(_), Written::Time(TimeForm { seconds: true, fraction })) => {
            return Some(Written::Duration(DurationForm::Clock(fraction)));
        }
        (MomentType::Time(_) | MomentType::Interval(_), Written::Timestamp(form)) => form.offset == Offset::Naive,
        (
            MomentType::Date
            | MomentType::Time(_)
            | MomentType::Timetz(_)
            | MomentType::Timestamp(_)
            | MomentType::Timestamptz(_)
            | MomentType::Interval(_),
            _,
        ) => false,
    };
    fits.then_some(written)
}

const fn fraction(written: Written) -> Option<Fraction> {
    match written {
        Written::Time(form) | Written::OffsetTime { time: form, .. } | Written::Timestamp(TimestampForm { time: form, .. }) => {
            Some(form.fraction)
        }
        Written::CompactTimestamp(fraction) | Written::Duration(DurationForm::Clock(fraction)) => Some(fraction),
        Written::Date | Written::CompactDate | Written::CompactTime | Written::Duration(_) | Written::Number(_) => None,
    }
}

const fn with_fraction(written: Written, fraction: Fraction) -> Written {
    match written {
        Written::Time(form) => Written::Time(TimeForm { fraction, ..form }),
        Written::OffsetTime { time, offset } => Written::OffsetTime { time: TimeForm { fraction, ..time }, offset },
        Written::Timestamp(form) => Written::Timestamp(TimestampForm { time: TimeForm { fraction, ..form.time }, ..form }),
        Written::CompactTimestamp(_) => Written::CompactTimestamp(fraction),
        Written::Duration(DurationForm::Clock(_)) => Written::Duration(DurationForm::Clock(fraction)),
        Written::Date | Written::CompactDate | Written::CompactTime | Written::Duration(_) | Written::Number(_) => written,
    }
}

/// The storage class of the column's numbers.
fn class(demand: &Demand<'_>) -> NumberClass {
    let (integers, reals) = (demand.facts.count(StorageClass::Integer), demand.facts.count(StorageClass::Real));
    match (integers, reals) {
        (_, 0) => NumberClass::Integer,
        (0, _) if !demand.facts.numeric_affinity() => NumberClass::Real,
        _ if demand.facts.numeric_affinity() => NumberClass::Affine,
        _ => NumberClass::Real,
    }
}

/// What the column's numbers count; nothing where it has none.
fn numbers(demand: &Demand<'_>, target: MomentType) -> Result<Option<Counting>, Unfit> {
    let facts = &demand.facts;
    if facts.count(StorageClass::Integer) + facts.count(StorageClass::Real) == 0 {
        return Ok(None);
    }
    if matches!(target, MomentType::Time(_) | MomentType::Timetz(_)) {
        return if facts.profile.texts.seen.count > 0 { Ok(None) } else { Err(Unfit::new(demand)) };
    }
    if let Some(unit) = facts.unit {
        return Ok(Some(Counting::Epoch(unit)));
    }
    let found = if matches!(target, MomentType::Interval(_)) { length_unit(demand) } else { moment_unit(demand) };
    found.map(Some).ok_or_else(|| {
        let reason = format!("{}: what the numbers count can't be told from them", facts.summary());
        Unfit::because(reason, "Name it for the column in the policy: unit = \"seconds\", \"milliseconds\" or \"microseconds\".")
    })
}

/// What counts moments: the one unit in which the numbers are of our time; or the digits of dates; or days.
fn moment_unit(demand: &Demand<'_>) -> Option<Counting> {
    let (integers, reals) = (&demand.facts.profile.integers, &demand.facts.profile.reals);
    let plausible = |unit: Epoch| integers.as_epoch(unit).plausible > 0 || reals.max.is_some_and(|most| within(most, unit));
    let mut units = Epoch::ALL.into_iter().filter(|unit| plausible(*unit));
    if let Some(unit) = units.next() {
        return if units.next().is_none() { Some(Counting::Epoch(unit)) } else { None };
    }
    if reals.seen.count > 0 {
        let days = |day: f64| (2_415_020.5..2_524_959.5).contains(&day);
        let all = reals.min.is_some_and(days) && reals.max.is_some_and(days);
        return all.then_some(Counting::JulianDays);
    }
    let all = |least: i64, most: i64| integers.min.is_some_and(|min| min >= least) && integers.max.is_some_and(|max| max <= most);
    if all(19_000_101, 22_001_231) {
        return Some(Counting::CompactDate);
    }
    if all(19_000_101_000_000, 22_001_231_235_959) {
        return Some(Counting::CompactTimestamp);
    }
    all(1_900, 2_200).then_some(Counting::Years)
}

/// Whether a real is a moment of our time in this unit.
fn within(number: f64, unit: Epoch) -> bool {
    let least = match unit {
        Epoch::Seconds => 631_152_000.0,
        Epoch::Milliseconds => 631_152_000_000.0,
        Epoch::Microseconds => 631_152_000_000_000.0,
    };
    (least..least * 6.5).contains(&number)
}

/// What counts durations: microseconds where they would be decades as seconds, and seconds where they have fractions.
fn length_unit(demand: &Demand<'_>) -> Option<Counting> {
    const DECADES: u64 = 1_000_000_000;
    let (integers, reals) = (&demand.facts.profile.integers, &demand.facts.profile.reals);
    if reals.seen.count > 0 {
        return Some(Counting::Epoch(Epoch::Seconds));
    }
    let longest = integers.min.into_iter().chain(integers.max).map(i64::unsigned_abs).max()?;
    (longest >= DECADES || longest == 0).then_some(Counting::Epoch(Epoch::Microseconds))
}

/// The form of a column without any cells.
const fn usual(target: MomentType) -> Written {
    const TIME: TimeForm = TimeForm { seconds: true, fraction: Fraction::None };
    match target {
        MomentType::Date => Written::Date,
        MomentType::Time(_) | MomentType::Timetz(_) => Written::Time(TIME),
        MomentType::Timestamp(_) | MomentType::Timestamptz(_) => {
            Written::Timestamp(TimestampForm { separator: Separator::Space, time: TIME, offset: Offset::Naive })
        }
        MomentType::Interval(_) => Written::Duration(DurationForm::Clock(Fraction::None)),
    }
}

fn unreadable(demand: &Demand<'_>) -> Unfit {
    let reason = format!("{}, none of which can be read as {}", demand.facts.summary(), demand.target.written);
    Unfit::because(reason, "Map the values in the policy, load the column into one of another type, or leave it out.")
}

/// The conversion, and what it goes by.
fn because(demand: &Demand<'_>, moments: Moments, forms: &BTreeMap<Written, u64>) -> Fit {
    let texts = demand.facts.count(StorageClass::Text);
    let read: u64 = forms.values().sum();
    let mut said = vec![demand.facts.summary()];
    if let Some(count) = forms.get(&moments.written).filter(|count| **count < texts) {
        said.push(format!("{} of the form that comes back", counted(*count, "text")));
    }
    if texts > read {
        said.push(format!("{} that can't be read", counted(texts - read, "text")));
    }
    if let Some(counting) = moments.numbers {
        said.push(format!("numbers taken as {}", counted_as(counting)));
    }
    if assumes_zone(moments, forms) {
        said.push(format!("without an offset taken as {}", moments.zone));
    }
    Fit {
        conversion: Conversion::AnyToMoment(moments),
        values: None,
        empty_is_null: demand.empty_is_null,
        because: format!("{} → {}", said.join(", "), demand.target.written),
    }
}

/// Whether the column's zone says what some cell means.
fn assumes_zone(moments: Moments, forms: &BTreeMap<Written, u64>) -> bool {
    let naive = |written: &Written| match written {
        Written::Date | Written::CompactDate | Written::CompactTimestamp(_) | Written::Time(_) => true,
        Written::Timestamp(form) => form.offset == Offset::Naive,
        Written::CompactTime | Written::OffsetTime { .. } | Written::Duration(_) | Written::Number(_) => false,
    };
    match moments.target {
        MomentType::Timestamptz(_) | MomentType::Timetz(_) => forms.keys().any(naive),
        // Its clock is that of the zone, which moments have to be put on.
        MomentType::Timestamp(_) | MomentType::Date => moments.numbers.is_some() || !forms.keys().all(naive),
        MomentType::Time(_) | MomentType::Interval(_) => false,
    }
}

const fn counted_as(counting: Counting) -> &'static str {
    match counting {
        Counting::Epoch(Epoch::Seconds) => "seconds",
        Counting::Epoch(Epoch::Milliseconds) => "milliseconds",
        Counting::Epoch(Epoch::Microseconds) => "microseconds",
        Counting::JulianDays => "Julian days",
        Counting::CompactDate => "the digits of dates",
        Counting::CompactTimestamp => "the digits of dates and times",
        Counting::Years => "years",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Affinity, Column, TargetColumn};
    use crate::mapping::{Facts, Intent};
    use crate::value::{ColumnProfile, RowKey, TextRules, ValueRef, Zone};

    fn fitted(target: (TargetType, &str), cells: &[ValueRef<'_>], zone: &str, unit: Option<Epoch>) -> Result<Fit, Unfit> {
        let mut profile = ColumnProfile::default();
        for cell in cells {
            profile.observe(*cell, &|| RowKey::of(&[ValueRef::Integer(1)]));
        }
        let column = Column {
            name: "at".to_owned(),
            declared: "datetime".to_owned(),
            affinity: Affinity::Numeric,
            not_null: false,
            default: None,
            generated: None,
            collation: "BINARY".to_owned(),
        };
        let facts = Facts {
            column: &column,
            intent: Intent::of_declared("datetime"),
            profile: &profile,
            text_rules: TextRules::default(),
            keyed: false,
            numeric_infinity: true,
            zone: zone.parse::<Zone>().unwrap(),
            unit,
        };
        let target = TargetColumn {
            name: "at".to_owned(),
            pg_type: target.0,
            written: target.1.to_owned(),
            not_null: false,
            has_default: false,
            identity: None,
            sequence: None,
            generated: false,
        };
        fit(&Demand { facts, target: &target, uuid_layout: crate::value::UuidLayout::default(), empty_is_null: false })
    }

    const TZ: (TargetType, &str) = (TargetType::Timestamptz { digits: 6 }, "timestamp with time zone");

    fn moments(fit: Result<Fit, Unfit>) -> Moments {
        let conversion = fit.unwrap().conversion;
        let Conversion::AnyToMoment(moments) = conversion else { panic!("{conversion:?}") };
        moments
    }

    fn texts<'a>(texts: &[&'a str]) -> Vec<ValueRef<'a>> {
        texts.iter().map(|text| ValueRef::Text(text.as_bytes())).collect()
    }

    #[test]
    fn the_form_of_most_cells_comes_back() {
        let naive = TimestampForm {
            separator: Separator::Space,
            time: TimeForm { seconds: true, fraction: Fraction::None },
            offset: Offset::Naive,
        };
        let mut cells = texts(&["2024-01-01 00:00:00", "2024-01-02 00:00:00", "2024-01-02T00:00:00Z", "never"]);
        let one = fitted(TZ, &cells, "Asia/Baku", None);
        let because = "4 texts, 2 texts of the form that comes back, 1 text that can't be read, without an offset taken as Asia/Baku \
                       → timestamp with time zone";
        assert_eq!(one.clone().unwrap().because, because);
        assert_eq!(moments(one).written, Written::Timestamp(naive));
        // Prisma: texts of CURRENT_TIMESTAMP among milliseconds.
        cells.extend([1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_002, 0].map(ValueRef::Integer));
        let mixed = moments(fitted(TZ, &cells, "UTC", None));
        assert_eq!((mixed.written, mixed.numbers), (Written::Number(NumberClass::Integer), Some(Counting::Epoch(Epoch::Milliseconds))));
        let fractions = texts(&["2024-01-01 00:00:00", "2024-01-02 00:00:00.120000", "2024-01-02 00:00:00.000001"]);
        let time = TimeForm { seconds: true, fraction: Fraction::DigitsOrNone { count: 6, trailing_zero: true } };
        assert_eq!(moments(fitted(TZ, &fractions, "UTC", None)).written, Written::Timestamp(TimestampForm { time, ..naive }));
        assert_eq!(moments(fitted(TZ, &[], "UTC", None)).written, Written::Timestamp(naive));
    }

    #[test]
    fn the_whole_column_tells_what_its_numbers_count() {
        use ValueRef::{Integer, Real};
        let of = |unit| Some(Counting::Epoch(unit));
        let interval = (TargetType::Interval, "interval");
        let date = (TargetType::Date, "date");
        for (target, cells, counting) in [
            (TZ, vec![Integer(1_700_000_000), Integer(5)], of(Epoch::Seconds)),
            (TZ, vec![Integer(1_700_000_000_000_000)], of(Epoch::Microseconds)),
            (TZ, vec![Real(1_700_000_000.5), Integer(1_700_000_000)], of(Epoch::Seconds)),
            (TZ, vec![Real(1_700_000_000_123.5)], of(Epoch::Milliseconds)),
            (TZ, vec![Real(2_460_310.5)], Some(Counting::JulianDays)),
            (TZ, vec![Integer(20_240_102_030_405)], Some(Counting::CompactTimestamp)),
            (date.clone(), vec![Integer(20_240_102), Integer(19_991_231)], Some(Counting::CompactDate)),
            (date, vec![Integer(2_024)], Some(Counting::Years)),
            (interval.clone(), vec![Integer(3_600_000_000)], of(Epoch::Microseconds)),
            (interval, vec![Real(1.5)], of(Epoch::Seconds)),
        ] {
            let case = format!("{}: {cells:?}", target.1);
            assert_eq!(moments(fitted(target, &cells, "UTC", None)).numbers, counting, "{case}");
        }
    }

    #[test]
    fn what_can_not_be_told_has_to_be_said() {
        let both = [1_700_000_000, 1_700_000_000_000].map(ValueRef::Integer);
        let unfit = fitted(TZ, &both, "UTC", None).unwrap_err();
        assert!(unfit.advice.contains("unit = \"seconds\""), "{}", unfit.advice);
        assert_eq!(moments(fitted(TZ, &both, "UTC", Some(Epoch::Seconds))).numbers, Some(Counting::Epoch(Epoch::Seconds)));
        let interval = (TargetType::Interval, "interval");
        assert!(fitted(interval.clone(), &[ValueRef::Integer(3_600)], "UTC", None).is_err());
        assert!(fitted((TargetType::Interval, "interval day to second"), &texts(&["P1D"]), "UTC", None).is_err());
        assert!(fitted(TZ, &texts(&["never", ""]), "UTC", None).is_err());
        assert!(fitted((TargetType::Timetz { digits: 6 }, "timetz"), &texts(&["12:00"]), "Europe/Berlin", None).is_err());
        assert!(fitted(TZ, &[ValueRef::Blob(b"x")], "UTC", None).is_err());
        let python = texts(&["12:34:56", "1 day, 0:00:01", "0:00:01"]);
        assert_eq!(moments(fitted(interval, &python, "UTC", None)).written, Written::Duration(DurationForm::Python));
    }
}
