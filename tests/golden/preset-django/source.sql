CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL,
    "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "date_joined" datetime NOT NULL);
insert into django_migrations values (1, 'contenttypes', '0001_initial', '2024-09-15 10:00:00.123456');
insert into auth_user values (1, '!', null, 1, 'ada', '2024-09-15 10:00:01.500000'), (2, '!', null, 0, 'bo', '2024-09-15 10:00:02');
