-- Whole columns of another type than declared, each without an exception: the type is that of the values.
create table people(
    id integer primary key, counted integer, born date, token uuid, seen datetime, payload json, name text, extra json, ratio string);
insert into people values
    (1, 'one', '2.1.1990', 'a', 12, 'x', x'ff', x'00', 1.5), (2, 'two', '3.1.1990', 'b', 13, 'y', x'fe', x'01', 2.5);
