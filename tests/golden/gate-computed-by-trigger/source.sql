-- With integers so large a result may go beyond 64 bits, and a generated column would keep the row from being loaded.
create table stars(id integer primary key, distance integer, doubled integer as (distance * 2) stored, tripled integer as (distance * 3) virtual);
insert into stars(id, distance) values (1, 3000000000), (2, null);
create unique index by_doubled on stars(doubled);
