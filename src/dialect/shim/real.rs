//! Real numbers and the texts that SQLite makes of them and reads as them.

use super::{Helper, expression, procedural};

pub(super) const HELPERS: &[Helper] = &[
    procedural("decimals", "(x float8, rounding int, most int, OUT digits text, OUT point int)", DECIMALS),
    procedural("real_text", "(x float8) RETURNS text", REAL_TEXT),
    procedural("fixed", "(x float8, places int, most int) RETURNS text", FIXED),
    procedural("real_of_text", "(t text) RETURNS float8", REAL_OF_TEXT),
    expression("rounded", "(x float8) RETURNS float8", ROUNDED),
    procedural("rounded_to", "(x float8, places bigint) RETURNS float8", ROUNDED_TO),
];

/// The significant digits of a number other than zero, and the place of the point before them, rounded in decimal:
/// to so many digits, or, if negative or zero, to so many places.
///
/// SQLite takes 18 digits (one more where the number leads its power of two) and rounds these. With 17 digits it
/// tries fewer, if they mean the same number.
const DECIMALS: &str = r"
DECLARE
  bits bigint := ('x' || encode(float8send(abs(x)), 'hex'))::bit(64)::bigint;
  mantissa bigint := bits & 4503599627370495;
  exponent int := (bits >> 52)::int;
  factor numeric := 1;
  base numeric;
  n int;
  wanted int := CASE WHEN rounding BETWEEN 1 AND 16 THEN rounding + 1 ELSE 18 END;
  power int;
  size int;
  cut int;
  kept int;
  head text;
BEGIN
  IF exponent = 0 THEN
    exponent := -1074;
  ELSE
    mantissa := mantissa + 4503599627370496;
    exponent := exponent - 1075;
  END IF;
  n := abs(exponent);
  base := CASE WHEN exponent < 0 THEN 5 ELSE 2 END;
  WHILE n > 0 LOOP
    IF n % 2 = 1 THEN factor := factor * base; END IF;
    base := base * base;
    n := n / 2;
  END LOOP;
  digits := (mantissa * factor)::text;
  point := length(digits) + least(exponent, 0);
  power := wanted - 1 - (((exponent + length(ltrim(mantissa::bit(64)::text, '0')) - 1)::bigint * 78913) >> 18)::int;
  size := point + power;
  IF length(digits) < size THEN
    digits := rpad(digits, size, '0');
  ELSIF wanted = 18 AND substr(digits, size + 1, 1) >= '5' THEN
    digits := (left(digits, size)::numeric + 1)::text;
  ELSE
    digits := left(digits, size);
  END IF;
  size := length(digits);
  point := size - power;
  cut := rounding;
  IF cut <= 0 THEN
    cut := point - cut;
    IF cut = 0 AND digits >= '5' THEN
      cut := 1;
      digits := '0' || digits;
      size := size + 1;
      point := point + 1;
    END IF;
  END IF;
  IF cut > 0 AND (cut < size OR size > most) THEN
    cut := least(cut, most);
    IF cut = 17 THEN
      IF substr(digits, 15, 2) = '99' THEN
        kept := length(rtrim(left(digits, 14), '9'));
        head := CASE WHEN kept = 0 THEN '1' ELSE (left(digits, kept)::bigint + 1)::text END;
      ELSIF point >= size OR substr(digits, 14, 3) = '000' THEN
        kept := length(rtrim(left(digits, 13), '0'));
        head := left(digits, kept);
      END IF;
      IF head IS NOT NULL AND (head || 'e' || (point - kept))::float8 = abs(x) THEN
        cut := kept + 1;
      END IF;
    END IF;
    IF substr(digits, cut + 1, 1) >= '5' THEN
      head := (left(digits, cut)::numeric + 1)::text;
      head := repeat('0', cut - length(head)) || head;
      point := point + length(head) - cut;
      digits := head;
    ELSE
      digits := left(digits, cut);
    END IF;
  END IF;
  digits := rtrim(digits, '0');
END";

/// `%!.17g`, which is how SQLite makes a text of a real number.
const REAL_TEXT: &str = r"
DECLARE
  sign text := CASE WHEN x < 0 THEN '-' ELSE '' END;
  digits text;
  point int;
BEGIN
  IF x = 0 THEN RETURN '0.0'; END IF;
  IF abs(x) = 'Infinity' THEN RETURN sign || 'Inf'; END IF;
  SELECT d.digits, d.point INTO digits, point FROM outgrow_sqlite.decimals(x, 17, 20) d;
  IF point < -3 OR point > 17 THEN
    RETURN sign || left(digits, 1) || '.' || coalesce(nullif(substr(digits, 2), ''), '0') || 'e'
      || CASE WHEN point < 1 THEN '-' ELSE '+' END || lpad(abs(point - 1)::text, greatest(2, length(abs(point - 1)::text)), '0');
  END IF;
  IF point <= 0 THEN RETURN sign || '0.' || repeat('0', -point) || digits; END IF;
  IF point >= length(digits) THEN RETURN sign || rpad(digits, point, '0') || '.0'; END IF;
  RETURN sign || left(digits, point) || '.' || substr(digits, point + 1);
END";

/// `%.*f`.
const FIXED: &str = r"
DECLARE
  sign text := CASE WHEN x < 0 THEN '-' ELSE '' END;
  digits text := '0';
  point int := 1;
  whole text;
  part text;
BEGIN
  IF abs(x) = 'Infinity' THEN RETURN sign || 'Inf'; END IF;
  IF x <> 0 THEN
    SELECT d.digits, d.point INTO digits, point FROM outgrow_sqlite.decimals(x, -places, most) d;
  END IF;
  IF point > 0 THEN
    whole := rpad(left(digits, point), point, '0');
    part := substr(digits, point + 1);
  ELSE
    whole := '0';
    part := repeat('0', -point) || digits;
  END IF;
  IF places = 0 THEN RETURN sign || whole; END IF;
  RETURN sign || whole || '.' || rpad(part, places, '0');
END";

/// The number at the beginning of a text, 0 if there is none. SQLite reads about 19 digits of it.
const REAL_OF_TEXT: &str = r"
DECLARE
  part text[] := regexp_match(t, '^[\t\n\v\f\r ]*([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?)([0-9]+))?');
  minus boolean := part[1] = '-';
  digits text := ltrim(part[2] || coalesce(part[3], ''), '0');
  exponent int := -length(coalesce(part[3], ''));
  shift text := ltrim(coalesce(part[5], ''), '0');
  taken int;
  value numeric;
  x float8;
BEGIN
  IF digits = '' THEN
    RETURN CASE WHEN minus AND part[2] || coalesce(part[3], '') <> '' THEN '-0'::float8 ELSE 0 END;
  END IF;
  taken := length(digits);
  IF taken > 19 THEN
    taken := CASE WHEN left(digits, 19)::numeric < 1844674407370955160 THEN 20 ELSE 19 END;
    exponent := exponent + length(digits) - taken;
    digits := left(digits, taken);
  END IF;
  IF shift <> '' THEN
    exponent := exponent + (part[4] || CASE WHEN length(shift) > 4 THEN '10000' ELSE shift END)::int;
  END IF;
  IF length(digits) + exponent > 310 THEN
    x := 'Infinity';
  ELSIF length(digits) + exponent < -325 THEN
    x := 0;
  ELSE
    value := (digits || 'e' || exponent)::numeric;
    x := CASE WHEN value >= 1.797693134862315807937e308 THEN 'Infinity'::float8
              WHEN value <= 2.4703282292062327208e-324 THEN 0::float8
              ELSE value::text::float8 END;
  END IF;
  RETURN CASE WHEN minus THEN -x ELSE x END;
END";

/// `round(x)`: half away from zero.
const ROUNDED: &str = r"
SELECT CASE WHEN abs(x) > 4503599627370496 THEN x ELSE trunc(x + CASE WHEN x < 0 THEN -0.5 ELSE 0.5 END::float8) + 0::float8 END";

/// `round(x, n)`: the decimal digits are rounded.
const ROUNDED_TO: &str = r"
BEGIN
  IF abs(x) > 4503599627370496 THEN RETURN x; END IF;
  IF places <= 0 THEN RETURN trunc(x + CASE WHEN x < 0 THEN -0.5 ELSE 0.5 END::float8) + 0::float8; END IF;
  RETURN outgrow_sqlite.real_of_text(outgrow_sqlite.fixed(x, least(places, 30)::int, 20));
END";
