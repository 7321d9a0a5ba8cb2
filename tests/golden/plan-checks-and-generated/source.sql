create table orders(
    id integer primary key, amount integer not null check (amount > 0), price real, status text constraint known check (status in ('open', 'shut')),
    total real generated always as (amount * price) virtual, label text generated always as (status || ':' || amount) stored,
    check (amount < 1000 or status = 'open'), constraint "Named One" check (length(status) <= 10));
insert into orders(id, amount, price, status) values (1, 2, 1.5, 'open'), (2, 3, 2.5, 'shut');
