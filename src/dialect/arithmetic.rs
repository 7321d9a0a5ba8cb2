//! Arithmetic: the result class as in SQLite, NULL for a division by zero.
//!
//! Where an integer result exceeds 64 bits, or a real one the range of a double, SQLite goes on with another value
//! and PostgreSQL reports an error: nothing changes silently.

use super::constant::Constant;
use super::fault::{Translated, refuse};
use super::typed::{Class, Typed};

/// `left op right` for `+ - * /`.
pub(super) fn arithmetic(left: &Typed, op: &str, right: &Typed) -> Translated<Typed> {
    if left.class == Class::Null || right.class == Class::Null {
        return Ok(Typed::null());
    }
    let divisor = |sql: String, side: &Typed| match side.constant_integer() {
        Some(value) if value != 0 => sql,
        Some(_) | None => format!("nullif({sql}, 0)"),
    };
    let (a, b, class) = match (kind(left)?, kind(right)?) {
        (Class::Integer, Class::Integer) => {
            // Two literals would be computed in 32 bits.
            let a = if left.constant.is_some() { left.value() } else { whole(left) };
            (a, whole(right), Class::Integer)
        }
        (Class::Real, _) | (_, Class::Real) => (double(left), double(right), Class::Real),
        (Class::NumberDouble, Class::NumberDouble) if matches!(op, "+" | "-") => (double(left), double(right), Class::NumberDouble),
        (Class::NumberDouble, Class::Integer) if small(right) && matches!(op, "+" | "-") => {
            (double(left), double(right), Class::NumberDouble)
        }
        (Class::Integer, Class::NumberDouble) if small(left) && matches!(op, "+" | "-") => {
            (double(left), double(right), Class::NumberDouble)
        }
        _ => {
            return refuse(
                format!("{op} on a column of integers and real numbers"),
                "whether SQLite computes with integers or with real numbers depends on the cell",
            );
        }
    };
    let b = if op == "/" { divisor(b, right) } else { b };
    let never_null = op != "/" && left.never_null && right.never_null;
    Ok(Typed { never_null, ..Typed::computed(format!("({a} {op} {b})"), class) })
}

/// `left op right` for the operators on integers: `% & | << >>`.
pub(super) fn on_integers(left: &Typed, op: &str, right: &Typed) -> Translated<Typed> {
    if left.class == Class::Null || right.class == Class::Null {
        return Ok(Typed::null());
    }
    let (Class::Integer, Class::Integer) = (kind(left)?, kind(right)?) else {
        return refuse(op, "an operand is not an integer, and SQLite makes it one");
    };
    let a = if left.constant.is_some() { left.value() } else { whole(left) };
    let b = match (op, right.constant_integer()) {
        ("%", Some(value)) if value != 0 => whole(right),
        ("%", _) => format!("nullif({}, 0)", whole(right)),
        ("<<" | ">>", Some(0..=63)) => format!("{}::int", whole(right)),
        ("<<" | ">>", _) => return refuse(op, "PostgreSQL takes the distance modulo 64, and refuses to shift the other way"),
        _ => whole(right),
    };
    Ok(Typed::computed(format!("({a} {op} {b})"), Class::Integer))
}

/// `- value`.
pub(super) fn negation(value: &Typed) -> Translated<Typed> {
    match &value.constant {
        Some(Constant::Integer(number)) => {
            return number.checked_neg().map_or_else(
                || refuse("-", "the number has more than 64 bits"),
                |negated| Ok(Typed::constant(Constant::Integer(negated))),
            );
        }
        Some(Constant::Real(number)) => {
            // The digits of the smallest integer are a real number without their sign.
            let lowest = (*number - 9_223_372_036_854_775_808.0).abs() < 1.0;
            return Ok(Typed::constant(if lowest { Constant::Integer(i64::MIN) } else { Constant::Real(-number) }));
        }
        Some(Constant::Text(_) | Constant::Blob(_)) | None => {}
    }
    if value.class == Class::Null {
        return Ok(Typed::null());
    }
    let class = kind(value)?;
    // SQLite subtracts from zero: there is no negative zero.
    Ok(Typed::computed(format!("(0 - {})", whole(value)), class))
}

/// `~ value`.
pub(super) fn complement(value: &Typed) -> Translated<Typed> {
    match value.integer() {
        Some(_) => Ok(Typed::computed(format!("(~ {})", value.value()), Class::Integer)),
        None if value.class == Class::Null => Ok(Typed::null()),
        None => refuse("~", "the operand is not an integer, and SQLite makes it one"),
    }
}

/// The class that an operand computes as.
fn kind(side: &Typed) -> Translated<Class> {
    match side.class {
        Class::Integer | Class::Condition => Ok(Class::Integer),
        Class::Real => Ok(Class::Real),
        Class::NumberDouble => Ok(Class::NumberDouble),
        Class::NumberNumeric => Ok(Class::NumberNumeric),
        Class::Text | Class::Blob | Class::Null | Class::Opaque => {
            refuse("arithmetic with a value that is no number", "SQLite reads a number off its beginning")
        }
    }
}

fn whole(side: &Typed) -> String {
    if side.class == Class::Condition { side.value() } else { side.sql.clone() }
}

fn double(side: &Typed) -> String {
    match side.class {
        Class::Real | Class::NumberDouble => side.sql.clone(),
        Class::Null | Class::Condition | Class::Integer | Class::NumberNumeric | Class::Text | Class::Blob | Class::Opaque => {
            format!("{}::float8", whole(side))
        }
    }
}

/// A literal so small that sums with it stay exact.
fn small(side: &Typed) -> bool {
    side.zero_one || side.constant_integer().is_some_and(|value| value.unsigned_abs() < 1 << 51)
}
