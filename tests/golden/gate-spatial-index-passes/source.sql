-- The R*Tree of a GeoPackage: its geometries are what comes across.
create table gpkg_geometry_columns(table_name text, column_name text, geometry_type_name text, srs_id integer, z integer, m integer);
create table roads(fid integer primary key, geom blob);
insert into gpkg_geometry_columns values ('roads', 'geom', 'LINESTRING', 4326, 0, 0);
create virtual table rtree_roads_geom using rtree(id, minx, maxx, miny, maxy);
