-- Integers beside reals: double precision where each comes back in its own class, numeric where not.
create table readings(id integer primary key, mixed integer, beyond integer, untyped, only_integers integer);
insert into readings values (1, 1, 9007199254740993, 1, 1), (2, 2.5, 0.5, 2.0, 2);
