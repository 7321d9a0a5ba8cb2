-- What fits the declaration, whatever SQLite calls it: an integral real is an integer, and NULL is no type.
create table surveys(id integer primary key, opened_at datetime, capacity integer, title text, ratio real);
insert into surveys values (1, 1700000000000, 20.0, 'a', 1), (2, null, '30', '5', 2.5);
