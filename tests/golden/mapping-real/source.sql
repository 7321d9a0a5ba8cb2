-- Reals become double precision, bit for bit, infinities included; one text beside them, and another rule decides.
create table measures(id integer primary key, value real not null, double_ double precision, undeclared, with_text real);
insert into measures values (1, 0.1, 9e999, 1.5, 2.5), (2, -0.0, -9e999, 2.5, 'n/a');
