create table DATABASECHANGELOG(ID varchar(255) primary key, AUTHOR varchar(255));
insert into DATABASECHANGELOG values ('1', 'ada');
