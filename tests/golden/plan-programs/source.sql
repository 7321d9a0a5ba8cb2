create table notes(id integer primary key, title text not null, size integer, made datetime);
create table log(id integer primary key, note_id integer, was text);
create view b_first as select id, title from a_second where id > 0;
create view a_second as select id, title, size from notes;
create view totals(heading, total) as select title, sum(size) from notes group by title;
create trigger notes_log after update of title on notes when old.title <> new.title
begin insert into log(note_id, was) values (new.id, old.title); end;
create trigger notes_kept before delete on notes begin select raise(abort, 'notes are kept'); end;
insert into notes values (1, 'a', 5, '2024-01-01 00:00:00');
