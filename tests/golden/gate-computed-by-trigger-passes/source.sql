create table orders(id integer primary key, amount integer, made datetime, twice integer as (amount * 2) stored, size integer as (amount + 1),
    year text as (strftime('%Y', made)) stored, day text generated always as (date(made)) virtual);
insert into orders(id, amount, made) values (1, 5, '2024-02-29 23:59:58'), (2, 6, null);
create unique index by_day on orders(day);
create index by_month on orders(strftime('%m', made)) where strftime('%d', made) > '10';
