//! The distance of two moments.

use super::Helper;
use super::moment::lenient;

pub(super) const HELPERS: &[Helper] =
    &[lenient("timediff", "(value text, number float8, value2 text, number2 float8) RETURNS text", TIMEDIFF)];

/// What must be added to the second moment to come to the first: whole years and months, and the rest.
const TIMEDIFF: &str = r"
DECLARE
  a record;
  b record;
  at bigint;
  years int;
  months int;
  rest record;
  step int;
BEGIN
  SELECT * INTO a FROM outgrow_sqlite.moment(value, number, ARRAY[]::text[]);
  SELECT * INTO b FROM outgrow_sqlite.moment(value2, number2, ARRAY[]::text[]);
  IF a.jd IS NULL OR b.jd IS NULL THEN RETURN NULL; END IF;
  at := b.jd;
  step := CASE WHEN a.jd >= b.jd THEN 1 ELSE -1 END;
  years := step * (a.y - b.y);
  IF years <> 0 THEN
    b.y := a.y;
    at := outgrow_sqlite.julian(b.y, b.m, b.d, b.hour, b.minute, b.s, 0);
  END IF;
  months := step * (a.m - b.m);
  IF months < 0 THEN
    years := years - 1;
    months := months + 12;
  END IF;
  IF months <> 0 THEN
    b.m := a.m;
    at := outgrow_sqlite.julian(b.y, b.m, b.d, b.hour, b.minute, b.s, 0);
  END IF;
  WHILE step * (a.jd - at) < 0 LOOP
    months := months - 1;
    IF months < 0 THEN
      months := 11;
      years := years - 1;
    END IF;
    b.m := b.m - step;
    IF b.m < 1 THEN
      b.m := 12;
      b.y := b.y - 1;
    ELSIF b.m > 12 THEN
      b.m := 1;
      b.y := b.y + 1;
    END IF;
    at := outgrow_sqlite.julian(b.y, b.m, b.d, b.hour, b.minute, b.s, 0);
  END LOOP;
  at := step * (a.jd - at) + 148699540800000;
  SELECT c.d - 1 AS days, ((at + 43200000) % 86400000)::int AS ms INTO rest FROM outgrow_sqlite.civil(at) c;
  RETURN CASE step WHEN 1 THEN '+' ELSE '-' END || lpad(years::text, greatest(4, length(years::text)), '0') || '-' || lpad(months::text, 2, '0') || '-' || lpad(rest.days::text, 2, '0')
    || ' ' || lpad((rest.ms / 3600000)::text, 2, '0') || ':' || lpad((rest.ms / 60000 % 60)::text, 2, '0')
    || ':' || lpad(outgrow_sqlite.fixed((rest.ms % 60000) / 1000.0::float8, 3, 16), 6, '0');
END";
