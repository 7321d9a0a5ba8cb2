create table SequelizeMeta(file text primary key);
insert into SequelizeMeta values ('20240915100000-boats.js');
