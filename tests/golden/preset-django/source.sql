CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL,
    "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "date_joined" datetime NOT NULL);
-- A UUIDField, a JSONField, a DurationField, a DecimalField and a PositiveIntegerField.
CREATE TABLE "fleet_boat" ("id" char(32) NOT NULL PRIMARY KEY, "equipment" text NOT NULL CHECK ((JSON_VALID("equipment") OR "equipment" IS NULL)),
    "longest_trip" bigint NOT NULL, "price" decimal NOT NULL, "berths" integer unsigned NOT NULL CHECK ("berths" >= 0), "launched" date NOT NULL);
insert into django_migrations values (1, 'contenttypes', '0001_initial', '2024-09-15 10:00:00.123456');
insert into auth_user values (1, '!', null, 1, 'ada', '2024-09-15 10:00:01.500000'), (2, '!', null, 0, 'bo', '2024-09-15 10:00:02');
insert into fleet_boat values ('048de1ec005e469db56a55746eb6d8a2', '{"oars": [2, 2.5]}', 86402000003, 12.5, 4, '2024-01-02');
-- A column that looks like a UUIDField until one looks at its cells.
CREATE TABLE "fleet_seal" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "stamp" char(32) NOT NULL);
insert into fleet_seal values (1, '048de1ec005e469db56a55746eb6d8a2'), (2, 'lost at sea');
