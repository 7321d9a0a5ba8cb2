-- Both sides of a foreign key get one type: an empty side takes the other's, two forms of text stay text.
create table owners(id text primary key, label text);
create table pets(id integer primary key, owner_id integer references owners(id));
create table keys(id uuid primary key);
create table locks(id integer primary key, key_id uuid references keys(id));
insert into owners values ('a', 'Ada');
insert into keys values ('0c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5'), ('not a uuid');
insert into locks values (1, '0c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5');
