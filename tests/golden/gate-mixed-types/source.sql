create table surveys(id integer primary key, opened_at datetime, capacity integer not null, title text);
insert into surveys values
    (1, 1700000000000, 20, 'a'), (2, 1700000001000, '', 'b'), (3, '2024-10-01 09:00:00', 30, x'ff'), (4, '15.09.2024', 40, 'd');
