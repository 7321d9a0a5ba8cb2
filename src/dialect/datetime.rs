//! The date and time functions.

use crate::value::{Conversion, Fraction, Offset, Separator, TimeForm, TimestampForm};

use super::fault::{Translated, Untranslatable, refuse};
use super::moment::{Moment, NOW, moment};
use super::typed::{Class, Typed};

/// Translates a call, if the function is one of these.
pub(super) fn call(name: &str, args: &[Typed]) -> Option<Translated<Typed>> {
    let build: fn(&Moment) -> Typed = match name {
        "date" => date,
        "time" => time,
        "datetime" => datetime,
        "unixepoch" => unixepoch,
        "julianday" => julianday,
        "timediff" => return Some(timediff(args)),
        "strftime" => return Some(strftime(args).or_else(|why| computed_moment(name, args, why))),
        _ => return None,
    };
    let direct = coarse(args, &format!("{name}()")).map(|moment| build(&moment));
    Some(direct.or_else(|why| computed_moment(name, args, why)))
}

/// The call of the helper of this name, which takes any text or number and nearly every modifier.
fn computed_moment(name: &str, args: &[Typed], why: Untranslatable) -> Translated<Typed> {
    let construct = format!("{name}()");
    let (format, args) = args.split_at(if name == "strftime" { args.len().min(1) } else { 0 });
    if format.iter().chain(args).any(|arg| arg.class == Class::Null) {
        return Ok(Typed::null());
    }
    let mut operands = Vec::new();
    for format in format {
        operands.push(format.text(&construct)?);
    }
    let (value, modifiers) = args.split_at(args.len().min(1));
    let (text, number) = match value.first() {
        Some(value) => time_value(value, why.clone())?,
        None => now_value(),
    };
    let mut texts = Vec::new();
    for modifier in modifiers {
        if modifier.constant_text().is_some_and(|text| !is_computable(text)) {
            return Err(why);
        }
        texts.push(modifier.text(&construct)?);
    }
    operands.extend([text, number, format!("ARRAY[{}]::text[]", texts.join(", "))]);
    let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
    // With this modifier, the seconds have a fraction.
    let subsec = |modifier: &Typed| {
        modifier.constant_text().is_some_and(|text| ["subsec", "subsecond"].iter().any(|word| text.eq_ignore_ascii_case(word)))
    };
    let name = if name == "unixepoch" && modifiers.iter().any(subsec) { "unixepoch_subsec" } else { name };
    let class = match name {
        "unixepoch" => Class::Integer,
        "julianday" | "unixepoch_subsec" => Class::Real,
        _ => Class::Text,
    };
    let worded = matches!(name, "date" | "time" | "datetime");
    Ok(Typed { worded, ..Typed::computed(super::shim::call(name, &operands), class) })
}

/// A time value as the text or the number that it is.
fn time_value(value: &Typed, why: Untranslatable) -> Translated<(String, String)> {
    let word = value.constant_text().unwrap_or_default().to_ascii_lowercase();
    match value.class {
        Class::Text if word == "now" => Ok(now_value()),
        Class::Text if word.starts_with("subsec") => Err(why),
        Class::Text => Ok((value.value(), "NULL::float8".to_owned())),
        Class::Condition | Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric => {
            Ok(("NULL::text".to_owned(), value.real(&why.construct)?))
        }
        Class::Opaque if value.element => Ok((
            format!("(CASE WHEN {0} !~ '^[-0-9tf]' THEN {1} END)", value.sql, value.text("date functions")?),
            format!("(CASE WHEN {0} ~ '^[-0-9tf]' THEN {1} END)", value.sql, value.real("date functions")?),
        )),
        Class::Null | Class::Blob | Class::Opaque => Err(why),
    }
}

/// The present moment as a text.
fn now_value() -> (String, String) {
    (format!("to_char({NOW}, 'YYYY-MM-DD HH24:MI:SS.MS')"), "NULL::float8".to_owned())
}

/// Whether the helpers compute the modifier: what depends on a time zone, they don't.
fn is_computable(modifier: &str) -> bool {
    !["localtime", "utc"].iter().any(|word| modifier.eq_ignore_ascii_case(word))
}

/// `timediff(a, b)`.
fn timediff(args: &[Typed]) -> Translated<Typed> {
    let [one, other] = args else { return refuse("timediff()", "it is called with this number of arguments") };
    if one.class == Class::Null || other.class == Class::Null {
        return Ok(Typed::null());
    }
    let why = Untranslatable::new("timediff()", "an argument is not certainly a number or a text, or depends on the machine's time zone");
    let (one, other) = (time_value(one, why.clone())?, time_value(other, why)?);
    Ok(Typed::computed(super::shim::call("timediff", &[&one.0, &one.1, &other.0, &other.1]), Class::Text))
}

/// `CURRENT_DATE` and its like.
pub(super) fn current(name: &str) -> Translated<Typed> {
    call(name, &[]).unwrap_or_else(|| refuse(name, "it is not a function"))
}

/// A moment without digits that SQLite would round.
fn coarse(args: &[Typed], construct: &str) -> Translated<Moment> {
    let moment = moment(args, construct)?;
    if moment.fine {
        return refuse(construct, "SQLite rounds the time to milliseconds first");
    }
    Ok(moment)
}

const SECONDS: TimeForm = TimeForm { seconds: true, fraction: Fraction::None };

fn of_conversion(sql: String, conversion: Conversion) -> Typed {
    Typed::stored(sql, Some(conversion), conversion.pg_type())
}

fn date(moment: &Moment) -> Typed {
    of_conversion(format!("{}::date", moment.sql), Conversion::TextToDate)
}

fn time(moment: &Moment) -> Typed {
    of_conversion(format!("date_trunc('second', {})::time", moment.sql), Conversion::TextToTime(SECONDS))
}

fn datetime(moment: &Moment) -> Typed {
    timestamp(moment, TimestampForm { separator: Separator::Space, time: SECONDS, offset: Offset::Naive })
}

fn timestamp(moment: &Moment, form: TimestampForm) -> Typed {
    let unit = if form.time.fraction == Fraction::None { "second" } else { "milliseconds" };
    let unit = if form.time.seconds { unit } else { "minute" };
    let sql = format!("date_trunc('{unit}', {})", moment.sql);
    match form.offset {
        Offset::Naive => of_conversion(sql, Conversion::TextToTimestamp(form)),
        Offset::Z | Offset::Utc | Offset::Minutes { .. } | Offset::Hours { .. } => {
            of_conversion(format!("({sql} at time zone 'UTC')"), Conversion::TextToTimestamptz(form))
        }
    }
}

fn epoch(moment: &Moment) -> String {
    format!("extract(epoch from date_trunc('second', {}))::bigint", moment.sql)
}

fn unixepoch(moment: &Moment) -> Typed {
    Typed::computed(epoch(moment), Class::Integer)
}

fn julianday(moment: &Moment) -> Typed {
    // SQLite counts milliseconds from the Julian epoch as an integer and divides them as a double.
    let sql = format!("((floor(extract(epoch from {}) * 1000)::bigint + 210866760000000)::float8 / 86400000)", moment.sql);
    Typed::computed(sql, Class::Real)
}

fn strftime(args: &[Typed]) -> Translated<Typed> {
    let Some((format, rest)) = args.split_first() else { return refuse("strftime()", "it has no format") };
    let Some(format) = format.constant_text() else { return refuse("strftime()", "the format is not a literal") };
    let moment = coarse(rest, "strftime()")?;
    if format == "%Y-%m-%d" {
        return Ok(date(&moment));
    }
    if format == "%H:%M:%S" {
        return Ok(time(&moment));
    }
    if let Some(form) = timestamp_form(format) {
        return Ok(timestamp(&moment, form));
    }
    let number = match format {
        "%s" => epoch(&moment),
        "%w" => format!("extract(dow from {})::bigint", moment.sql),
        _ => {
            let text = format!("to_char({}, {})", moment.sql, super::constant::text_sql(&to_char_format(format)?));
            let digits = matches!(format, "%Y" | "%m" | "%d" | "%H" | "%M" | "%S" | "%j");
            let integer_text = digits.then(|| format!("{text}::bigint"));
            return Ok(Typed { integer_text, ..Typed::computed(text, Class::Text) });
        }
    };
    Ok(Typed { integer_text: Some(number.clone()), ..Typed::computed(format!("{number}::text"), Class::Text) })
}

/// The form of a format that writes a whole date and time.
fn timestamp_form(format: &str) -> Option<TimestampForm> {
    let rest = format.strip_prefix("%Y-%m-%d")?;
    let (separator, rest) = match rest.strip_prefix(' ') {
        Some(rest) => (Separator::Space, rest),
        None => (Separator::T, rest.strip_prefix('T')?),
    };
    let (rest, offset) = match rest.strip_suffix('Z') {
        Some(rest) => (rest, Offset::Z),
        None => match rest.strip_suffix("+00:00") {
            Some(rest) => (rest, Offset::Minutes { east: 0, colon: true, space: false }),
            None => (rest, Offset::Naive),
        },
    };
    let time = match rest {
        "%H:%M" => TimeForm { seconds: false, fraction: Fraction::None },
        "%H:%M:%S" => SECONDS,
        "%H:%M:%f" => TimeForm { seconds: true, fraction: Fraction::Fixed(3) },
        _ => return None,
    };
    Some(TimestampForm { separator, time, offset })
}

/// The same format for `to_char`.
fn to_char_format(format: &str) -> Translated<String> {
    let mut pattern = String::new();
    let mut signs = format.chars();
    while let Some(sign) = signs.next() {
        if sign != '%' {
            match sign {
                '"' | '\\' => return refuse("strftime()", "the format has a quote or a backslash"),
                _ if sign.is_ascii_alphanumeric() => pattern.extend(['"', sign, '"']),
                _ if sign.is_ascii() => pattern.push(sign),
                _ => pattern.extend(['"', sign, '"']),
            }
            continue;
        }
        pattern.push_str(match signs.next() {
            Some('Y') => "YYYY",
            Some('m') => "MM",
            Some('d') => "DD",
            Some('H') => "HH24",
            Some('M') => "MI",
            Some('S') => "SS",
            Some('f') => "SS.MS",
            Some('j') => "DDD",
            Some(other) => return refuse(format!("strftime('%{other}')"), "to_char has no field that is written alike"),
            None => return refuse("strftime()", "the format ends with a percent sign"),
        });
    }
    Ok(pattern)
}
