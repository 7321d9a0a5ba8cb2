create table notes(id integer primary key, note text);
create index by_note on notes(note);
insert into notes values (1, 'a'), (2, 'b');
