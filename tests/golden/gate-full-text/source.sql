-- A table that holds its texts, one that indexes another table, and one that finds parts of words.
create virtual table docs using fts5(title, body, slug unindexed, tokenize = 'porter unicode61');
insert into docs(rowid, title, body, slug) values (7, 'One', 'two three', 'one'), (9, 'Four', null, 'four');
create table notes(id integer primary key, title text, body text);
insert into notes values (1, 'a', 'b');
create virtual table notes_fts using fts5(title, body, content='notes', content_rowid='id');
create trigger notes_ai after insert on notes begin
    insert into notes_fts(rowid, title, body) values (new.id, new.title, new.body);
end;
create trigger notes_ad after delete on notes begin
    insert into notes_fts(notes_fts, rowid, title, body) values ('delete', old.id, old.title, old.body);
end;
create trigger notes_au after update on notes when new.body is not null begin
    insert into notes_fts(notes_fts, rowid, title, body) values ('delete', old.id, old.title, old.body);
    insert into notes_fts(rowid, title, body) values (new.id, new.title, new.body);
end;
create virtual table parts using fts5(word, tokenize = 'trigram');
create view found as select n.id, n.title from notes n join notes_fts f on f.rowid = n.id where notes_fts match 'a';
create view listed as select f.rowid as id, f.title from notes_fts f;
