-- A database without a table: nothing to move, and nothing to be proud of.
pragma user_version = 1;
