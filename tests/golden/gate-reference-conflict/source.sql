create table regions(id integer primary key, code text unique, name text);
insert into regions values (1, 'TB', 'Tbilisi'), (2, 'AJ', 'Adjara'), (3, null, 'Guria');
create table cities(region integer references regions(id), place integer, name text, primary key (region, place));
insert into cities values (1, 1, 'Tbilisi'), (2, 1, 'Batumi');
