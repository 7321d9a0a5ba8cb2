create table notes(id integer primary key, slug text, must text, parent integer);
insert into notes values(1, 'a', 'x', null), (2, null, '', 1), (3, null, 'z', 3);
