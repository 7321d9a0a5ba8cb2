-- One form a column, which is part of the conversion; `Z` or one offset makes it timestamptz; two forms stay text.
create table events(
    id integer primary key, naive datetime, with_t timestamp, zulu datetime, one_offset datetime, millis datetime,
    python datetime, minutes datetime, two_forms datetime, two_offsets datetime, impossible datetime, declared_text text);
insert into events values
    (1, '2024-02-29 10:30:00', '2024-02-29T10:30:00', '2024-02-29T10:30:00Z', '2024-02-29 10:30:00+04:00',
     '2024-02-29 10:30:00.120', '2024-02-29 10:30:00.123456', '2024-02-29 10:30', '2024-02-29 10:30:00',
     '2024-02-29 10:30:00+04:00', '2024-02-30 10:30:00', '2024-02-29 10:30:00'),
    (2, '2024-03-01 00:00:00', '2024-03-01T00:00:00', '2024-03-01T00:00:00Z', '2024-03-01 00:00:00+04:00',
     '2024-03-01 00:00:00.500', '2024-03-01 00:00:00', '2024-03-01 00:00', '01.03.2024 00:00',
     '2024-03-01 00:00:00+03:00', '2024-03-01 00:00:00', '2024-03-01 00:00:00');
