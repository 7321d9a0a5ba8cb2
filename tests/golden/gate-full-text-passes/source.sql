-- A table that is only called like one, and an index of texts that it does not keep.
create table notes_fts(rowid integer primary key, body text);
create virtual table other using fts5(body, content='');
insert into notes_fts values (1, 'a');
