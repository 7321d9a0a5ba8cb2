-- One of each kind that has no exact counterpart.
create table notes(
    id integer primary key, title text not null, made text default (hex(randomblob(8))), size integer check (typeof(size) = 'integer'),
    code text generated always as (printf('%c', size)) virtual);
create index notes_printed on notes(printf('%c', size));
create view counted as select sqlite_version() as version, count(*) as notes from notes;
insert into notes(id, title, made, size) values (1, 'a', 'x', 1);
create trigger notes_ignored before insert on notes begin select raise(ignore); end;
