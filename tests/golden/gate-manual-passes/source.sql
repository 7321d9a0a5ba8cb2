create table notes(
    id integer primary key, title text not null default 'none', size integer check (size >= 0),
    doubled integer generated always as (size * 2) stored);
create index notes_title on notes(title, size desc);
create view sized as select id, title, size from notes where size > 0;
insert into notes(id, title, size) values (1, 'a', 1);
