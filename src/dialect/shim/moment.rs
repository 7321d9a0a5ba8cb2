//! The date and time functions over texts and numbers of any form, with modifiers.
//!
//! The state is SQLite's own: a count of milliseconds (`jd`), and beside it the date and the time of day where they
//! were given or asked for. A day such as the 31st of February stays what it is until something is counted from it.

use super::{Helper, procedural};

/// A function that tells NULL arguments apart by itself.
pub(super) const fn lenient(name: &'static str, signature: &'static str, body: &'static str) -> Helper {
    Helper { strict: false, ..procedural(name, signature, body) }
}

pub(super) const HELPERS: &[Helper] = &[
    lenient("julian", "(y int, m int, d int, hour int, minute int, s float8, tz int) RETURNS bigint", JULIAN),
    procedural("surplus", "(y int, m int, d int) RETURNS int", SURPLUS),
    procedural("civil", "(jd bigint, OUT y int, OUT m int, OUT d int)", CIVIL),
    procedural("clock", "(t text, OUT hour int, OUT minute int, OUT s float8, OUT tz int)", CLOCK),
    lenient(
        "moment",
        "(value text, number float8, modifiers text[], OUT jd bigint, OUT y int, OUT m int, OUT d int, OUT hour int, OUT minute int, \
         OUT s float8, OUT subsec boolean)",
        MOMENT,
    ),
    lenient("date", "(value text, number float8, modifiers text[]) RETURNS text", DATE),
    lenient("time", "(value text, number float8, modifiers text[]) RETURNS text", TIME),
    lenient("datetime", "(value text, number float8, modifiers text[]) RETURNS text", DATETIME),
    lenient("unixepoch", "(value text, number float8, modifiers text[]) RETURNS bigint", UNIXEPOCH),
    lenient("unixepoch_subsec", "(value text, number float8, modifiers text[]) RETURNS float8", UNIXEPOCH_SUBSEC),
    lenient("julianday", "(value text, number float8, modifiers text[]) RETURNS float8", JULIANDAY),
    lenient("strftime", "(format text, value text, number float8, modifiers text[]) RETURNS text", STRFTIME),
];

/// Milliseconds since the beginning of the Julian calendar; NULL beyond SQLite's years.
const JULIAN: &str = r"
DECLARE
  a int;
  days int;
BEGIN
  IF y IS NULL THEN
    y := 2000;
    m := 1;
    d := CASE WHEN hour = 24 THEN 2 ELSE 1 END;
    IF hour = 24 THEN hour := 0; END IF;
  END IF;
  IF y < -4713 OR y > 9999 THEN RETURN NULL; END IF;
  IF m <= 2 THEN
    y := y - 1;
    m := m + 12;
  END IF;
  a := (y + 4800) / 100;
  days := 36525 * (y + 4716) / 100 + 306001 * (m + 1) / 10000 + d + 38 - a + a / 4;
  RETURN days * 86400000::bigint - 131716800000
    + coalesce(hour * 3600000 + minute * 60000 + trunc(s * 1000 + 0.5)::bigint - tz * 60000, 0);
END";

/// How many days a day lies behind the end of its month.
const SURPLUS: &str = r"
BEGIN
  RETURN greatest(0, d - CASE WHEN m IN (4, 6, 9, 11) THEN 30 WHEN m <> 2 THEN 31 WHEN y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0) THEN 29 ELSE 28 END);
END";

const CIVIL: &str = r"
DECLARE
  z int := ((jd + 43200000) / 86400000)::int;
  alpha int := trunc((z + 32044.75::float8) / 36524.25::float8)::int - 52;
  b int := z + 1 + alpha - ((alpha + 100) / 4) + 25 + 1524;
  c int := trunc((b - 122.1::float8) / 365.25::float8)::int;
  n int := 36525 * (c & 32767) / 100;
  e int := trunc((b - n) / 30.6001::float8)::int;
BEGIN
  d := b - n - trunc(30.6001::float8 * e)::int;
  m := CASE WHEN e < 14 THEN e - 1 ELSE e - 13 END;
  y := CASE WHEN m > 2 THEN c - 4716 ELSE c - 4715 END;
END";

/// `HH:MM[:SS[.SSS]]` with an offset behind it; all NULL for any other text.
const CLOCK: &str = r"
DECLARE
  part text[] := regexp_match(t, '^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?[\t\n\v\f\r ]*(?:([+-])([0-9]{2}):([0-9]{2})|[zZ])?[\t\n\v\f\r ]*$');
  fraction float8 := 0;
  scale float8 := 1;
BEGIN
  IF part IS NULL OR part[1]::int > 24 OR part[2]::int > 59 OR part[3]::int > 59 OR part[6]::int > 14 OR part[7]::int > 59 THEN RETURN; END IF;
  FOR at IN 1 .. least(length(coalesce(part[4], '')), 300) LOOP
    fraction := fraction * 10 + substr(part[4], at, 1)::int;
    scale := scale * 10;
  END LOOP;
  fraction := least(fraction / scale, 0.999::float8);
  IF part[1] = '24' AND (part[2] <> '00' OR coalesce(part[3], '00') <> '00' OR fraction <> 0) THEN RETURN; END IF;
  hour := part[1]::int;
  minute := part[2]::int;
  s := coalesce(part[3], '0')::int + fraction;
  tz := coalesce((part[5] || '1')::int * (part[6]::int * 60 + part[7]::int), 0);
END";

/// Counts the milliseconds of the date and time that are at hand.
macro_rules! counted {
    () => {
        "IF jd IS NULL THEN
      IF raw IS NOT NULL THEN RETURN; END IF;
      jd := outgrow_sqlite.julian(y, m, d, hour, minute, s, tz);
      IF jd IS NULL THEN RETURN; END IF;
      IF hour = 24 THEN hour := 0; END IF;
      IF tz <> 0 THEN y := NULL; hour := NULL; tz := 0; END IF;
    END IF;
    "
    };
}

/// Makes the date of the milliseconds, unless it is at hand.
macro_rules! dated {
    () => {
        "IF y IS NULL THEN
      IF jd IS NULL THEN
        y := 2000; m := 1; d := 1;
      ELSIF jd < 0 OR jd > 464269060799999 THEN
        jd := NULL; RETURN;
      ELSE
        SELECT c.y, c.m, c.d INTO y, m, d FROM outgrow_sqlite.civil(jd) c;
      END IF;
    END IF;
    "
    };
}

/// Makes date and time of day of the milliseconds, unless they are at hand.
macro_rules! split {
    () => {
        concat!(
            dated!(),
            "IF hour IS NULL THEN
      ",
            counted!(),
            "n := ((jd + 43200000) % 86400000)::int;
      s := (n % 60000) / 1000.0::float8;
      minute := n / 60000 % 60;
      hour := n / 3600000;
      raw := NULL;
    END IF;
    "
        )
    };
}

const MOMENT: &str = concat!(
    r"
DECLARE
  part text[];
  word text;
  at int := 0;
  tz int := 0;
  raw float8 := number;
  r float8;
  n int;
  x int;
  surplus int := 0;
  other record;
  modifier text;
BEGIN
  subsec := false;
  IF number IS NULL THEN
    IF value IS NULL THEN RETURN; END IF;
    part := regexp_match(value, '^(-?)([0-9]{4})-([0-9]{2})-([0-9]{2})[\t\n\v\f\r T]*(.*)$');
    SELECT c.* INTO other FROM outgrow_sqlite.clock(coalesce(part[5], value)) c;
    IF part IS NOT NULL AND part[3]::int BETWEEN 1 AND 12 AND part[4]::int BETWEEN 1 AND 31 AND (part[5] = '' OR other.hour IS NOT NULL) THEN
      y := part[2]::int;
      m := part[3]::int;
      d := part[4]::int;
      hour := other.hour;
      minute := other.minute;
      s := other.s;
      tz := coalesce(other.tz, 0);
      IF hour = 24 THEN
        hour := 0;
        d := d + 1;
        n := CASE WHEN m IN (4, 6, 9, 11) THEN 30 WHEN m <> 2 THEN 31 WHEN y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0) THEN 29 ELSE 28 END;
        IF d > n THEN
          d := d - n;
          m := m + 1;
          IF m > 12 THEN m := 1; y := y + 1; END IF;
        END IF;
      END IF;
      IF part[1] = '-' THEN y := -y; END IF;
      surplus := outgrow_sqlite.surplus(y, m, d);
      IF tz <> 0 THEN
        ",
    counted!(),
    r"
      END IF;
    ELSIF part IS NULL AND other.hour IS NOT NULL THEN
      hour := other.hour;
      minute := other.minute;
      s := other.s;
      tz := other.tz;
    ELSIF lower(value) IN ('now', 'subsec', 'subsecond') THEN
      RAISE EXCEPTION 'a time value that means the present moment stands in a text';
    ELSIF value ~ '^[\t\n\v\f\r ]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[\t\n\v\f\r ]*$' THEN
      raw := outgrow_sqlite.real_of_text(value);
    ELSE
      RETURN;
    END IF;
  END IF;
  IF raw >= 0 AND raw < 5373484.5 THEN
    jd := trunc(raw * 86400000 + 0.5)::bigint;
  END IF;
  FOREACH modifier IN ARRAY modifiers LOOP
    at := at + 1;
    word := translate(modifier, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz');
    IF word IS NULL THEN
      jd := NULL; RETURN;
    ELSIF word IN ('localtime', 'utc') THEN
      RAISE EXCEPTION 'the modifier of a date can not be computed here';
    ELSIF word IN ('subsec', 'subsecond') THEN
      subsec := true;
    ELSIF word = 'auto' THEN
      IF at > 1 THEN jd := NULL; RETURN; END IF;
      IF raw IS NULL OR jd IS NOT NULL THEN
        raw := NULL;
      ELSIF raw >= -210866760000 AND raw <= 253402300799 THEN
        jd := trunc(raw * 1000 + 210866760000000 + 0.5)::bigint;
        raw := NULL;
      END IF;
    ELSIF word = 'julianday' THEN
      IF at > 1 OR jd IS NULL OR raw IS NULL THEN jd := NULL; RETURN; END IF;
      raw := NULL;
    ELSIF word = 'unixepoch' THEN
      IF at > 1 OR raw IS NULL OR abs(raw) > 1e15 THEN jd := NULL; RETURN; END IF;
      r := raw * 1000 + 210866760000000;
      IF r < 0 OR r >= 464269060800000 THEN jd := NULL; RETURN; END IF;
      jd := trunc(r + 0.5)::bigint;
      y := NULL;
      hour := NULL;
      raw := NULL;
    ELSIF word IN ('floor', 'ceiling') THEN
      ",
    counted!(),
    r"
      y := NULL;
      hour := NULL;
      tz := 0;
      IF word = 'floor' THEN jd := jd - surplus * 86400000::bigint; ELSE surplus := 0; END IF;
    ELSIF word IN ('end of day', 'end of month', 'end of year') THEN
      IF jd IS NULL AND y IS NULL AND hour IS NULL THEN RETURN; END IF;
      ",
    dated!(),
    r"
      hour := 23;
      minute := 59;
      s := 59.999;
      tz := 0;
      raw := NULL;
      jd := NULL;
      IF word = 'end of year' THEN
        m := 12;
        d := 31;
      ELSIF word = 'end of month' THEN
        d := 1;
        m := m + 1;
        IF m > 12 THEN m := 1; y := y + 1; END IF;
        surplus := 0;
        ",
    counted!(),
    r"
        jd := jd - 86400000;
        y := NULL;
        hour := NULL;
      END IF;
    ELSIF word IN ('start of day', 'start of month', 'start of year') THEN
      IF jd IS NULL AND y IS NULL AND hour IS NULL THEN RETURN; END IF;
      ",
    dated!(),
    r"
      hour := 0;
      minute := 0;
      s := 0;
      tz := 0;
      raw := NULL;
      jd := NULL;
      IF word <> 'start of day' THEN d := 1; END IF;
      IF word = 'start of year' THEN m := 1; END IF;
    ELSIF word ~ '^weekday ' THEN
      IF substr(word, 9) !~ '^[\t\n\v\f\r ]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?[\t\n\v\f\r ]*$' THEN jd := NULL; RETURN; END IF;
      r := outgrow_sqlite.real_of_text(substr(word, 9));
      IF r < -6 OR r > 6 OR trunc(r) <> r THEN jd := NULL; RETURN; END IF;
      ",
    split!(),
    r"
      tz := 0;
      jd := NULL;
      ",
    counted!(),
    r"
      x := ((jd + 129600000) / 86400000 % 7)::int;
      n := abs(r)::int;
      IF x <> n THEN
        jd := jd + (n - x + CASE WHEN x > n THEN 7 ELSE 0 END) * 86400000::bigint;
        IF word ~ '-' THEN jd := jd - 604800000; END IF;
      END IF;
      y := NULL;
      hour := NULL;
    ELSIF word ~ '^[+-][0-9]{4,5}-' THEN
      part := regexp_match(word, '^([+-])([0-9]{4,5})-([0-9]{2})-([0-9]{2})(?:[\t\n\v\f\r ]([0-9]{2}:[0-9]{2}.*))?$');
      IF part IS NULL OR part[2]::int > 14712 OR part[3]::int > 11 OR part[4]::int > 30 THEN jd := NULL; RETURN; END IF;
      SELECT c.* INTO other FROM outgrow_sqlite.clock(part[5]) c;
      IF part[5] IS NOT NULL AND other.hour IS NULL THEN jd := NULL; RETURN; END IF;
      ",
    split!(),
    r"
      x := CASE part[1] WHEN '-' THEN -1 ELSE 1 END;
      m := m + x * part[3]::int;
      n := CASE WHEN m > 0 THEN (m - 1) / 12 ELSE (m - 12) / 12 END;
      y := y + x * part[2]::int + n;
      m := m - n * 12;
      surplus := outgrow_sqlite.surplus(y, m, d);
      jd := NULL;
      ",
    counted!(),
    r"
      jd := jd + x * part[4]::int * 86400000::bigint;
      y := NULL;
      hour := NULL;
      IF part[5] IS NOT NULL THEN
        jd := jd + x * ((outgrow_sqlite.julian(NULL, NULL, NULL, other.hour, other.minute, other.s, other.tz) - 43200000) % 86400000);
      END IF;
    ELSIF word ~ '^[+-]?[0-9.]+:' THEN
      SELECT c.* INTO other FROM outgrow_sqlite.clock(ltrim(word, '+-')) c;
      IF other.hour IS NULL OR word !~ '^[+-]?[0-9]' THEN jd := NULL; RETURN; END IF;
      ",
    counted!(),
    r"
      y := NULL;
      hour := NULL;
      tz := 0;
      jd := jd + CASE WHEN word ~ '^-' THEN -1 ELSE 1 END
        * ((outgrow_sqlite.julian(NULL, NULL, NULL, other.hour, other.minute, other.s, other.tz) - 43200000) % 86400000);
    ELSE
      part := regexp_match(word, '^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)[\t\n\v\f\r ]+(second|minute|hour|day|month|year)s?$');
      IF part IS NULL OR word ~ '^\.' THEN jd := NULL; RETURN; END IF;
      r := outgrow_sqlite.real_of_text(part[1]);
      ",
    counted!(),
    r"
      IF abs(r) >= (CASE part[2] WHEN 'second' THEN 4.6427e14 WHEN 'minute' THEN 7.7379e12 WHEN 'hour' THEN 1.2897e11 WHEN 'day' THEN 5373485
          WHEN 'month' THEN 176546 ELSE 14713 END) THEN
        jd := NULL; RETURN;
      END IF;
      x := CASE WHEN r < 0 THEN -1 ELSE 1 END;
      surplus := 0;
      IF part[2] IN ('month', 'year') THEN
        ",
    split!(),
    r"
        IF part[2] = 'month' THEN
          m := m + trunc(r)::int;
          n := CASE WHEN m > 0 THEN (m - 1) / 12 ELSE (m - 12) / 12 END;
          y := y + n;
          m := m - n * 12;
        ELSE
          y := y + trunc(r)::int;
        END IF;
        surplus := outgrow_sqlite.surplus(y, m, d);
        jd := NULL;
        r := r - trunc(r);
        ",
    counted!(),
    r"
      END IF;
      jd := jd + trunc(r * 1000 * CASE part[2] WHEN 'second' THEN 1 WHEN 'minute' THEN 60 WHEN 'hour' THEN 3600 WHEN 'day' THEN 86400
        WHEN 'month' THEN 2592000 ELSE 31536000 END + x * 0.5::float8)::bigint;
      y := NULL;
      hour := NULL;
    END IF;
  END LOOP;
  ",
    counted!(),
    r"
  IF jd < 0 OR jd > 464269060799999 THEN jd := NULL; RETURN; END IF;
  IF at = 0 AND d > 28 THEN y := NULL; END IF;
  ",
    split!(),
    "
END"
);

const DATE: &str = r"
DECLARE
  t record;
BEGIN
  SELECT * INTO t FROM outgrow_sqlite.moment(value, number, modifiers);
  IF t.jd IS NULL THEN RETURN NULL; END IF;
  RETURN CASE WHEN t.y < 0 THEN '-' ELSE '' END || lpad(abs(t.y)::text, 4, '0') || '-' || lpad(t.m::text, 2, '0') || '-' || lpad(t.d::text, 2, '0');
END";

const TIME: &str = r"
DECLARE
  t record;
BEGIN
  SELECT * INTO t FROM outgrow_sqlite.moment(value, number, modifiers);
  IF t.jd IS NULL THEN RETURN NULL; END IF;
  RETURN lpad(t.hour::text, 2, '0') || ':' || lpad(t.minute::text, 2, '0') || ':' || lpad(trunc(t.s)::int::text, 2, '0')
    || CASE WHEN t.subsec THEN '.' || right(lpad(trunc(1000 * t.s + 0.5)::int::text, 5, '0'), 3) ELSE '' END;
END";

const DATETIME: &str = r"
DECLARE
  t record;
BEGIN
  SELECT * INTO t FROM outgrow_sqlite.moment(value, number, modifiers);
  IF t.jd IS NULL THEN RETURN NULL; END IF;
  RETURN CASE WHEN t.y < 0 THEN '-' ELSE '' END || lpad(abs(t.y)::text, 4, '0') || '-' || lpad(t.m::text, 2, '0') || '-' || lpad(t.d::text, 2, '0')
    || ' ' || lpad(t.hour::text, 2, '0') || ':' || lpad(t.minute::text, 2, '0') || ':' || lpad(trunc(t.s)::int::text, 2, '0')
    || CASE WHEN t.subsec THEN '.' || right(lpad(trunc(1000 * t.s + 0.5)::int::text, 5, '0'), 3) ELSE '' END;
END";

const UNIXEPOCH: &str = r"
DECLARE
  t record;
BEGIN
  SELECT * INTO t FROM outgrow_sqlite.moment(value, number, modifiers);
  IF t.subsec AND t.jd IS NOT NULL THEN RAISE EXCEPTION 'a modifier that asks for a real number is computed'; END IF;
  RETURN t.jd / 1000 - 210866760000;
END";

const UNIXEPOCH_SUBSEC: &str = r"
BEGIN
  RETURN (SELECT (t.jd - 210866760000000) / 1000.0::float8 FROM outgrow_sqlite.moment(value, number, modifiers) t);
END";

const JULIANDAY: &str = r"
BEGIN
  RETURN (SELECT t.jd::float8 / 86400000 FROM outgrow_sqlite.moment(value, number, modifiers) t);
END";

/// An unknown field makes the whole NULL.
const STRFTIME: &str = r"
DECLARE
  t record;
  thursday record;
  result text := '';
  field text;
  at int := 1;
  monday int;
  sunday int;
  yearday int;
BEGIN
  SELECT * INTO t FROM outgrow_sqlite.moment(value, number, modifiers);
  IF format IS NULL OR t.jd IS NULL THEN RETURN NULL; END IF;
  monday := ((t.jd + 43200000) / 86400000 % 7)::int;
  sunday := ((t.jd + 129600000) / 86400000 % 7)::int;
  yearday := ((t.jd - outgrow_sqlite.julian(t.y, 1, 1, t.hour, t.minute, t.s, 0) + 43200000) / 86400000)::int;
  SELECT c.y, ((t.jd + (3 - monday) * 86400000::bigint - outgrow_sqlite.julian(c.y, 1, 1, t.hour, t.minute, t.s, 0) + 43200000) / 86400000)::int AS days
    INTO thursday FROM outgrow_sqlite.civil(t.jd + (3 - monday) * 86400000::bigint) c;
  WHILE at <= length(format) LOOP
    field := substr(format, at, 1);
    at := at + 1;
    IF field <> '%' THEN
      result := result || field;
      CONTINUE;
    END IF;
    field := substr(format, at, 1);
    at := at + 1;
    result := result || CASE field
      WHEN 'Y' THEN CASE WHEN t.y < 0 THEN '-' || lpad((-t.y)::text, greatest(3, length((-t.y)::text)), '0') ELSE lpad(t.y::text, 4, '0') END
      WHEN 'm' THEN lpad(t.m::text, 2, '0')
      WHEN 'd' THEN lpad(t.d::text, 2, '0')
      WHEN 'e' THEN lpad(t.d::text, 2)
      WHEN 'H' THEN lpad(t.hour::text, 2, '0')
      WHEN 'k' THEN lpad(t.hour::text, 2)
      WHEN 'I' THEN lpad(((t.hour + 11) % 12 + 1)::text, 2, '0')
      WHEN 'l' THEN lpad(((t.hour + 11) % 12 + 1)::text, 2)
      WHEN 'M' THEN lpad(t.minute::text, 2, '0')
      WHEN 'S' THEN lpad(trunc(t.s)::int::text, 2, '0')
      WHEN 'f' THEN lpad(outgrow_sqlite.fixed(least(t.s, 59.999), 3, 16), 6, '0')
      WHEN 'F' THEN CASE WHEN t.y < 0 THEN '-' || lpad((-t.y)::text, greatest(3, length((-t.y)::text)), '0') ELSE lpad(t.y::text, 4, '0') END
        || '-' || lpad(t.m::text, 2, '0') || '-' || lpad(t.d::text, 2, '0')
      WHEN 'T' THEN lpad(t.hour::text, 2, '0') || ':' || lpad(t.minute::text, 2, '0') || ':' || lpad(trunc(t.s)::int::text, 2, '0')
      WHEN 'R' THEN lpad(t.hour::text, 2, '0') || ':' || lpad(t.minute::text, 2, '0')
      WHEN 'p' THEN CASE WHEN t.hour >= 12 THEN 'PM' ELSE 'AM' END
      WHEN 'P' THEN CASE WHEN t.hour >= 12 THEN 'pm' ELSE 'am' END
      WHEN 's' THEN CASE WHEN t.subsec THEN outgrow_sqlite.fixed((t.jd - 210866760000000) / 1000.0::float8, 3, 16)
        ELSE (t.jd / 1000 - 210866760000)::text END
      WHEN 'J' THEN outgrow_sqlite.format_real(t.jd / 86400000.0::float8, '', 0, 16, 'g')
      WHEN 'j' THEN lpad((yearday + 1)::text, 3, '0')
      WHEN 'u' THEN CASE WHEN sunday = 0 THEN 7 ELSE sunday END::text
      WHEN 'w' THEN sunday::text
      WHEN 'U' THEN lpad(((yearday - sunday + 7) / 7)::text, 2, '0')
      WHEN 'W' THEN lpad(((yearday - monday + 7) / 7)::text, 2, '0')
      WHEN 'V' THEN lpad((thursday.days / 7 + 1)::text, 2, '0')
      WHEN 'G' THEN CASE WHEN thursday.y < 0 THEN '-' || lpad((-thursday.y)::text, greatest(3, length((-thursday.y)::text)), '0')
        ELSE lpad(thursday.y::text, 4, '0') END
      WHEN 'g' THEN CASE WHEN thursday.y % 100 < 0 THEN (thursday.y % 100)::text ELSE lpad((thursday.y % 100)::text, 2, '0') END
      WHEN '%' THEN '%'
    END;
  END LOOP;
  RETURN result;
END";
