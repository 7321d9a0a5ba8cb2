-- An index, a view and a sequence that somebody may drop in the target.
create table notes(id integer primary key, title text not null, slug text unique);
create index notes_title on notes(title);
create view titles as select title from notes;
insert into notes values (1, 'a', 'x'), (2, 'b', 'y');
