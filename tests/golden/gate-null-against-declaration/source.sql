-- A column that was declared NOT NULL afterwards, by an edit of the schema.
create table notes(id integer primary key, title text, body text not null);
insert into notes values (1, 'a', 'x'), (2, null, 'y'), (3, null, 'z');
pragma writable_schema = on;
update sqlite_schema set sql = 'CREATE TABLE notes(id integer primary key, title text not null, body text not null)' where name = 'notes';
pragma writable_schema = reset;
