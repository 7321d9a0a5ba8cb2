create table notes(id integer primary key);
