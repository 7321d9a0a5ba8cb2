-- The unit is decided for the whole column; zero speaks for none; where no unit fits all cells, integers stay integers.
create table visits(
    id integer primary key, in_seconds timestamp, in_milliseconds datetime not null, in_microseconds date, with_zero datetime,
    two_units datetime, too_old datetime, only_zero datetime, declared_integer integer);
insert into visits values
    (1, 1700000000, 1700000000123, 1700000000123456, 0, 1700000000, 12, 0, 1700000000),
    (2, 1700000001, 1700000001123, 1700000001123456, 1700000001, 1700000001000, 1700000000, 0, 1700000001);
