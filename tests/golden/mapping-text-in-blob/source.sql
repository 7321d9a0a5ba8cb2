-- A few texts among blobs: bytes in the column, the originals in the quarantine.
create table cards(id integer primary key, signature blob, clean blob);
insert into cards values (1, x'89504e47', x'00'), (2, 'data:image/png;base64,iVBORw0KGgo=', x'01');
