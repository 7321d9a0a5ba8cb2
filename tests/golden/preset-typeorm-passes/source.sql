-- A table of that name which is about birds.
create table migrations(id integer primary key, name text, begins date);
insert into migrations values (1, 'stork', '2024-03-01');
