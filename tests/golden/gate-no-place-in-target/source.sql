create table notes(id integer primary key, body text, mood text);
create table drafts(id integer primary key);
insert into notes values(1, 'x', 'y');
insert into drafts values(1);
