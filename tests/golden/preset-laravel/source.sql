create table "migrations" ("id" integer primary key autoincrement not null, "migration" varchar not null, "batch" integer not null);
create table "users" ("id" integer primary key autoincrement not null, "name" varchar not null, "email" varchar not null,
    "email_verified_at" datetime, "password" varchar not null, "remember_token" varchar, "created_at" datetime, "updated_at" datetime);
create unique index "users_email_unique" on "users" ("email");
insert into migrations values (1, '0001_01_01_000000_create_users_table', 1);
insert into users values (1, 'Ada', 'ada@example.com', null, 'secret', null, '2024-09-15 10:00:00', '2024-09-15 10:00:00');
