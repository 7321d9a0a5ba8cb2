-- The same column, computed by a function of SQLite's own.
create table readings(id integer primary key, celsius real, shown text generated always as (abs(celsius)) virtual);
insert into readings(celsius) values (21.5);
