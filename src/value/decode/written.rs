//! PostgreSQL's dates, times, moments and durations in the form of a column whose cells had several.
//!
//! Goes by jiff's calendar; the settler and the encoder have one of their own.

use jiff::civil::{DateTime, date};
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Timestamp};

use super::super::{
    Counting, DurationForm, Epoch, Fraction, MomentType, Moments, NumberClass, Offset, Separator, TimeForm, ValueFault, ValueRef, Written,
};
use super::moment::print_digits;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// Microseconds from 1970-01-01 to 2000-01-01.
const TO_2000: i64 = 946_684_800 * SECOND;

/// Reads a field of the target's type.
pub(super) fn read<'a>(moments: Moments, field: &[u8], out: &'a mut Vec<u8>) -> Result<ValueRef<'a>, ValueFault> {
    let pg_type = moments.target.pg_type();
    let value = of_field(moments.target, field).ok_or(ValueFault::Malformed { pg_type, bytes: field.len() })?;
    match print(moments, value, out).ok_or(ValueFault::Unrepresentable { pg_type })? {
        Printed::Text => Ok(ValueRef::Text(out)),
        Printed::Number(number) => Ok(number),
    }
}

/// What a value was printed as.
enum Printed {
    /// The text that was appended.
    Text,
    Number(ValueRef<'static>),
}

enum Field {
    /// Microseconds since 2000-01-01, or since midnight.
    Micros(i64),
    /// Microseconds since midnight, and seconds west of UTC.
    Timetz(i64, i32),
    /// Microseconds, days and months.
    Interval(i64, i32, i32),
}

fn of_field(target: MomentType, field: &[u8]) -> Option<Field> {
    let four = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).ok().map(i32::from_be_bytes);
    let eight = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).ok().map(i64::from_be_bytes);
    match target {
        MomentType::Date => Some(Field::Micros(i64::from(four(field)?).checked_mul(DAY)?)),
        MomentType::Time(_) | MomentType::Timestamp(_) | MomentType::Timestamptz(_) => Some(Field::Micros(eight(field)?)),
        MomentType::Timetz(_) => {
            let (micros, west) = field.split_at_checked(8)?;
            Some(Field::Timetz(eight(micros)?, four(west)?))
        }
        MomentType::Interval(_) => {
            let (micros, rest) = field.split_at_checked(8)?;
            let (days, months) = rest.split_at_checked(4)?;
            Some(Field::Interval(eight(micros)?, four(days)?, four(months)?))
        }
    }
}

/// Nothing where the source's column has no form for the value.
fn print(moments: Moments, field: Field, out: &mut Vec<u8>) -> Option<Printed> {
    match field {
        Field::Micros(micros) if matches!(moments.target, MomentType::Time(_)) => print_time_of_day(moments.written, micros, out)?,
        Field::Micros(micros) => return print_moment(moments, micros, out),
        Field::Timetz(micros, west) => print_timetz(moments, micros, west, out)?,
        Field::Interval(micros, days, months) => return print_interval(moments, micros, days, months, out),
    }
    Some(Printed::Text)
}

fn print_time_of_day(written: Written, micros: i64, out: &mut Vec<u8>) -> Option<()> {
    if !(0..DAY).contains(&micros) {
        return None;
    }
    match written {
        Written::Time(form) => print_time(form, micros, out),
        Written::CompactTime => print_compact(Fraction::None, micros, out),
        Written::Timestamp(_) => print_civil(written, datetime(micros)?, None, out)?,
        Written::Date
        | Written::CompactDate
        | Written::OffsetTime { .. }
        | Written::CompactTimestamp(_)
        | Written::Duration(_)
        | Written::Number(_) => return None,
    }
    Some(())
}

fn print_timetz(moments: Moments, micros: i64, west: i32, out: &mut Vec<u8>) -> Option<()> {
    if !(0..DAY).contains(&micros) || west % 60 != 0 {
        return None;
    }
    let east = -west / 60;
    match moments.written {
        Written::OffsetTime { time, offset } => {
            print_time(time, micros, out);
            print_offset(offset, east, out);
        }
        Written::Time(form) => {
            print_time(form, micros, out);
            if moments.zone.minutes_east().map(i32::from) != Some(east) {
                print_offset(Offset::Naive, east, out);
            }
        }
        Written::Date
        | Written::CompactDate
        | Written::CompactTime
        | Written::Timestamp(_)
        | Written::CompactTimestamp(_)
        | Written::Duration(_)
        | Written::Number(_) => return None,
    }
    Some(())
}

fn print_moment(moments: Moments, micros: i64, out: &mut Vec<u8>) -> Option<Printed> {
    let utc = matches!(moments.target, MomentType::Timestamptz(_));
    // What the clock of the column's zone shows.
    let local = || if utc { shown(moments, micros) } else { datetime(micros) };
    let instant = || if utc { Some(micros) } else { meant(moments, datetime(micros)?) };
    match moments.written {
        Written::Number(class) => match moments.numbers? {
            counting @ (Counting::Epoch(_) | Counting::JulianDays) => number(counting, class, instant()?).map(Printed::Number),
            counting @ (Counting::CompactDate | Counting::CompactTimestamp | Counting::Years) => {
                of_digits(counting, class, local()?).map(Printed::Number)
            }
        },
        Written::Timestamp(form) if form.offset != Offset::Naive => {
            let east = minutes(form.offset);
            let there = datetime(instant()?.checked_add(i64::from(east) * 60 * SECOND)?)?;
            print_civil(moments.written, there, Some((form.offset, east)), out).map(|()| Printed::Text)
        }
        Written::Date | Written::CompactDate | Written::Timestamp(_) | Written::CompactTimestamp(_) => {
            let local = local()?;
            let told = if utc && is_shown_twice(moments, local) { Some(offset_at(moments, micros)?) } else { None };
            print_civil(moments.written, local, told.map(|east| (Offset::Naive, east)), out).map(|()| Printed::Text)
        }
        Written::Time(_) | Written::CompactTime | Written::OffsetTime { .. } | Written::Duration(_) => None,
    }
}

fn datetime(micros: i64) -> Option<DateTime> {
    date(2000, 1, 1).at(0, 0, 0, 0).checked_add(SignedDuration::from_micros(micros)).ok()
}

/// Microseconds since 2000-01-01.
fn micros_of(at: DateTime) -> i64 {
    let since = at.duration_since(date(2000, 1, 1).at(0, 0, 0, 0));
    since.as_secs() * SECOND + i64::from(since.subsec_micros())
}

/// A moment that is counted from 2000.
fn timestamp(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros.checked_add(TO_2000)?).ok()
}

/// What the clock of the column's zone shows at a moment.
fn shown(moments: Moments, micros: i64) -> Option<DateTime> {
    match moments.zone.rules() {
        None => datetime(micros.checked_add(i64::from(moments.zone.minutes_east()?) * 60 * SECOND)?),
        Some(rules) => Some(rules.to_datetime(timestamp(micros)?)),
    }
}

/// The moment at which the clock of the column's zone shows this, for the first time if it does so twice.
fn meant(moments: Moments, local: DateTime) -> Option<i64> {
    let seconds_east = match moments.zone.rules() {
        None => i64::from(moments.zone.minutes_east()?) * 60,
        Some(rules) => match rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => offset.seconds().into(),
            AmbiguousOffset::Gap { .. } => return None,
        },
    };
    micros_of(local).checked_sub(seconds_east * SECOND)
}

/// Whether the clock of the column's zone showed this twice, so that an offset has to tell the two apart.
fn is_shown_twice(moments: Moments, local: DateTime) -> bool {
    let offset = moments.zone.rules().map(|rules| rules.to_ambiguous_timestamp(local).offset());
    matches!(offset, Some(AmbiguousOffset::Fold { .. }))
}

/// Minutes east of UTC at a moment.
fn offset_at(moments: Moments, micros: i64) -> Option<i32> {
    let seconds = moments.zone.rules()?.to_offset(timestamp(micros)?).seconds();
    (seconds % 60 == 0).then_some(seconds / 60)
}

fn print_civil(written: Written, at: DateTime, offset: Option<(Offset, i32)>, out: &mut Vec<u8>) -> Option<()> {
    if at.year() < 1 {
        return None;
    }
    let plain = TimeForm { seconds: true, fraction: Fraction::None };
    let since = at.duration_since(at.date().at(0, 0, 0, 0));
    let micros = since.as_secs() * SECOND + i64::from(since.subsec_micros());
    let day = if matches!(written, Written::CompactDate | Written::CompactTimestamp(_)) { "%Y%m%d" } else { "%Y-%m-%d" };
    out.extend_from_slice(at.strftime(day).to_string().as_bytes());
    let bare = micros == 0 && offset.is_none();
    match written {
        Written::Date | Written::CompactDate if bare => {}
        Written::Date => {
            out.push(b' ');
            print_time(plain, micros, out);
        }
        Written::CompactDate if offset.is_none() => print_compact(Fraction::None, micros, out),
        Written::CompactTimestamp(fraction) if offset.is_none() => print_compact(fraction, micros, out),
        Written::Timestamp(form) => {
            out.push(if form.separator == Separator::T { b'T' } else { b' ' });
            print_time(form.time, micros, out);
        }
        Written::CompactDate
        | Written::CompactTimestamp(_)
        | Written::Time(_)
        | Written::CompactTime
        | Written::OffsetTime { .. }
        | Written::Duration(_)
        | Written::Number(_) => return None,
    }
    if let Some((style, east)) = offset {
        print_offset(style, east, out);
    }
    Some(())
}

fn print_time(form: TimeForm, micros: i64, out: &mut Vec<u8>) {
    print_digits(micros / HOUR, 2, out);
    out.push(b':');
    print_digits(micros / SECOND / 60 % 60, 2, out);
    let rest = micros % (60 * SECOND);
    if form.seconds || rest != 0 {
        out.push(b':');
        print_digits(rest / SECOND, 2, out);
        print_fraction(form.fraction, rest % SECOND, out);
    }
}

fn print_compact(fraction: Fraction, micros: i64, out: &mut Vec<u8>) {
    for (unit, most) in [(HOUR, 24), (60 * SECOND, 60), (SECOND, 60)] {
        print_digits(micros / unit % most, 2, out);
    }
    print_fraction(fraction, micros % SECOND, out);
}

/// The form's digits, and more of them where the value has more.
fn print_fraction(form: Fraction, micros: i64, out: &mut Vec<u8>) {
    let wanted = match form {
        Fraction::Fixed(count) | Fraction::Digits { count, .. } => count,
        Fraction::DigitsOrNone { count, .. } if micros != 0 => count,
        Fraction::None | Fraction::DigitsOrNone { .. } | Fraction::Trimmed => 0,
    };
    let (mut rest, mut unit) = (micros, SECOND / 10);
    let mut count = 0;
    while unit > 0 && (count < wanted || rest > 0) {
        if count == 0 {
            out.push(b'.');
        }
        print_digits(rest / unit, 1, out);
        rest %= unit;
        unit /= 10;
        count += 1;
    }
}

/// An offset of these minutes in the style, or in the plain one where the style has no room for it.
fn print_offset(style: Offset, east: i32, out: &mut Vec<u8>) {
    let (colon, space, minutes) = match style {
        Offset::Z if east == 0 => return out.push(b'Z'),
        Offset::Utc if east == 0 => return out.extend_from_slice(b" UTC"),
        Offset::Naive | Offset::Z | Offset::Utc => (true, false, true),
        Offset::Minutes { colon, space, .. } => (colon, space, true),
        Offset::Hours { space, .. } => (true, space, east % 60 != 0),
    };
    if space {
        out.push(b' ');
    }
    out.push(if east < 0 { b'-' } else { b'+' });
    print_digits(i64::from(east.abs() / 60), 2, out);
    if minutes {
        if colon {
            out.push(b':');
        }
        print_digits(i64::from(east.abs() % 60), 2, out);
    }
}

fn minutes(offset: Offset) -> i32 {
    match offset {
        Offset::Naive | Offset::Z | Offset::Utc => 0,
        Offset::Minutes { east, .. } => east.into(),
        Offset::Hours { east, .. } => i32::from(east) * 60,
    }
}

fn number(counting: Counting, class: NumberClass, since_2000: i64) -> Option<ValueRef<'static>> {
    match counting {
        Counting::Epoch(unit) => quotient(i128::from(since_2000) + i128::from(TO_2000), micros_in(unit), class),
        // In milliseconds, as SQLite itself counts them; 2000 began 2,451,544.5 days after the first one.
        Counting::JulianDays if since_2000 % 1_000 == 0 => {
            quotient(i128::from(since_2000 / 1_000) + 4_903_089 * 43_200_000, 86_400_000, class)
        }
        Counting::JulianDays | Counting::CompactDate | Counting::CompactTimestamp | Counting::Years => None,
    }
}

const fn micros_in(unit: Epoch) -> i64 {
    match unit {
        Epoch::Seconds => 1_000_000,
        Epoch::Milliseconds => 1_000,
        Epoch::Microseconds => 1,
    }
}

fn quotient(dividend: i128, divisor: i64, class: NumberClass) -> Option<ValueRef<'static>> {
    let whole = dividend % i128::from(divisor) == 0;
    if whole && class != NumberClass::Real {
        return i64::try_from(dividend / i128::from(divisor)).ok().map(ValueRef::Integer);
    }
    if class == NumberClass::Integer || dividend.unsigned_abs() >= 1 << 53 {
        return None;
    }
    // Both are read exactly, so that one division rounds.
    let real = |number: i128| number.to_string().parse::<f64>().ok();
    Some(ValueRef::Real(real(dividend)? / real(divisor.into())?))
}

fn of_digits(counting: Counting, class: NumberClass, at: DateTime) -> Option<ValueRef<'static>> {
    let (form, rest) = match counting {
        Counting::CompactDate => ("%Y%m%d", at.time() != jiff::civil::Time::midnight()),
        Counting::CompactTimestamp => ("%Y%m%d%H%M%S", at.subsec_nanosecond() != 0),
        Counting::Years => ("%Y", at != at.date().first_of_year().at(0, 0, 0, 0)),
        Counting::Epoch(_) | Counting::JulianDays => return None,
    };
    let least = if counting == Counting::Years { 1 } else { 1_000 };
    let fits = !rest && at.year() >= least && class != NumberClass::Real;
    fits.then(|| at.strftime(form).to_string().parse().ok().map(ValueRef::Integer)).flatten()
}

fn print_interval(moments: Moments, micros: i64, days: i32, months: i32, out: &mut Vec<u8>) -> Option<Printed> {
    let length = || i64::from(days).checked_mul(DAY)?.checked_add(micros).filter(|_| months == 0);
    match moments.written {
        Written::Duration(DurationForm::Iso) => print_iso(micros, days, months, out)?,
        Written::Duration(DurationForm::Clock(fraction)) => {
            let length = length()?;
            if length < 0 {
                out.push(b'-');
            }
            let length = length.checked_abs()?;
            let hours = length / HOUR;
            print_digits(hours, hours.checked_ilog10().map_or(1, |log| log + 1).max(2), out);
            print_rest(fraction, length % HOUR, out);
        }
        Written::Duration(form @ (DurationForm::Python | DurationForm::Django)) => {
            let (days, rest) = (length()?.div_euclid(DAY), length()?.rem_euclid(DAY));
            let python = form == DurationForm::Python;
            let unit = match (python, days) {
                (true, 1 | -1) => " day, ",
                (true, _) => " days, ",
                (false, _) => " ",
            };
            if days != 0 {
                out.extend_from_slice(days.to_string().as_bytes());
                out.extend_from_slice(unit.as_bytes());
            }
            let hours = rest / HOUR;
            print_digits(hours, if python && hours < 10 { 1 } else { 2 }, out);
            print_rest(Fraction::DigitsOrNone { count: 6, trailing_zero: true }, rest % HOUR, out);
        }
        Written::Number(class) => {
            let unit = match moments.numbers? {
                Counting::Epoch(unit) => micros_in(unit),
                Counting::JulianDays => DAY,
                Counting::CompactDate | Counting::CompactTimestamp | Counting::Years => return None,
            };
            return quotient(length()?.into(), unit, class).map(Printed::Number);
        }
        Written::Date | Written::CompactDate | Written::Timestamp(_) | Written::CompactTimestamp(_) => {
            print_civil(moments.written, datetime(length()?.checked_sub(TO_2000)?)?, None, out)?;
        }
        Written::Time(_) | Written::CompactTime | Written::OffsetTime { .. } => return None,
    }
    Some(Printed::Text)
}

fn print_rest(fraction: Fraction, micros: i64, out: &mut Vec<u8>) {
    out.push(b':');
    print_digits(micros / (60 * SECOND), 2, out);
    out.push(b':');
    print_digits(micros / SECOND % 60, 2, out);
    print_fraction(fraction, micros % SECOND, out);
}

/// Nothing where the parts have both signs.
fn print_iso(micros: i64, days: i32, months: i32, out: &mut Vec<u8>) -> Option<()> {
    let signs = [micros.signum(), days.signum().into(), months.signum().into()];
    let (least, most) = (signs.iter().min()?, signs.iter().max()?);
    if *least < 0 {
        if *most > 0 {
            return None;
        }
        out.push(b'-');
    }
    let (micros, days, months) = (micros.checked_abs()?, i64::from(days).abs(), i64::from(months).abs());
    let date = [(months / 12, "Y"), (months % 12, "M"), (days, "D")];
    let time = [(micros / HOUR, "H"), (micros / SECOND / 60 % 60, "M")];
    let named = |parts: &[(i64, &str)]| -> String {
        let some = parts.iter().filter(|(number, _)| *number != 0);
        some.fold(String::new(), |text, (number, unit)| text + &number.to_string() + unit)
    };
    out.push(b'P');
    out.extend_from_slice(named(&date).as_bytes());
    let seconds = micros % (60 * SECOND);
    if micros == 0 && date.iter().any(|(number, _)| *number != 0) {
        return Some(());
    }
    out.push(b'T');
    out.extend_from_slice(named(&time).as_bytes());
    if seconds != 0 || micros == 0 {
        out.extend_from_slice((seconds / SECOND).to_string().as_bytes());
        print_fraction(Fraction::Trimmed, seconds % SECOND, out);
        out.push(b'S');
    }
    Some(())
}
