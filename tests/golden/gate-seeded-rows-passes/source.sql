create table roles(id integer primary key, name text);
insert into roles values(1, 'admin');
create table notes(id integer primary key);
insert into notes values(1);
