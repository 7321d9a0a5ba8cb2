insert into regions values (5, 'MT', 'Mtskheta');
