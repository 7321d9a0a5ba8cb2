create table orders(
  id integer primary key,
  status text not null default 'gözləyir' check (status in ('aktiv', 'gözləyir')),
  kind integer default 0,
  grade text default 'x',
  flags,
  unique (status, kind));
create index by_status on orders(status);
create index waiting on orders(id) where status = 'gözləyir';
create view states as select id, status from orders;
create view active as select id from orders where status = 'aktiv';
insert into orders values (1, 'aktiv', 0, 'a', 'on'), (2, 'gözləyir', 1, 'b', 1), (3, 'aktiv', 2, null, x'00'), (4, 'aktiv', 1, 'bravo', null);
