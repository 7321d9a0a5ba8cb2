CREATE TABLE "flyway_schema_history" ("installed_rank" INT NOT NULL PRIMARY KEY, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL, "type" VARCHAR(20) NOT NULL,
    "script" VARCHAR(1000) NOT NULL, "checksum" INT, "installed_by" VARCHAR(100) NOT NULL, "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
    "execution_time" INT NOT NULL, "success" BOOLEAN NOT NULL);
CREATE INDEX "flyway_schema_history_s_idx" ON "flyway_schema_history" ("success");
CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
insert into flyway_schema_history values (1, '1', 'boats', 'SQL', 'V1__boats.sql', 1234567, '', '2024-09-15 10:00:00.123', 5, 1);
insert into boats values (1, 'Petrel');
