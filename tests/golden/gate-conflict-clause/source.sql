create table settings(
    id integer primary key on conflict replace, name text unique on conflict ignore, value text not null on conflict fail default '',
    unique (name, value) on conflict rollback);
insert into settings values (1, 'a', 'x');
