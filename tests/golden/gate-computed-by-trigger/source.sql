-- The bytes of a text, which PostgreSQL does not call immutable.
create table cards(id integer primary key, note blob, size integer as (length(note)) stored, digits text generated always as (hex(note)) virtual);
insert into cards(id, note) values (1, x'616263'), (2, null);
create unique index by_digits on cards(digits);
