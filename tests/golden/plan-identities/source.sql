-- What names a row: an alias of the rowid, a key, the hidden rowid, or its place.
create table alias(id integer primary key, a text);
create table keyed(code text primary key, a text) without rowid;
create table real_key(weight real primary key, a text);
create table hidden(a text);
create table shadowed(rowid text, _rowid_ text, oid text);
create table nulls(code text primary key, a text);
insert into alias values (1, 'a');
insert into keyed values ('x', 'a');
insert into real_key values (1.5, 'a');
insert into hidden values ('a'), ('a');
insert into shadowed values ('a', 'b', 'c');
insert into nulls values (null, 'a'), ('x', 'b');
