create table notes(id integer primary key, title text, body text);
create index notes_title on notes(title);
insert into notes values (1, 'a', 'x'), (2, 'b', 'y');
