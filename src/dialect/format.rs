//! `printf` and `format` with a literal format.

use super::constant::text_sql;
use super::fault::{Translated, refuse};
use super::shim::call;
use super::typed::Typed;
use super::walk::Place;

/// A field such as `%-05.2f`.
#[derive(Debug, Default)]
struct Field {
    /// The flags, each once.
    flags: String,
    width: Extent,
    places: Option<Extent>,
    letter: char,
}

/// A width or a number of places: written in the format, or a value's (`*`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Extent {
    #[default]
    None,
    Written(u32),
    Given,
}

impl Field {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    /// Whether a real number is written with no more digits than are the same however it is computed.
    fn shows_certain_digits(&self) -> bool {
        matches!(
            (self.letter.to_ascii_lowercase(), self.places),
            ('e' | 'g', None) | ('e', Some(Extent::Written(0..=14))) | ('g', Some(Extent::Written(0..=15)))
        )
    }

    /// Whether it is a plain field, but for a width with zeros or the minus sign, or places.
    fn is_simple(&self) -> bool {
        let width = match self.width {
            Extent::None => true,
            Extent::Written(width) => width <= 1000 && !(self.has('0') && self.has('-')),
            Extent::Given => false,
        };
        let places = match self.places {
            None => true,
            Some(Extent::Written(places)) => self.letter == 'f' && places <= 30,
            Some(Extent::None | Extent::Given) => false,
        };
        width && places && !self.has('+') && !self.has(' ') && !self.has('#') && !self.has('!') && !self.has(',')
    }
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
        // A percent sign at the end stands for itself.
        if signs.peek().is_none() || signs.next_if_eq(&'%').is_some() {
            plain.push('%');
            continue;
        }
        let field = field(&mut signs)?;
        // Where there are fewer values than fields, the others are NULL.
        let mut next = || {
            let (value, rest) = values.split_first().map_or((Typed::null(), values), |(value, rest)| (value.clone(), rest));
            values = rest;
            value
        };
        let width = extent(field.width, &mut next)?;
        let places = field.places.map_or(Ok("-1".to_owned()), |places| extent(places, &mut next))?;
        let value = next();
        if !plain.is_empty() {
            parts.push(format!("{}::text", text_sql(&std::mem::take(&mut plain))));
        }
        parts.push(written(&field, &value, [&width, &places])?);
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(format!("{}::text", text_sql(&plain)));
    }
    Ok(Typed { never_null: true, ..Typed::computed(format!("({})", parts.join(" || ")), super::typed::Class::Text) })
}

/// A width or a number of places in SQL.
fn extent(extent: Extent, next: &mut impl FnMut() -> Typed) -> Translated<String> {
    match extent {
        Extent::None => Ok("0".to_owned()),
        Extent::Written(number) => Ok(number.to_string()),
        Extent::Given => Ok(format!("coalesce({}, 0)", next().whole("printf('%*')")?)),
    }
}

fn field(signs: &mut Signs<'_>) -> Translated<Field> {
    let mut field = Field::default();
    while let Some(flag) = signs.next_if(|sign| "-+ #!0,".contains(*sign)) {
        if !field.has(flag) {
            field.flags.push(flag);
        }
    }
    field.width = number(signs)?;
    if signs.next_if_eq(&'.').is_some() {
        field.places = Some(match number(signs)? {
            Extent::None => Extent::Written(0),
            places @ (Extent::Written(_) | Extent::Given) => places,
        });
    }
    // All integers are long.
    if signs.next_if_eq(&'l').is_some() {
        signs.next_if_eq(&'l');
    }
    match signs.next() {
        Some(letter) if "diuorxXeEfgGszqQw".contains(letter) => Ok(Field { letter, ..field }),
        _ => refuse("printf()", "the format has a field other than %d, %i, %u, %o, %r, %x, %X, %e, %E, %f, %g, %G, %s, %q, %Q, %w and %%"),
    }
}

fn number(signs: &mut Signs<'_>) -> Translated<Extent> {
    if signs.next_if_eq(&'*').is_some() {
        return Ok(Extent::Given);
    }
    let digits: String = std::iter::from_fn(|| signs.next_if(char::is_ascii_digit)).collect();
    match digits.parse() {
        Ok(number @ 0..=100_000) => Ok(Extent::Written(number)),
        Err(_) if digits.is_empty() => Ok(Extent::None),
        Ok(_) | Err(_) => refuse("printf()", "a width or a number of places is beyond 100000"),
    }
}

fn written(field: &Field, value: &Typed, [width, places]: [&str; 2]) -> Translated<String> {
    let construct = format!("printf('%{}')", field.letter);
    // NULL is the number 0.
    let number = |sql: String| if value.never_null { sql } else { format!("coalesce({sql}, 0)") };
    let numeric = "diuorxXeEfgG".contains(field.letter);
    if !numeric {
        let text = match field.letter {
            's' | 'z' => format!("coalesce({}, '')", value.text(&construct)?),
            'q' => format!("coalesce(replace({}, '''', ''''''), '(NULL)')", value.text(&construct)?),
            'w' => format!("coalesce(replace({}, '\"', '\"\"'), '(NULL)')", value.text(&construct)?),
            _ => format!("coalesce({}, 'NULL')", call("quote", &[&value.text(&construct)?])),
        };
        if field.width == Extent::None && field.places.is_none() {
            return Ok(text);
        }
        if !"sz".contains(field.letter) && (field.places.is_some() || field.has('#')) {
            return refuse(construct, "only a part of the text is quoted");
        }
        return Ok(call("format_text", &[&text, &text_sql(&field.flags), width, places]));
    }
    if field.is_simple() && "dixXf".contains(field.letter) {
        let text = match field.letter {
            'd' | 'i' => format!("{}::text", number(value.whole(&construct)?)),
            'x' => format!("to_hex({})", number(value.whole(&construct)?)),
            'X' => format!("upper(to_hex({}))", number(value.whole(&construct)?)),
            _ => call("fixed", &[&number(value.real(&construct)?), if field.places.is_none() { "6" } else { places }, "16"]),
        };
        return Ok(match (field.width, field.has('0')) {
            (Extent::None, _) => text,
            (_, true) => call("zeros", &[&text, width]),
            (_, false) => call(if field.has('-') { "filled_right" } else { "filled_left" }, &[&text, width]),
        });
    }
    let flags = text_sql(&field.flags);
    let letter = text_sql(&field.letter.to_string());
    if field.has('!') && !"diuorxX".contains(field.letter) && !field.shows_certain_digits() {
        return refuse(construct, "'!' shows more digits than mean a number, and SQLite's are its own: give it at most 15 places");
    }
    Ok(if "diuorxX".contains(field.letter) {
        call("format_integer", &[&number(value.whole(&construct)?), &flags, width, places, &letter])
    } else {
        call("format_real", &[&number(value.real(&construct)?), &flags, width, places, &letter])
    })
}
