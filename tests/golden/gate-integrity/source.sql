-- An index that does not hold what its declaration says, as a torn page leaves behind.
create table notes(id integer primary key, title text, body text);
create index notes_title on notes(title);
insert into notes values (1, 'a', 'x'), (2, 'b', 'y');
pragma writable_schema = on;
update sqlite_schema set sql = 'CREATE INDEX notes_title on notes(body)' where name = 'notes_title';
pragma writable_schema = reset;
