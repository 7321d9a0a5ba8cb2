-- Declared precision and scale hold where every value fits; else numeric without limits; a text makes it another rule's.
create table prices(
    id integer primary key, amount decimal(10,2) not null, too_fine decimal(10,2), too_large decimal(4,2), free numeric,
    wide decimal(30,10), with_text decimal(10,2), declared_real real);
insert into prices values (1, 12.5, 0.125, 99.99, 1.5, 12.5, 'free', 12.5), (2, 3, 2, 100, 2, 3, 4.5, 3.0);
