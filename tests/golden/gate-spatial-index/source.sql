create virtual table places using rtree(id, min_x, max_x, min_y, max_y, +name text);
insert into places values (3, 0.1, 0.2, -1, 1, 'here');
create virtual table spans using rtree_i32(id, first, last);
insert into spans values (1, 5, 9);
