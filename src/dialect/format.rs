//! `printf` and `format` with a literal format.

use super::constant::text_sql;
use super::fault::{Translated, refuse};
use super::shim::call;
use super::typed::Typed;
use super::walk::Place;

/// A field such as `%-05.2f`.
#[derive(Debug, Default)]
struct Field {
    left: bool,
    zeros: bool,
    width: usize,
    places: Option<usize>,
    letter: char,
}

type Signs<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Translates a call: each field becomes a text, and they are put together.
pub(super) fn format(args: &[Typed], _: Place) -> Translated<Typed> {
    let Some((format, mut values)) = args.split_first() else { return refuse("printf()", "it has no format") };
    let Some(format) = format.constant_text() else { return refuse("printf()", "the format is not a literal") };
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut signs = format.chars().peekable();
    while let Some(sign) = signs.next() {
        if sign != '%' {
            plain.push(sign);
            continue;
        }
        let field = field(&mut signs)?;
        if field.letter == '%' {
            plain.push('%');
            continue;
        }
        let Some((value, rest)) = values.split_first() else {
            return refuse("printf()", "it has fewer values than fields");
        };
        values = rest;
        if !plain.is_empty() {
            parts.push(format!("{}::text", text_sql(&std::mem::take(&mut plain))));
        }
        parts.push(written(&field, value)?);
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(format!("{}::text", text_sql(&plain)));
    }
    Ok(Typed { never_null: true, ..Typed::computed(format!("({})", parts.join(" || ")), super::typed::Class::Text) })
}

fn field(signs: &mut Signs<'_>) -> Translated<Field> {
    let mut field = Field::default();
    loop {
        if signs.next_if_eq(&'-').is_some() {
            field.left = true;
        } else if signs.next_if_eq(&'0').is_some() {
            field.zeros = true;
        } else {
            break;
        }
    }
    let number = |signs: &mut Signs<'_>| {
        let digits: String = std::iter::from_fn(|| signs.next_if(char::is_ascii_digit)).collect();
        if digits.is_empty() { Some(0) } else { digits.parse::<usize>().ok() }
    };
    let width = number(signs);
    let places = if signs.next_if_eq(&'.').is_some() { Some(number(signs)) } else { None };
    match (signs.next(), width, places.unwrap_or(Some(0))) {
        (Some(letter), Some(width @ 0..=1000), Some(0..=30)) if "%dixXfsqQw".contains(letter) => {
            Ok(Field { letter, width, places: places.flatten(), ..field })
        }
        _ => refuse("printf()", "the format has a field other than %d, %i, %x, %X, %f, %s, %q, %Q, %w and %%"),
    }
}

fn written(field: &Field, value: &Typed) -> Translated<String> {
    let construct = format!("printf('%{}')", field.letter);
    // NULL is the number 0.
    let number = |sql: String| if value.never_null { sql } else { format!("coalesce({sql}, 0)") };
    if field.places.is_some() && field.letter != 'f' || field.zeros && field.left {
        return refuse(construct, "the field has a precision, or both zeros and a minus sign");
    }
    let text = match field.letter {
        'd' | 'i' => format!("{}::text", number(value.whole(&construct)?)),
        'x' => format!("to_hex({})", number(value.whole(&construct)?)),
        'X' => format!("upper(to_hex({}))", number(value.whole(&construct)?)),
        'f' => call("fixed", &[&number(value.real(&construct)?), &field.places.unwrap_or(6).to_string(), "16"]),
        's' => format!("coalesce({}, '')", value.text(&construct)?),
        'q' => format!("coalesce(replace({}, '''', ''''''), '(NULL)')", value.text(&construct)?),
        'w' => format!("coalesce(replace({}, '\"', '\"\"'), '(NULL)')", value.text(&construct)?),
        _ => format!("coalesce({}, 'NULL')", call("quote", &[&value.text(&construct)?])),
    };
    let numeric = matches!(field.letter, 'd' | 'i' | 'x' | 'X' | 'f');
    match (field.width, field.zeros) {
        (0, _) => Ok(text),
        (_, true) if !numeric => refuse(construct, "a text is filled with zeros"),
        (width, true) => Ok(call("zeros", &[&text, &width.to_string()])),
        (width, false) => Ok(call(if field.left { "filled_right" } else { "filled_left" }, &[&text, &width.to_string()])),
    }
}
