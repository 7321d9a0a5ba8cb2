create table notes(id integer primary key, body text);
insert into notes values(1, 'x');
