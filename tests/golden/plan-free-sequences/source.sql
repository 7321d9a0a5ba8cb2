-- Counters of the source become sequences; another one begins where the policy says.
create table counters(name text primary key, value integer);
create table invoices(id integer primary key);
insert into counters values ('orders', 42), ('credits', -3), ('nothing', null);
