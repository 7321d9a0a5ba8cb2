-- Keys that just fit, and long cells that no index has.
create table pages(id integer primary key, url text unique, body text);
create index by_url on pages(url, id desc);
insert into pages values (1, substr(hex(zeroblob(1300)), 1, 2550), hex(zeroblob(9000)));
