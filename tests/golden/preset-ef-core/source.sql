CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY, "ProductVersion" TEXT NOT NULL);
CREATE TABLE "Boats" ("Id" TEXT NOT NULL CONSTRAINT "PK_Boats" PRIMARY KEY, "Name" TEXT NOT NULL, "Price" TEXT NOT NULL, "IsAfloat" INTEGER NOT NULL, "Launched" TEXT NOT NULL);
insert into "__EFMigrationsHistory" values ('20240915100000_First', '8.0.8');
insert into "Boats" values ('3F2504E0-4F89-11D3-9A0C-0305E82C3301', 'Petrel', '12.50', 1, '2024-09-15 10:00:00');
