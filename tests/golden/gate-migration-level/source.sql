CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
insert into django_migrations values (1, 'fleet', '0001_initial', '2024-09-15 10:00:00.123456'), (2, 'fleet', '0002_berths', '2024-09-15 10:00:00.223456');
