create table notes(id integer primary key, parent integer references notes(id));
insert into notes values(1, null);
