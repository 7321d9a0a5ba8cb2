-- Without the hash it is somebody else's.
create table strapi_database_schema(id integer primary key, schema text);
insert into strapi_database_schema values (1, '{}');
