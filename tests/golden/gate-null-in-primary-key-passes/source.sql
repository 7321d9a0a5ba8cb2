-- NULL in a unique column is no key, and an INTEGER PRIMARY KEY never holds one.
create table codes(id integer primary key, code text unique);
create table whole(code text primary key not null) without rowid;
insert into codes values (null, null), (null, null), (null, 'a');
insert into whole values ('a');
