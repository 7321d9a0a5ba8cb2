create table messages(id integer primary key, body text, name text);
insert into messages values
    (1, 'whole', 'a'), (77, cast(x'73616c' || x'00' || x'616d' as text), 'b'), (78, cast(x'ff41' as text), 'c'), (79, cast(x'ff00' as text), 'd');
