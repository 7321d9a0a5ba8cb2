create table notes(id integer primary key, title text, body text not null);
insert into notes values (1, 'a', 'x'), (2, null, 'y');
