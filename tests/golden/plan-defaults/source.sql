create table notes(
    id integer primary key, title text not null default 'it''s', size integer default 0, ratio real default 1.5, note text default null,
    is_open boolean default 1, is_shut boolean default false, made datetime default current_timestamp, day date default current_date,
    token blob default x'00ff', negative integer default -5, summed integer default (1 + 2), lowered text default (lower('ABC')),
    hour time default current_time, quoted text default "double");
insert into notes(id, made, day, is_open) values (1, '2024-01-01 00:00:00', '2024-01-01', 1);
