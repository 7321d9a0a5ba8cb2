-- Books of a GeoPackage that name no column that is there.
create table gpkg_geometry_columns(table_name text, column_name text, geometry_type_name text, srs_id integer, z integer, m integer);
create table roads(fid integer primary key, geom blob);
insert into gpkg_geometry_columns values ('roads', 'geometry', 'LINESTRING', 4326, 0, 0), ('rivers', 'geom', 'LINESTRING', 4326, 0, 0);
