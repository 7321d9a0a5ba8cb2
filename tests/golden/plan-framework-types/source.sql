CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
CREATE TABLE "fleet_boat" ("id" char(32) NOT NULL PRIMARY KEY, "name" varchar(20) NOT NULL DEFAULT 'nameless', "nickname" varchar(4) NOT NULL, "berths" integer unsigned NOT NULL CHECK ("berths" >= 0),
    "masts" smallint unsigned NOT NULL CHECK ("masts" >= 0), "miles" integer NOT NULL, "afloat" bool NOT NULL, "launched" datetime NULL,
    "equipment" text NOT NULL CHECK ((JSON_VALID("equipment") OR "equipment" IS NULL)), "notes" text NOT NULL);
-- Nobody knows which integer a key is: it stays as wide as it can be, and so does what leads to it.
CREATE TABLE "fleet_trip" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "boat_id" char(32) NOT NULL REFERENCES "fleet_boat" ("id") DEFERRABLE INITIALLY DEFERRED,
    "before_id" integer NULL REFERENCES "fleet_trip" ("id") DEFERRABLE INITIALLY DEFERRED, "crew" integer NOT NULL);
CREATE INDEX "fleet_boat_name" ON "fleet_boat" ("name");
insert into django_migrations values (1, 'fleet', '0001_initial', '2024-09-15 10:00:00.123456');
insert into fleet_boat values ('048de1ec005e469db56a55746eb6d8a2', 'Petrel', 'too long for it', 4, 1, 3000000000, 1, '2024-01-02 03:04:05', '{"oars": 2}', 'leaks');
insert into fleet_boat values ('048de1ec005e469db56a55746eb6d8a3', 'Tern', 'tern', 2, 2, 12, 0, '2024-01-02 03:04:05.000006', '{"sail": "red"}', '');
insert into fleet_trip values (1, '048de1ec005e469db56a55746eb6d8a2', null, 3), (2, '048de1ec005e469db56a55746eb6d8a3', 1, 2);
