create table notes(id integer primary key, title text);
create table log(id integer primary key, what text);
insert into notes values (1, 'a');
insert into log values (1, 'x'), (2, 'y');
