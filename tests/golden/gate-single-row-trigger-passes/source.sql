-- What is read by the key of the row, and what is written in the row itself, is equal for every statement.
create table wholes(id integer primary key, parts integer);
create table parts(id integer primary key, whole_id integer, changed text);
create table names(name text primary key not null, uses integer not null default 1);
create trigger counted after insert on parts
begin update wholes set parts = (select count(*) from parts where parts.whole_id = new.whole_id) where id = new.whole_id; end;
create trigger changed after update on parts begin update parts set changed = 'yes' where id = new.id; end;
create trigger named after delete on parts when old.changed is not null
begin insert into names(name) values (coalesce(old.changed, '')) on conflict(name) do update set uses = uses + 1; end;
insert into wholes values (1, 2);
insert into parts values (1, 1, null), (2, 1, 'yes');
