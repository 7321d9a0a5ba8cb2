create table notes(id integer primary key, body text);
create virtual table notes_search using fts5(body, content='notes', content_rowid='id');
create virtual table places using rtree(id, min_x, max_x);
insert into notes values (1, 'a');
insert into places values (1, 0.0, 1.0);
