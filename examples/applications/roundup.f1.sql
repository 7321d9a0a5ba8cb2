-- What roundup makes on PostgreSQL besides its tables: a sequence for each counter, and the table `dual`.
DO $$
DECLARE
  counter record;
BEGIN
  FOR counter IN SELECT name, num FROM ids LOOP
    EXECUTE format('CREATE SEQUENCE %I MINVALUE 1', '_' || counter.name || '_ids');
    PERFORM setval(format('%I', '_' || counter.name || '_ids')::regclass, counter.num, false);
  END LOOP;
END
$$;
CREATE TABLE dual (dummy integer);
INSERT INTO dual VALUES (1);
