pragma application_id = 0x47504b47;
create table gpkg_geometry_columns(table_name text, column_name text, geometry_type_name text, srs_id integer, z integer, m integer);
create table roads(fid integer primary key autoincrement, geom LINESTRING, name text);
create table stops(fid integer primary key autoincrement, geom POINT);
insert into gpkg_geometry_columns values ('roads', 'geom', 'LINESTRING', 4326, 0, 0), ('stops', 'geom', 'POINT', 3857, 0, 0);
insert into roads values (1, x'47500001e6100000010200000000000000', 'a');
create virtual table rtree_roads_geom using rtree(id, minx, maxx, miny, maxy);
create trigger rtree_roads_geom_insert after insert on roads when (new."geom" notnull and not ST_IsEmpty(new."geom")) begin
    insert or replace into "rtree_roads_geom" values (new."fid", ST_MinX(new."geom"), ST_MaxX(new."geom"), ST_MinY(new."geom"), ST_MaxY(new."geom"));
end;
create trigger rtree_roads_geom_delete after delete on roads when old."geom" notnull begin
    delete from "rtree_roads_geom" where id = old."fid";
end;
