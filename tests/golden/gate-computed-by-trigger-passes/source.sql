create table orders(id integer primary key, amount integer, twice integer as (amount * 2) stored, size integer as (amount + 1));
insert into orders(id, amount) values (1, 5);
