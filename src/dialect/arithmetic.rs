//! Arithmetic: the result class as in SQLite, NULL for a division by zero.
//!
//! Where an integer result exceeds 64 bits, or a real one the range of a double, SQLite goes on with another value
//! and PostgreSQL reports an error: nothing changes silently.

use super::constant::Constant;
use super::fault::{Translated, refuse};
use super::shim::call;
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
        (Class::Real, _) | (_, Class::Real) => (double(left, op)?, double(right, op)?, Class::Real),
        (Class::NumberDouble, Class::NumberDouble) if matches!(op, "+" | "-") => {
            (double(left, op)?, double(right, op)?, Class::NumberDouble)
        }
        (Class::NumberDouble, Class::Integer) if small(right) && matches!(op, "+" | "-") => {
            (double(left, op)?, double(right, op)?, Class::NumberDouble)
        }
        (Class::Integer, Class::NumberDouble) if small(left) && matches!(op, "+" | "-") => {
            (double(left, op)?, double(right, op)?, Class::NumberDouble)
        }
        _ => {
            // Whether these are integers is told cell by cell.
            let helper = match op {
                "+" => "add",
                "-" => "subtract",
                "*" => "multiply",
                _ => "divide",
            };
            let sql = call(helper, &[&left.number(op)?, &right.number(op)?]);
            return Ok(Typed::computed(sql, Class::NumberNumeric));
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
    let (a, b) = (kind(left)?, kind(right)?);
    match op {
        "%" if (a, b) == (Class::Integer, Class::Integer) => {}
        // A real operand makes the remainder of the integers a real.
        "%" if a == Class::Real || b == Class::Real => {
            let sql = format!("({} % nullif({}, 0))::float8", left.whole(op)?, right.whole(op)?);
            return Ok(Typed::computed(sql, Class::Real));
        }
        "%" => {
            let sql = call("remainder", &[&left.number(op)?, &right.number(op)?, &left.whole(op)?, &right.whole(op)?]);
            return Ok(Typed::computed(sql, Class::NumberNumeric));
        }
        "<<" | ">>" if !matches!(right.constant_integer(), Some(0..=63)) => {
            let helper = if op == "<<" { "shift_left" } else { "shift_right" };
            return Ok(Typed::computed(call(helper, &[&left.whole(op)?, &right.whole(op)?]), Class::Integer));
        }
        _ if (a, b) == (Class::Integer, Class::Integer) => {}
        "<<" | ">>" => {
            return Ok(Typed::computed(format!("({} {op} {}::int)", left.whole(op)?, whole(right)), Class::Integer));
        }
        _ => return Ok(Typed::computed(format!("({} {op} {})", left.whole(op)?, right.whole(op)?), Class::Integer)),
    }
    let a = if left.constant.is_some() { left.value() } else { whole(left) };
    let b = match (op, right.constant_integer()) {
        ("%", Some(value)) if value != 0 => whole(right),
        ("%", _) => format!("nullif({}, 0)", whole(right)),
        ("<<" | ">>", _) => format!("{}::int", whole(right)),
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
    if matches!(class, Class::Text | Class::NumberNumeric) {
        return Ok(Typed::computed(call("subtract", &["0::numeric", &value.number("-")?]), Class::NumberNumeric));
    }
    // SQLite subtracts from zero: there is no negative zero.
    Ok(Typed::computed(format!("(0 - {})", whole(value)), class))
}

/// `~ value`.
pub(super) fn complement(value: &Typed) -> Translated<Typed> {
    if value.class == Class::Null {
        return Ok(Typed::null());
    }
    Ok(Typed::computed(format!("(~ {})", value.whole("~")?), Class::Integer))
}

/// The class that an operand computes as.
fn kind(side: &Typed) -> Translated<Class> {
    match side.class {
        Class::Integer | Class::Condition => Ok(Class::Integer),
        Class::Real => Ok(Class::Real),
        Class::NumberDouble => Ok(Class::NumberDouble),
        Class::NumberNumeric => Ok(Class::NumberNumeric),
        // A number is read off the beginning of either.
        Class::Text | Class::Blob => Ok(Class::Text),
        Class::Opaque if side.element => Ok(Class::NumberNumeric),
        Class::Null | Class::Opaque => {
            refuse("arithmetic with a value that is no number", "the class of an operand differs from cell to cell")
        }
    }
}

fn whole(side: &Typed) -> String {
    if side.class == Class::Condition { side.value() } else { side.sql.clone() }
}

fn double(side: &Typed, op: &str) -> Translated<String> {
    match side.class {
        Class::Condition | Class::Integer => Ok(format!("{}::float8", whole(side))),
        Class::Null | Class::Real | Class::NumberDouble | Class::NumberNumeric | Class::Text | Class::Blob | Class::Opaque => side.real(op),
    }
}

/// A literal so small that sums with it stay exact.
fn small(side: &Typed) -> bool {
    side.zero_one || side.constant_integer().is_some_and(|value| value.unsigned_abs() < 1 << 51)
}
