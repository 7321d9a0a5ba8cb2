create table _prisma_migrations(id text primary key);
insert into _prisma_migrations values ('a');
