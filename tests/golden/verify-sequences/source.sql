-- More ids were given than there are rows: the next one must be above all that were ever given.
create table notes(id integer primary key autoincrement, title text);
create table plain(id integer primary key, title text);
insert into notes values (1, 'a'), (41, 'b');
delete from notes where id = 41;
insert into plain values (7, 'x');
