-- Text whatever its declared length; dates, UUIDs and JSON of several forms stay text and are named; under BLOB, bytea.
create table people(
    id integer primary key, name varchar(5) not null, born date, token uuid, extra json, notes blob, at_ time, counted integer);
insert into people values
    (1, 'Aysel Məmmədova', '1990-01-02', '0c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5', '{}', 'plain', '08:00', 1),
    (2, '', '2.1.1990', '0C1D2E3F4A5B6C7D8E9FA0B1C2D3E4F5', 'none', 'text', 'noon', 2),
    (3, 'Bo', '1990-01-03', '', '[1]', '', '08:30:15', 3);
