-- Keys of more than 2,704 bytes: of a primary key, of unique indexes over one column and several, of indexes for speed.
create table pages(url text primary key, site integer, body text, thumb blob, unique (site, thumb));
create table links(id integer primary key, page text references pages(url));
create index by_body on pages(body);
create index by_site on pages(site, body desc);
create unique index by_folded on pages(lower(body)) where site > 0;
create index by_short on pages(site);
insert into pages values ('http://a/' || hex(zeroblob(1500)), 1, hex(zeroblob(2000)), zeroblob(2800)), ('b', 2, 'c', x'01');
insert into links values (1, 'b');
