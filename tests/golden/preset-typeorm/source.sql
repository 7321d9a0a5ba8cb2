CREATE TABLE "migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL);
CREATE TABLE "boat" ("id" varchar PRIMARY KEY NOT NULL, "name" varchar(40) NOT NULL, "afloat" boolean NOT NULL, "seen" datetime NOT NULL, "gear" text NOT NULL,
    "kind" varchar CHECK( "kind" IN ('sail','oar') ) NOT NULL, "price" decimal(10,2) NOT NULL, "created" datetime NOT NULL DEFAULT (datetime('now')));
insert into migrations values (1, 1726394400000, 'Boats1726394400000');
insert into boat values ('3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'Petrel', 1, '2024-09-15 10:00:00.678', '{"oars":2}', 'sail', 12.5, '2024-09-15 10:00:00');
