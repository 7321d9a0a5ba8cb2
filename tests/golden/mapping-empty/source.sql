-- Columns without a value get the type that they declare; one value, and the values decide.
create table drafts(
    id integer primary key, label text, size integer, ratio real, price decimal(10,2), cost numeric, is_open boolean, due date,
    starts time, made datetime, payload json, token uuid, body blob, anything, shape polygon, status text not null);
create table posts(id integer primary key, size integer);
insert into posts values (1, 12), (2, null);
