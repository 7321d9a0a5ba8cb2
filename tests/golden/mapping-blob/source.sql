-- Blobs become bytea; under a text declaration, text, if all of them are UTF-8 without a NUL byte.
create table files(id integer primary key, content blob not null, undeclared, bytes_as_text text, bytes_no_text text, name text);
insert into files values (1, x'00ff', x'01', x'c399', x'ff', 'a'), (2, x'', x'02', x'616263', x'61', 'b');
