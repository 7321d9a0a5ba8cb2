-- The numeric of PostgreSQL 13 holds no infinity: a column that has one becomes double precision where that holds its integers too.
create table readings(id integer primary key, mixed numeric, finite numeric, real_only real);
insert into readings values (1, 1, 1, 0.5), (2, 9e999, 2.5, -9e999);
