-- ABORT is what PostgreSQL does.
create table settings(id integer primary key, name text unique on conflict abort, value text not null, upsert text default 'on conflict ignore');
insert into settings values (1, 'a', 'x', 'y');
