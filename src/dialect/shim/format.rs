//! The fields of `printf`: flags, width and places as SQLite takes them.

use super::{Helper, procedural};

pub(super) const HELPERS: &[Helper] = &[
    procedural("format_padded", "(t text, size int, flags text, width bigint) RETURNS text", PADDED),
    procedural("format_text", "(t text, flags text, width bigint, places bigint) RETURNS text", TEXT),
    procedural("format_integer", "(v bigint, flags text, width bigint, places bigint, letter text) RETURNS text", INTEGER),
    procedural("format_real", "(x float8, flags text, width bigint, places bigint, letter text) RETURNS text", REAL),
];

/// Blanks before or, with a minus sign or a negative width, behind the text.
const PADDED: &str = r"
BEGIN
  RETURN CASE WHEN abs(width) <= size THEN t
    WHEN width < 0 OR strpos(flags, '-') > 0 THEN t || repeat(' ', (abs(width) - size)::int)
    ELSE repeat(' ', (abs(width) - size)::int) || t END;
END";

/// Sizes are counted in bytes, with an exclamation mark in characters.
const TEXT: &str = r"
DECLARE
  signs boolean := strpos(flags, '!') > 0;
BEGIN
  IF places <> -1 THEN
    t := CASE WHEN signs THEN left(t, abs(places)::int) ELSE convert_from(substr(convert_to(t, 'UTF8'), 1, abs(places)::int), 'UTF8') END;
  END IF;
  RETURN outgrow_sqlite.format_padded(t, CASE WHEN signs THEN length(t) ELSE octet_length(t) END, flags, width);
END";

const INTEGER: &str = r"
DECLARE
  signed boolean := letter IN ('d', 'i', 'r');
  prefix text := CASE WHEN NOT signed THEN '' WHEN v < 0 THEN '-' ELSE coalesce(right(regexp_replace(flags, '[^+ ]', '', 'g'), 1), '') END;
  digits text := CASE letter WHEN 'x' THEN to_hex(v) WHEN 'X' THEN upper(to_hex(v)) WHEN 'u' THEN (v + CASE WHEN v < 0 THEN 18446744073709551616 ELSE 0 END)::text
    WHEN 'o' THEN coalesce(nullif(ltrim((SELECT string_agg(substr('00' || v::bit(64)::text, 3 * k + 1, 3)::bit(3)::int::text, '' ORDER BY k)
      FROM generate_series(0, 21) AS k), '0'), ''), '0')
    WHEN 'r' THEN abs(v::numeric)::text || CASE WHEN div(abs(v::numeric), 10) % 10 = 1 THEN 'th'
      ELSE CASE abs(v::numeric) % 10 WHEN 1 THEN 'st' WHEN 2 THEN 'nd' WHEN 3 THEN 'rd' ELSE 'th' END END
    ELSE abs(v::numeric)::text END;
  least_digits bigint := CASE WHEN places = -1 THEN -1 ELSE abs(places) END;
BEGIN
  IF strpos(flags, '0') > 0 THEN least_digits := greatest(least_digits, abs(width) - length(prefix)); END IF;
  digits := repeat('0', (least_digits - length(digits))::int) || digits;
  IF strpos(flags, ',') > 0 AND letter IN ('d', 'i', 'u') THEN
    digits := reverse(rtrim(regexp_replace(reverse(digits), '(...)', '\1,', 'g'), ','));
  END IF;
  digits := prefix || digits;
  IF strpos(flags, '#') > 0 AND v <> 0 AND letter = 'o' THEN digits := '0' || digits; END IF;
  IF strpos(flags, '#') > 0 AND v <> 0 AND letter IN ('x', 'X') THEN digits := '0' || letter || digits; END IF;
  RETURN outgrow_sqlite.format_padded(digits, length(digits), flags, width);
END";

const REAL: &str = r"
DECLARE
  precise int := CASE WHEN places = -1 THEN 6 ELSE abs(places) END::int;
  exact boolean := strpos(flags, '!') > 0;
  alternative boolean := strpos(flags, '#') > 0;
  zeros boolean := strpos(flags, '0') > 0;
  exponential boolean := letter IN ('e', 'E');
  short boolean := exact;
  pointed boolean;
  plus text := coalesce(right(regexp_replace(flags, '[^+ ]', '', 'g'), 1), '');
  prefix text;
  digits text := '0';
  point int := 1;
  rounding int;
  place int;
  used int := 0;
  result text;
BEGIN
  IF letter IN ('g', 'G') AND precise = 0 THEN precise := 1; END IF;
  rounding := CASE WHEN letter = 'f' THEN -precise WHEN exponential THEN precise + 1 ELSE precise END;
  IF abs(x) = 'Infinity' THEN
    IF NOT zeros THEN
      result := CASE WHEN x < 0 THEN '-' ELSE plus END || 'Inf';
      RETURN outgrow_sqlite.format_padded(result, length(result), flags, width);
    END IF;
    digits := '9';
    point := 1000;
  ELSIF x <> 0 THEN
    SELECT d.digits, d.point INTO digits, point FROM outgrow_sqlite.decimals(x, rounding, CASE WHEN exact THEN 20 ELSE 16 END) d;
  END IF;
  prefix := CASE WHEN x >= 0 THEN plus WHEN alternative AND plus = '' AND letter = 'f' AND point <= rounding THEN '' ELSE '-' END;
  IF letter IN ('g', 'G') THEN
    precise := precise - 1;
    short := NOT alternative;
    exponential := point - 1 < -4 OR point - 1 > precise;
    IF NOT exponential THEN precise := precise - (point - 1); END IF;
  END IF;
  place := CASE WHEN exponential THEN 0 ELSE point - 1 END;
  pointed := precise > 0 OR alternative OR exact;
  IF place < 0 THEN
    result := '0';
  ELSE
    used := place + 1;
    result := rpad(left(digits, used), used, '0');
    IF strpos(flags, ',') > 0 THEN result := reverse(rtrim(regexp_replace(reverse(result), '(...)', '\1,', 'g'), ',')); END IF;
  END IF;
  IF pointed THEN result := result || '.'; END IF;
  IF place < -1 AND precise > 0 THEN
    result := result || repeat('0', least(-1 - place, precise));
    precise := precise - least(-1 - place, precise);
  END IF;
  IF precise > 0 THEN
    result := result || left(substr(digits, used + 1), precise);
    IF NOT short THEN result := result || repeat('0', precise - length(substr(digits, used + 1))); END IF;
  END IF;
  IF short AND pointed THEN
    result := rtrim(result, '0');
    IF right(result, 1) = '.' THEN result := CASE WHEN exact THEN result || '0' ELSE left(result, -1) END; END IF;
  END IF;
  IF exponential THEN
    result := result || CASE WHEN letter IN ('e', 'g') THEN 'e' ELSE 'E' END || CASE WHEN point < 1 THEN '-' ELSE '+' END
      || lpad(abs(point - 1)::text, greatest(2, length(abs(point - 1)::text)), '0');
  END IF;
  IF zeros AND width > 0 AND strpos(flags, '-') = 0 THEN
    result := repeat('0', (width - length(prefix) - length(result))::int) || result;
  END IF;
  result := prefix || result;
  RETURN outgrow_sqlite.format_padded(result, length(result), flags, width);
END";
