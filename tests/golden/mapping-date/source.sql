-- Real calendar days only; an impossible one, or one with a time, keeps the column text.
create table terms(id integer primary key, begins date not null, seen datetime, impossible date, with_time date, declared_text text);
insert into terms values
    (1, '2024-09-15', '2024-09-16', '2023-02-29', '2024-09-15', '2024-09-15'),
    (2, '2025-01-10', null, '2024-02-29', '2024-09-15 10:00:00', '2025-01-10');
