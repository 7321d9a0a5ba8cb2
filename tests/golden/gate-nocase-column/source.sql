create table users(id integer primary key, email text not null unique collate nocase, name text);
create table tags(name text primary key collate nocase);
create table codes(id integer primary key, code text);
create unique index codes_folded on codes(code collate nocase);
insert into users values (1, 'Ada@example.com', 'Ada');
insert into tags values ('urgent');
insert into codes values (1, 'A');
