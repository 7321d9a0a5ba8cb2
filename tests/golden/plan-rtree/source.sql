-- Trees of one and three dimensions, and names that are taken.
create virtual table line using rtree(id, "a b", "c""d");
create virtual table solid using rtree(id, x0, x1, y0, y1, z0, z1, +label, +"size" real);
create table places_box_idx(a);
create virtual table places using rtree_i32(key, x0, x1, y0, y1);
insert into line values (-5, 1e300, 1e301);
insert into places values (9223372036854775807, -2147483648, 2147483647, 0, 0);
