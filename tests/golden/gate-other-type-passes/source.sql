-- What is meant; a wider type of the same kind; and a column that declares nothing, or nothing that is known.
create table people(id integer primary key, counted integer, born date, seen datetime, payload json, name varchar(3), anything, shape polygon);
insert into people values (1, 1, '1990-01-02', 1700000000, '{}', 'long name', 1.5, 'round'), (2, 2, '1990-01-03', 1700000001, '[]', 'b', 2.5, 'flat');
