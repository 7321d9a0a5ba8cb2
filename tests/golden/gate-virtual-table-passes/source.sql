-- Tables that are only called like the shadow tables of one.
create table notes_data(id integer primary key, block blob);
create table notes_idx(segid integer, term text, pgno integer, primary key (segid, term)) without rowid;
insert into notes_data values (1, x'00');
