create table notes(id integer primary key, slug text unique);
create view recent as select id from notes;
