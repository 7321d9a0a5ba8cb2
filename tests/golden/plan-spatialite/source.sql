-- What SpatiaLite leaves in a file: books, an R*Tree with the triggers that keep it in step, and modules of its own.
create table geometry_columns(f_table_name text not null, f_geometry_column text not null, geometry_type integer not null,
    coord_dimension integer not null, srid integer not null, spatial_index_enabled integer not null);
create table towns(pk_uid integer primary key autoincrement, name text, geometry POINT);
insert into geometry_columns values ('towns', 'geometry', 1, 2, 4326, 1);
insert into towns values (1, 'a', x'0001e61000007c01000000fe');
create virtual table idx_towns_geometry using rtree(pkid, xmin, xmax, ymin, ymax);
create trigger gii_towns_geometry after insert on towns for each row begin
    delete from idx_towns_geometry where pkid = new.rowid;
    select RTreeAlign('idx_towns_geometry', new.rowid, new.geometry);
end;
create trigger gid_towns_geometry after delete on towns for each row begin
    delete from idx_towns_geometry where pkid = old.rowid;
end;
create trigger ggi_towns_geometry before insert on towns for each row begin
    select raise(rollback, 'towns.geometry violates a geometry constraint') where (select geometry_type from geometry_columns
        where lower(f_table_name) = 'towns' and GeometryConstraints(new.geometry, geometry_type, srid) = 1) is null;
end;
