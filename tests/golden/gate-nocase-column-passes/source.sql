create table users(id integer primary key, email text not null unique, name text collate binary);
insert into users values (1, 'Ada@example.com', 'Ada'), (2, 'ada@example.com', 'ada');
