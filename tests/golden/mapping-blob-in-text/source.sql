-- A few blobs among texts: text in the column, the originals in the quarantine.
create table notes(id integer primary key, body text, clean text);
insert into notes values (1, 'plain', 'a'), (2, x'616263', 'b'), (3, x'ff00', 'c');
