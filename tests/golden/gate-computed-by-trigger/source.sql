-- The year of a timestamp as text, which PostgreSQL does not call immutable.
create table orders(id integer primary key, made datetime, year text as (strftime('%Y', made)) stored, day text generated always as (date(made)) virtual);
insert into orders(id, made) values (1, '2024-02-29 23:59:58'), (2, null);
create unique index by_day on orders(day);
