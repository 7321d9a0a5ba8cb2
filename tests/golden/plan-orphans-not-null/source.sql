-- The rule asks for NULL where there can be none, and a key that leads to no table can't be followed at all.
create table parents(id integer primary key);
create table children(id integer primary key, parent_id integer not null references parents(id), other_id integer references gone(id));
insert into children values (1, 9, 8);
