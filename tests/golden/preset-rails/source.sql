CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);
CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "email" varchar DEFAULT '' NOT NULL, "admin" boolean DEFAULT 0 NOT NULL,
    "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE UNIQUE INDEX "index_users_on_email" ON "users" ("email");
insert into schema_migrations values ('20240915100000');
insert into ar_internal_metadata values ('environment', 'production', '2024-09-15 10:00:00.123456', '2024-09-15 10:00:00.123456');
insert into users values (1, 'ada@example.com', 1, '2024-09-15 10:00:00.123456', '2024-09-15 10:00:00.500000');
