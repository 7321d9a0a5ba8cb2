-- An index without texts, with the triggers that keep it in step; one over a view; a table that only SQLite can compute.
create table notes(id integer primary key, body text);
create virtual table notes_search using fts5(body, content='');
create trigger notes_ai after insert on notes begin insert into notes_search(rowid, body) values (new.id, new.body); end;
insert into notes values (1, 'a');
create view shouted as select id, upper(body) as body from notes;
create virtual table shouted_search using fts4(content='shouted', body);
create virtual table pages using dbstat(main);
